/**
 * The codecs of the store's files, fed with damaged and arbitrary bytes: they
 * give a value or a `DecodeError`, soon, and never anything else. The checks in
 * WebAssembly are compared with the same in plain code.
 *
 * Replay a failure with the seed it prints: `FUZZ_SEED=<seed> deno task test`.
 */

import {
  decodeConsumerState,
  decodeExpiries,
  decodeSchedules,
  encodeDirectory,
} from "../unit/store/format/at_once.ts";
import { assert, assertEquals } from "@std/assert";
import { finish } from "../../src/connection/mod.ts";
import {
  Chunk,
  S2Decoder,
  S2Encoder,
  S2Error,
} from "../../src/protocol/mod.ts";
import {
  ArchiveDecoder,
  blockContents,
  ByteReader,
  ByteWriter,
  decodeDigest,
  decodeDirectory,
  DecodeError,
  decodeReplicatedState,
  decodeSequenceSet,
  decodeSources,
  DigestedMessages,
  encodeReplicatedState,
  encodeSequenceSet,
  HashKey,
  HighwayHash,
  IndexReader,
  open,
  openKey,
  RecordFault,
  RecordView,
  SequenceSet,
  TarDecoder,
  writeArchiveEntry,
  writeArchiveStart,
  writeTarEnd,
  writeTarFile,
} from "../../src/store/mod.ts";
import { SeededRandom } from "../sim/ports/random.ts";
import { print } from "../tools/print.ts";
import {
  BLOCK,
  BLOCK_DIGEST,
  COMPRESSED_BLOCK,
  CONSUMER_STATE,
  DIRECTORY,
  INDEX,
  SCHEDULES,
  SOURCES,
  TTL_WHEEL,
} from "../unit/store/format/samples.ts";

const seed = Number(Deno.env.get("FUZZ_SEED") ?? 20_261_128);
const ROUNDS = 1_500;

const key = HashKey.ofBlock("ORDERS", 1);
const hash = new HighwayHash(100_000);

interface Format {
  readonly name: string;
  readonly sample: Uint8Array;
  decode(bytes: Uint8Array): void;
}

const FORMATS: readonly Format[] = [
  { name: "o.dat", sample: CONSUMER_STATE, decode: decodeConsumerState },
  { name: "thw.db", sample: TTL_WHEEL, decode: decodeExpiries },
  { name: "sched.db", sample: SCHEDULES, decode: decodeSchedules },
  { name: "sources.db", sample: SOURCES, decode: decodeSources },
  { name: "index.db", sample: INDEX.subarray(0, -8), decode: readIndex },
  {
    name: "messages.idx",
    sample: encodeDirectory(DIRECTORY),
    decode: (bytes) => finish(decodeDirectory(bytes)),
  },
  {
    name: "N.idx",
    sample: BLOCK_DIGEST,
    decode: (bytes) => decodeDigest(bytes, new DigestedMessages()),
  },
  { name: "sequence set", sample: sequenceSet(), decode: readSet },
  {
    name: "replicated state",
    sample: replicatedState(),
    decode: decodeReplicatedState,
  },
  {
    name: "compressed block",
    sample: COMPRESSED_BLOCK,
    decode: (bytes) => blockContents(hash, key, bytes),
  },
  { name: "S2 stream", sample: s2Stream(), decode: readStream },
  { name: "archive", sample: archive(), decode: readArchive },
  { name: "tar", sample: tar(), decode: readTar },
  {
    name: "key file",
    sample: new Uint8Array(72),
    decode: (bytes) => openKey("chacha", new Uint8Array(32), bytes),
  },
  {
    name: "sealed file",
    sample: new Uint8Array(60),
    decode: (bytes) => open("aes", new Uint8Array(32), bytes),
  },
];

function readIndex(bytes: Uint8Array): void {
  const reader = new IndexReader(bytes);
  while (reader.nextSubject() !== null);
  while (reader.nextBlock() !== null);
  reader.end();
}

function sequenceSet(): Uint8Array {
  const out = new ByteWriter();
  encodeSequenceSet(SequenceSet.of([1, 70, 5_000, 2 ** 40]), out);
  return out.written;
}

function readSet(bytes: Uint8Array): void {
  const set = decodeSequenceSet(new ByteReader(bytes, "bad"));
  assertEquals([...set].length, set.size);
}

function replicatedState(): Uint8Array {
  return encodeReplicatedState({
    messages: 5,
    bytes: 500,
    firstSequence: 1,
    lastSequence: 100,
    failed: 1,
    sources: new Map([["S > >", { sequence: 4, identity: "x" }]]),
    deleted: [SequenceSet.of([3, 4]), { first: 10, count: 9 }],
  });
}

function s2Stream(): Uint8Array {
  const text = "a stream with words, with words, with words again ".repeat(9);
  return new S2Encoder().encode(new TextEncoder().encode(text));
}

function readStream(bytes: Uint8Array): void {
  const decoder = new S2Decoder();
  decoder.decode(bytes);
  decoder.end();
}

function archive(): Uint8Array {
  const out = new ByteWriter();
  writeArchiveStart(out);
  for (let sequence = 0; sequence < 4; sequence++) {
    const content = new Uint8Array(30 * sequence);
    const headerSize = sequence;
    writeArchiveEntry(out, {
      name: `n.${sequence}`,
      time: 5n,
      sequence,
      headerSize,
      content,
    });
  }
  return out.written;
}

function readArchive(bytes: Uint8Array): void {
  const decoder = new ArchiveDecoder();
  decoder.push(bytes);
  while (decoder.next() !== null);
  decoder.end();
}

function tar(): Uint8Array {
  const out = new ByteWriter();
  writeTarFile(out, "meta.inf", new Uint8Array(600), 1_000_000_001n);
  writeTarFile(out, "msgs/1.blk", new Uint8Array(5), 0n);
  writeTarEnd(out);
  return out.written;
}

function readTar(bytes: Uint8Array): void {
  const decoder = new TarDecoder();
  decoder.push(bytes);
  while (decoder.next() !== null);
  decoder.end();
}

/** `sample` with something done to it, or something else altogether. */
function damaged(sample: Uint8Array, random: SeededRandom): Uint8Array {
  const kind = random.below(6);
  if (kind === 0) return sample.subarray(0, random.below(sample.length + 1));
  if (kind === 1) {
    const noise = new Uint8Array(random.below(300));
    random.fill(noise);
    return noise;
  }
  if (kind === 2) {
    // A part of it twice.
    const at = random.below(sample.length);
    const end = at + random.below(sample.length - at);
    return Uint8Array.from([
      ...sample.subarray(0, end),
      ...sample.subarray(at),
    ]);
  }
  const bytes = sample.slice();
  for (let changes = 1 + random.below(4); changes > 0; changes--) {
    const at = random.below(bytes.length);
    const value = random.below(256);
    bytes[at] = random.chance(0.3) ? (random.chance(0.5) ? 0xff : 0) : value;
  }
  return bytes;
}

for (const { name, sample, decode } of FORMATS) {
  Deno.test(`${name}: damaged bytes give a value or a DecodeError`, () => {
    print(`FUZZ_SEED=${seed}`);
    const random = new SeededRandom(BigInt(seed));
    for (let round = 0; round < ROUNDS; round++) {
      const bytes = damaged(sample, random);
      try {
        decode(bytes);
      } catch (error) {
        if (error instanceof DecodeError || error instanceof S2Error) continue;
        throw new Error(`round ${round}: ${bytes.toHex()}`, { cause: error });
      }
    }
  });
}

/** What `verifyRecords` does, in plain code. */
function verifyPlainly(
  block: Chunk,
): [RecordFault, end: number, count: number] {
  const view = new RecordView();
  let count = 0;
  for (let at = 0; at < block.size; count++) {
    const fault = view.read(block, at, block.size);
    if (fault === RecordFault.Overrun || fault === RecordFault.Lengths) {
      return [fault, at, count];
    }
    const end = at + view.size;
    const rest = block.bytes.subarray(
      view.hasHeader ? view.subjectEnd + 4 : view.subjectEnd,
      end - 8,
    );
    const sum = hash.sum(
      key,
      block.bytes.subarray(at + 4, at + 20),
      block.bytes.subarray(view.subjectStart, view.subjectEnd),
      rest,
    );
    const found = block.bytes.subarray(end - 8, end);
    if (!sum.every((byte, i) => byte === found[i])) {
      return [RecordFault.Checksum, at, count];
    }
    assert(hash.isIntactIn(key, block, at, view.size));
    at = end;
  }
  return [RecordFault.None, block.size, count];
}

Deno.test("records are checked in WebAssembly as in plain code", () => {
  print(`FUZZ_SEED=${seed}`);
  const random = new SeededRandom(BigInt(seed));
  for (let round = 0; round < ROUNDS; round++) {
    const bytes = damaged(BLOCK, random);
    hash.room.bytes.set(bytes);
    const size = bytes.length;
    const fault = hash.verifyRecords(key, 0, size, size);
    assertEquals(
      [fault, hash.verifiedEnd, hash.verifiedRecords],
      verifyPlainly(Chunk.of(bytes)),
      bytes.toHex(),
    );
  }
});

Deno.test("random data survive S2 and Snappy", () => {
  print(`FUZZ_SEED=${seed}`);
  const random = new SeededRandom(BigInt(seed));
  for (let round = 0; round < 300; round++) {
    const data = new Uint8Array(random.below(3_000));
    random.fill(data);
    // A small alphabet repeats itself; copies make long matches.
    const letters = 1 + random.below(random.chance(0.5) ? 4 : 256);
    data.forEach((byte, i) => data[i] = byte % letters);
    for (let copies = random.below(10); copies > 0; copies--) {
      const from = random.below(data.length);
      data.copyWithin(
        random.below(data.length),
        from,
        from + random.below(900),
      );
    }
    for (const format of ["s2", "snappy"] as const) {
      const decoder = new S2Decoder();
      const parts = decoder.decode(new S2Encoder(format).encode(data));
      decoder.end();
      assertEquals(parts.flatMap((part) => [...part]), [...data]);
    }
  }
});
