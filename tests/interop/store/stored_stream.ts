/**
 * A stream's directory, read and written with our codecs.
 *
 * @module
 */

import {
  checkedBody,
  decodeConsumerState,
  decodeExpiries,
  decodeSchedules,
  encodeConsumerState,
  encodeExpiries,
  encodeSchedules,
  withChecksum,
} from "../../unit/store/format/at_once.ts";
import { finish } from "../../../src/connection/mod.ts";
import { type Chunk, copyChunk } from "../../../src/protocol/mod.ts";
import {
  type AssetKey,
  beginRecord,
  BlockCipher,
  blockContents,
  compressBlock,
  type ConsumerState,
  CORRUPT_STATE,
  decodeSources,
  deriveKey,
  encodeSources,
  HashKey,
  HighwayHash,
  IndexReader,
  IndexWriter,
  keyContext,
  metaChecksum,
  NONCE_SIZES,
  open,
  openKey,
  RecordFault,
  recordTimeHigh,
  recordTimeLow,
  RecordView,
  seal,
  sealKey,
  type StoreCipher,
  writeHeaderSize,
} from "../../../src/store/mod.ts";
import { assert, assertEquals } from "@std/assert";

const BLOCK_SIZE_MAX = 1 << 20;

/** How the store is encrypted. */
export interface Encryption {
  readonly cipher: StoreCipher;
  readonly secret: string;
}

/** What has been seen in files. */
export class Tally {
  blocks = 0;
  compressed = 0;
  records = 0;
  withHeader = 0;
  noMessage = 0;
  tombstones = 0;
  deleted = 0;
  expiries = 0;
  schedules = 0;
  sources = 0;
  pending = 0;
  redelivered = 0;
}

/** Reads all files of a stream in account `$G` and makes them again. */
export class StoredStream {
  readonly #directory: string;
  readonly #name: string;
  readonly #encryption: Encryption | null;
  readonly #hash = new HighwayHash(BLOCK_SIZE_MAX);
  readonly #target = new HighwayHash(BLOCK_SIZE_MAX);
  readonly tally: Tally;

  constructor(
    directory: string,
    name: string,
    encryption: Encryption | null,
    tally: Tally,
  ) {
    this.tally = tally;
    this.#directory = `${directory}/jetstream/$G/streams/${name}`;
    this.#name = name;
    this.#encryption = encryption;
  }

  /**
   * Decodes every file, encodes it again, and demands the same bytes but for
   * compressed blocks; writes what it encoded.
   */
  async remake(): Promise<void> {
    const name = this.#name;
    const key = HashKey.ofStream(name);
    const streamKey = await this.#key("meta.key", keyContext.stream(name));
    await this.#remakeMeta("", key, streamKey);
    await this.#remakeSideFiles();
    await this.#remakeFile("msgs/index.db", (file) => {
      const body = checkedBody(this.#hash, key, file, CORRUPT_STATE);
      const again = this.#reseal(
        streamKey,
        body,
        (plain) => this.#remakeIndex(plain),
      );
      return withChecksum(this.#hash, key, again);
    });
    for (const file of await this.#list("msgs")) {
      const number = /^(\d+)\.blk$/.exec(file)?.[1];
      if (number !== undefined) await this.#remakeBlock(Number(number));
    }
    for (const consumer of await this.#list("obs")) {
      await this.#remakeConsumer(consumer);
    }
  }

  async #remakeMeta(
    folder: string,
    key: HashKey,
    assetKey: AssetKey | null,
  ): Promise<void> {
    const meta = await this.#read(`${folder}meta.inf`);
    assert(meta !== null);
    const again = this.#reseal(assetKey, meta, (plain) => {
      const { name, Name } = JSON.parse(new TextDecoder().decode(plain));
      assert(name !== undefined || Name !== undefined);
      return plain;
    });
    assertEquals(again, meta);
    await this.#remakeFile(
      `${folder}meta.sum`,
      () => new TextEncoder().encode(metaChecksum(this.#hash, key, meta)),
    );
  }

  async #remakeSideFiles(): Promise<void> {
    const { tally } = this;
    await this.#remakeFile("msgs/thw.db", (file) => {
      const { stamp, entries } = decodeExpiries(file);
      tally.expiries += entries.length;
      return encodeExpiries(stamp, entries.length, entries);
    });
    await this.#remakeFile("msgs/sched.db", (file) => {
      const { stamp, entries } = decodeSchedules(file);
      tally.schedules += entries.length;
      return encodeSchedules(stamp, entries);
    });
    await this.#remakeFile("sources.db", (file) => {
      const { stamp, entries } = decodeSources(file);
      tally.sources += entries.size;
      return encodeSources(stamp, entries);
    });
  }

  #remakeIndex(bytes: Uint8Array): Uint8Array {
    const reader = new IndexReader(bytes);
    const subjects = [];
    for (let next = reader.nextSubject(); next !== null;) {
      subjects.push(next);
      next = reader.nextSubject();
    }
    const writer = new IndexWriter(reader.stream, subjects.length);
    for (const { subject, messages, firstBlock, lastBlock } of subjects) {
      writer.subject(subject, messages, firstBlock, lastBlock);
    }
    const blocks = [];
    for (let next = reader.nextBlock(); next !== null;) {
      blocks.push(next);
      this.tally.deleted += next.deleted?.size ?? 0;
      next = reader.nextBlock();
    }
    writer.blocks(blocks.length);
    for (const block of blocks) writer.block(block);
    return writer.end(reader.end());
  }

  async #remakeBlock(number: number): Promise<void> {
    const key = await this.#key(
      `msgs/${number}.key`,
      keyContext.block(this.#name, number),
    );
    const file = await this.#read(`msgs/${number}.blk`);
    assert(file !== null);
    const cipher = this.#encryption !== null && key !== null
      ? new BlockCipher(this.#encryption.cipher, key)
      : null;
    const plain = cipher?.apply(file, 0) ?? file;
    const hashKey = HashKey.ofBlock(this.#name, number);
    const { records, wasCompressed } = blockContents(
      this.#hash,
      hashKey,
      plain,
    );
    this.#relay(hashKey, records);
    this.tally.blocks++;
    if (wasCompressed) this.tally.compressed++;
    const again = wasCompressed ? finish(compressBlock(records)) : records;
    const encrypted = cipher?.apply(again, 0) ?? again;
    if (!wasCompressed) assertEquals(encrypted, file);
    await this.#write(`msgs/${number}.blk`, encrypted);
  }

  /** Verifies all records, lays them out again elsewhere, and compares. */
  #relay(key: HashKey, records: Uint8Array): void {
    const { room } = this.#hash;
    const { size } = { size: records.length };
    room.bytes.set(records);
    const fault = this.#hash.verifyRecords(key, 0, size, size);
    assertEquals([fault, this.#hash.verifiedEnd], [RecordFault.None, size]);
    this.tally.records += this.#hash.verifiedRecords;
    const target = this.#target;
    const view = new RecordView();
    for (let at = 0; at < size; at += view.size) {
      assertEquals(view.read(room, at, size), RecordFault.None);
      writeAgain(target.room, at, room, view);
      target.sealRecord(key, at);
      if (view.hasHeader) this.tally.withHeader++;
      if (view.kind === 1) this.tally.noMessage++;
      if (view.kind === 2) this.tally.tombstones++;
    }
    assertEquals(target.room.bytes.slice(0, size), records);
  }

  async #remakeConsumer(consumer: string): Promise<void> {
    const folder = `obs/${consumer}/`;
    const context = keyContext.consumer(this.#name, consumer);
    const key = await this.#key(`${folder}meta.key`, context);
    const hashKey = HashKey.ofConsumer(this.#name, consumer);
    await this.#remakeMeta(folder, hashKey, key);
    const path = `${folder}o.dat`;
    const { mtime } = await Deno.stat(`${this.#directory}/${path}`);
    await this.#remakeFile(path, (file) =>
      this.#reseal(key, file, (plain) => {
        const state = decodeConsumerState(plain);
        this.tally.pending += state.pending.size;
        this.tally.redelivered += state.redelivered.size;
        return encodedAround(state, Number(mtime), plain);
      }));
  }

  /** The key of an asset; its file, made again, is the same. */
  async #key(path: string, context: string): Promise<AssetKey | null> {
    if (this.#encryption === null) return null;
    const { cipher, secret } = this.#encryption;
    const file = await this.#read(path);
    assert(file !== null);
    const kek = deriveKey(secret, "$G", context);
    const key = openKey(cipher, kek, file);
    assertEquals(sealKey(cipher, kek, key), file);
    return key;
  }

  /** Lets `remake` work on what is sealed, and seals it as it was. */
  #reseal(
    key: AssetKey | null,
    file: Uint8Array,
    remake: (plain: Uint8Array) => Uint8Array,
  ): Uint8Array {
    if (this.#encryption === null || key === null) return remake(file);
    const { cipher } = this.#encryption;
    const nonce = file.slice(0, NONCE_SIZES[cipher]);
    const plain = open(cipher, key.seed, file);
    return seal(cipher, key.seed, nonce, remake(plain));
  }

  /** Makes a file again, if it is there, and demands the same bytes. */
  async #remakeFile(
    path: string,
    remake: (file: Uint8Array) => Uint8Array,
  ): Promise<void> {
    const file = await this.#read(path);
    if (file === null) return;
    const again = remake(file);
    assertEquals(again, file, path);
    await this.#write(path, again);
  }

  async #read(path: string): Promise<Uint8Array | null> {
    try {
      return await Deno.readFile(`${this.#directory}/${path}`);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      throw error;
    }
  }

  #write(path: string, bytes: Uint8Array): Promise<void> {
    return Deno.writeFile(`${this.#directory}/${path}`, bytes);
  }

  async #list(folder: string): Promise<string[]> {
    const names: string[] = [];
    try {
      for await (
        const { name } of Deno.readDir(`${this.#directory}/${folder}`)
      ) {
        names.push(name);
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    return names;
  }
}

/** Writes the record that `view` has read, but for its checksum. */
function writeAgain(
  target: Chunk,
  at: number,
  source: Chunk,
  view: RecordView,
): void {
  const start = view.subjectStart - 22;
  let next = beginRecord(
    target,
    at,
    view.size,
    view.hasHeader,
    view.kind,
    view.sequence,
    recordTimeHigh(source, start),
    recordTimeLow(source, start),
    view.subjectEnd - view.subjectStart,
  );
  const copy = (from: number, to: number) => {
    next = copyChunk(target, next, source, from, to);
  };
  copy(view.subjectStart, view.subjectEnd);
  if (view.hasHeader) {
    next = writeHeaderSize(target, next, view.headerEnd - view.headerStart);
    copy(view.headerStart, view.headerEnd);
  }
  copy(view.headerEnd, view.messageEnd);
}

/** The state as it was encoded when the file was written, within seconds. */
function encodedAround(
  state: ConsumerState,
  written: number,
  original: Uint8Array,
): Uint8Array {
  let encoded = encodeConsumerState(state, written);
  for (let offset = -3_000; offset <= 3_000; offset += 500) {
    encoded = encodeConsumerState(state, written + offset);
    if (encoded.every((byte, i) => byte === original[i])) break;
  }
  return encoded;
}
