/**
 * Reply subjects that are owed an empty message.
 *
 * @module
 */

import { Chunk, copyChunk, EMPTY_CHUNK, Message } from "../../protocol/mod.ts";

const SIZE_MIN = 1024;
/** A larger buffer is not kept, bytes. */
const SIZE_KEPT = 65_536;

/** Their bytes one behind the other. */
export class ReplyList {
  #chunk = EMPTY_CHUNK;
  #ends: number[] = [];
  #end = 0;

  get isEmpty(): boolean {
    return this.#ends.length === 0;
  }

  /** Remembers the reply subject of a message. */
  add({ replyChunk, replyStart, replyEnd }: Message): void {
    const size = this.#end + replyEnd - replyStart;
    if (size > this.#chunk.size) {
      const larger = new Chunk(Math.max(SIZE_MIN, 2 * size));
      larger.bytes.set(this.#chunk.bytes.subarray(0, this.#end));
      this.#chunk = larger;
    }
    this.#end = copyChunk(
      this.#chunk,
      this.#end,
      replyChunk,
      replyStart,
      replyEnd,
    );
    this.#ends.push(this.#end);
  }

  /** Gives an empty message for each, and forgets them. */
  flush(send: (message: Message) => void): void {
    const ends = this.#ends;
    const chunk = this.#chunk;
    this.#ends = [];
    this.#chunk = EMPTY_CHUNK;
    this.#end = 0;
    const message = new Message();
    message.subjectChunk = chunk;
    for (const end of ends) {
      message.subjectStart = message.subjectEnd;
      message.subjectEnd = end;
      send(message);
    }
    if (this.#ends.length === 0 && chunk.size <= SIZE_KEPT) {
      this.#chunk = chunk;
    }
  }
}
