/**
 * The messages of a stream: the index, the engine and the totals, kept in step.
 *
 * @module
 */

import type { Clock, Random } from "../../runtime/mod.ts";
import type { Append, StoredMessage, StoreListener } from "../contract.ts";
import { type Engine, type Positions, Removal } from "../engine.ts";
import { NONE } from "../index/message_index.ts";
import { ABSENT } from "../index/subject_table.ts";
import { MessageCursor } from "../record_writer.ts";
import { MessageSet } from "./message_set.ts";
import { TimeStamp } from "./time_stamp.ts";

/**
 * Messages of one batch between two looks at the clock, which costs as much as
 * everything else that is done for a message.
 */
const LOOK = 128;

/** What a log needs. */
export interface LogParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly listener: StoreListener;
  /** @param positions of the log's messages */
  readonly engine: (positions: Positions) => Engine;
  /** Messages that the engine has already. */
  readonly found: MessageSet | null;
}

/** A message that has gone on its own, and what went after it. */
export interface Departure {
  readonly sequence: number;
  readonly subject: string;
  next: Departure | null;
}

/** Adds and drops messages; knows no limits. */
export class MessageLog extends MessageSet {
  readonly engine: Engine;
  readonly listener: StoreListener;
  readonly lastTime: TimeStamp = new TimeStamp();
  /** Counts that are under way, and want to know what goes meanwhile. */
  counts = 0;
  /** The last departure that they may want to know of. */
  departed: Departure = { sequence: 0, subject: "", next: null };
  /** Whether it is known where it begins, although there is no message yet. */
  #hasBegun = false;
  /** Messages since the clock was looked at. */
  #sinceLook = 0;
  readonly #ending = () => this.endBatch();
  readonly #clock: Clock;
  readonly #cursor = new MessageCursor((id) => this.subjects.name(id));

  constructor({ clock, random, listener, engine, found }: LogParts) {
    super(random, found);
    this.#clock = clock;
    this.listener = listener;
    this.engine = engine(this.index);
  }

  /** What comes next comes at another time. */
  endBatch(): void {
    this.#sinceLook = 0;
  }

  /** Whoever forgets to end a batch has it end with the turn at the latest. */
  #look(): void {
    this.lastTime.advance(this.#clock);
    if (this.#sinceLook === 0) void Promise.resolve().then(this.#ending);
  }

  /** Bytes that a message would count. */
  sizeOf({ subject, body }: Append): number {
    const headerSize = Math.max(0, body.headerSize);
    return this.engine.messageSize(
      subject.length,
      headerSize,
      body.bodyEnd - body.bodyStart - headerSize,
    );
  }

  /** The subject of a message that is there. */
  subjectOf(sequence: number): string {
    const id = this.index.subject(sequence);
    return id === NONE ? "" : this.subjects.name(id);
  }

  /** Bytes of the subject of a message that is there. */
  subjectSize(sequence: number): number {
    return this.subjects.nameSize(this.index.subject(sequence));
  }

  /** Stores a message behind the last. @returns the id of its subject */
  append(sequence: number, message: Append, size: number): number {
    const time = this.lastTime;
    if (message.time !== undefined) time.nanos = message.time;
    else if (this.#sinceLook % LOOK !== 0) time.step();
    else this.#look();
    this.#sinceLook++;
    const { subject } = message;
    const { high, low } = time;
    const position = this.engine.append(
      sequence,
      high,
      low,
      subject,
      message.body,
    );
    if (this.messages === 0) this.firstSequence = sequence;
    const { subjects } = this;
    let id = subjects.find(subject);
    if (id === ABSENT) id = subjects.add(subject);
    this.enter(sequence, id, position, size);
    return id;
  }

  /** Takes note that it was purged, although it had no message. */
  recoverBeginning(): void {
    this.#hasBegun = true;
  }

  /** Takes note of where the stream ends. */
  recoverEnd(last: number, high: number, low: number): void {
    this.lastSequence = Math.max(this.lastSequence, last);
    if (this.messages === 0) this.firstSequence = this.lastSequence + 1;
    this.lastTime.high = high;
    this.lastTime.low = low;
  }

  /** Uses up sequences behind the last. @param touch whether that counts as activity */
  skip(count: number, touch: boolean): void {
    const first = this.lastSequence + 1;
    const last = this.lastSequence + count;
    if (touch || this.lastTime.isZero) this.lastTime.advance(this.#clock);
    const { high, low } = this.lastTime;
    this.engine.skip(first, last, high, low);
    this.lastSequence = last;
    if (this.messages === 0) this.firstSequence = last + 1;
  }

  /** Removes a message and tells the listener. @returns false: there is none */
  remove(sequence: number, why: Removal): boolean {
    const id = this.index.subject(sequence);
    if (id === NONE) return false;
    const subject = this.subjects.name(id);
    this.tellGone(sequence, subject, this.drop(sequence, why));
    return true;
  }

  /** The same, and overwrites its bytes. */
  erase(sequence: number): boolean {
    const position = this.index.position(sequence);
    if (position === NONE) return false;
    const subject = this.subjectOf(sequence);
    const size = this.engine.size(sequence, position);
    this.#leave(sequence, size);
    this.engine.erase(sequence, position, size);
    this.tellGone(sequence, subject, size);
    return true;
  }

  /** Removes a message that is there and tells nobody. @returns its bytes */
  drop(sequence: number, why: Removal): number {
    const position = this.index.position(sequence);
    const size = this.engine.size(sequence, position);
    this.#leave(sequence, size);
    this.engine.remove(sequence, position, size, why);
    return size;
  }

  /** A message that is there is lost, with `size` bytes. */
  lose(sequence: number, size: number): void {
    const subject = this.subjectOf(sequence);
    this.#leave(sequence, size);
    this.tellGone(sequence, subject, size);
  }

  /** Tells of a single message that has gone, and its bytes. */
  tellGone(sequence: number, subject: string, size: number): void {
    if (this.counts > 0) {
      this.departed = this.departed.next = { sequence, subject, next: null };
    }
    this.listener.changed(-1, -size, sequence, subject);
  }

  /**
   * Takes messages in front of `end` out of the index, and tells nobody: the
   * block that they are in goes next, with {@linkcode dropFront}.
   * @param end as the engine's `frontEnd` tells
   * @param most so many at once
   * @returns whether there are more
   */
  leaveFront(end: number, most: number): boolean {
    const { index, subjects } = this;
    let sequence = index.next(this.firstSequence);
    for (let i = 0; i < most && sequence !== 0 && sequence < end; i++) {
      const id = index.subject(sequence);
      const count = subjects.count(id) - 1;
      if (count === 0) subjects.delete(id);
      else {
        subjects.setCount(id, count);
        subjects.setFirst(id, index.nextOfSubject(sequence));
      }
      index.remove(sequence);
      this.messages--;
      sequence = index.next(sequence);
    }
    this.firstSequence = sequence === 0 ? this.lastSequence + 1 : sequence;
    return sequence !== 0 && sequence < end;
  }

  /** Drops the blocks in front of `end`, which hold nothing any more. */
  dropFront(end: number): void {
    this.bytes -= this.engine.dropFront?.(end) ?? 0;
  }

  /** Takes a message of `size` bytes out of index and totals. */
  #leave(sequence: number, size: number): void {
    const { index, subjects } = this;
    const id = index.subject(sequence);
    const count = subjects.count(id) - 1;
    if (count === 0) subjects.delete(id);
    else {
      subjects.setCount(id, count);
      if (subjects.first(id) === sequence) {
        subjects.setFirst(id, index.nextOfSubject(sequence));
      }
      if (subjects.last(id) === sequence) {
        subjects.setLast(id, index.previousOfSubject(sequence));
      }
    }
    index.remove(sequence);
    this.messages--;
    this.bytes -= size;
    if (sequence === this.firstSequence) this.#advanceFirst();
  }

  /** Moves `firstSequence` on to the first message there is. */
  #advanceFirst(): void {
    this.firstSequence = this.messages === 0
      ? this.lastSequence + 1
      : this.index.next(this.firstSequence);
  }

  /** Nothing was ever stored, skipped or purged. */
  get isUntouched(): boolean {
    return this.lastSequence === 0 && !this.#hasBegun;
  }

  /** Forgets all messages; the next has the sequence behind `last`. */
  clear(last: number): void {
    this.#hasBegun = true;
    this.index.clear();
    this.subjects.clear();
    this.messages = this.bytes = 0;
    this.lastSequence = last;
    this.firstSequence = last + 1;
    this.engine.clear(last, this.lastTime.high, this.lastTime.low);
  }

  /** Forgets all messages and where they began. */
  forget(): void {
    this.clear(0);
    this.#hasBegun = false;
  }

  /**
   * Forgets all messages but the last, and tells nobody.
   * @returns false when that is not there or can't be read
   */
  keepLast(): boolean {
    const { lastSequence: last, engine, index } = this;
    const size = index.has(last) ? engine.size(last, index.position(last)) : 0;
    const message = this.load(last);
    if (message === null) return false;
    const { subject, timeHigh, timeLow } = message;
    const position = engine.keepOnly(last, timeHigh, timeLow, subject, message);
    index.clear();
    this.subjects.clear();
    this.messages = this.bytes = 0;
    this.firstSequence = last;
    this.enter(last, this.subjects.add(subject), position, size);
    return true;
  }

  /** Drops everything above `sequence` and tells nobody. */
  truncate(sequence: number): void {
    if (sequence >= this.lastSequence) return;
    for (;;) {
      const last = this.index.previous(this.lastSequence);
      if (last <= sequence) break;
      this.drop(last, Removal.limit);
      this.lastSequence = last - 1;
    }
    this.lastSequence = sequence;
    if (this.messages === 0) this.firstSequence = sequence + 1;
    const position = this.index.position(sequence);
    if (position !== NONE) {
      this.lastTime.nanos = this.engine.time(sequence, position);
    }
    const { high, low } = this.lastTime;
    this.engine.dropAbove(sequence, high, low);
  }

  /** The message, which is valid until the log is used again; or null. */
  load(sequence: number): StoredMessage | null {
    const { index, engine } = this;
    if (!index.seek(sequence)) return null;
    const { foundPosition, foundSubject } = index;
    const subjectSize = this.subjects.nameSize(foundSubject);
    if (!engine.locate(sequence, foundPosition, subjectSize)) return null;
    return this.#cursor.moveTo(engine.chunk, engine.at, foundSubject);
  }

  /** Time of a message that is there. */
  timeOf(sequence: number): bigint {
    return this.engine.time(sequence, this.index.position(sequence));
  }

  /** Wall clock, nanoseconds. */
  now(): bigint {
    return this.#clock.nowNanos();
  }
}
