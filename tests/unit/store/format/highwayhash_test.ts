import { assert, assertEquals } from "@std/assert";
import {
  CHUNK_MAX,
  giveChunk,
  takeChunk,
} from "../../../../src/connection/mod.ts";
import { Chunk } from "../../../../src/protocol/mod.ts";
import {
  HashKey,
  HighwayHash,
} from "../../../../src/store/format/highwayhash.ts";
import { RecordFault } from "../../../../src/store/format/record.ts";
import { capability } from "../../../tools/capability.ts";
import {
  BLOCK,
  CONSUMER_META,
  CONSUMER_META_SUM,
  HASHES,
  STREAM_META,
  STREAM_META_SUM,
} from "./samples.ts";

const key = HashKey.ofBlock("ORDERS", 1);
const encoder = new TextEncoder();

function message(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => 7 * i + length);
}

Deno.test("hashes equal those of the Go project's library", () => {
  const hash = new HighwayHash();
  for (const [length, expected] of HASHES) {
    assertEquals(hash.sum(key, message(length)).toHex(), expected);
  }
});

Deno.test("a hash does not depend on how its message is cut", () => {
  const hash = new HighwayHash();
  for (const [length, expected] of HASHES) {
    const whole = message(length);
    for (const cut of [1, 5, 31, 32, 33]) {
      const parts = Array.from(
        { length: Math.ceil(length / cut) },
        (_, i) => whole.subarray(i * cut, (i + 1) * cut),
      );
      assertEquals(hash.sum(key, ...parts).toHex(), expected);
    }
  }
});

Deno.test("records in the arena get the checksum that they get elsewhere", () => {
  const arena = HighwayHash.inArena();
  const own = new HighwayHash();
  const other = HashKey.ofStream("OTHER");
  const chunk = takeChunk(CHUNK_MAX);
  assert(chunk.base >= 0);
  for (const size of [30, 31, 64, 1000, 200_000]) {
    const record = Chunk.of(message(size));
    record.view.setUint32(0, size, true);
    record.view.setUint16(20, 5, true);
    chunk.bytes.set(record.bytes, 7);
    arena.sum(other, message(size));
    arena.sealRecordIn(key, chunk, 7, size);
    own.sealRecordIn(key, record, 0, size);
    assertEquals(chunk.bytes.slice(7, 7 + size), record.bytes);
    assert(arena.isIntactIn(key, chunk, 7, size));
    assert(arena.isIntactIn(key, record, 0, size));
    chunk.view.setUint8(7 + 25, ~chunk.view.getUint8(7 + 25));
    assert(!arena.isIntactIn(key, chunk, 7, size));
  }
  giveChunk(chunk);
});

Deno.test("messages larger than the scratch space are hashed in pieces", () => {
  const hash = new HighwayHash();
  const long = message(200_000);
  const parts = [long.subarray(0, 70_001), long.subarray(70_001)];
  assertEquals(hash.sum(key, long), hash.sum(key, ...parts));
});

Deno.test("a hash that is made step by step is the same, whatever is hashed meanwhile", () => {
  const hash = new HighwayHash();
  const other = HashKey.ofStream("OTHER");
  const steps = [0, 1, 31, 520_192, 520_193, 1_600_000].map((length) => {
    const long = message(length);
    const work = hash.summing(key, long);
    let steps = 0;
    let step = work.next();
    for (; !step.done; step = work.next(), steps++) {
      hash.sum(steps % 2 === 0 ? key : other, message(steps + 5));
    }
    assertEquals(step.value, hash.sum(key, long));
    return steps;
  });
  assertEquals(steps, [0, 0, 0, 0, 1, 3]);
});

capability("meta.inf has the checksum of its owner", {
  positive: ["stores/meta-sum"],
}, () => {
  const hash = new HighwayHash();
  assertEquals(
    hash.sum(HashKey.ofStream("ORDERS"), encoder.encode(STREAM_META)).toHex(),
    STREAM_META_SUM,
  );
  assertEquals(
    hash.sum(HashKey.ofConsumer("ORDERS", "C"), encoder.encode(CONSUMER_META))
      .toHex(),
    CONSUMER_META_SUM,
  );
});

capability("meta.inf of another owner, or changed, has another checksum", {
  edge: ["stores/meta-sum"],
}, () => {
  const hash = new HighwayHash();
  const meta = encoder.encode(STREAM_META);
  for (const other of ["ORDER", "ORDERS/C", "ORDERS-1"]) {
    assert(hash.sum(new HashKey(other), meta).toHex() !== STREAM_META_SUM);
  }
  meta[20] = (meta[20] ?? 0) ^ 1;
  assert(
    hash.sum(HashKey.ofStream("ORDERS"), meta).toHex() !== STREAM_META_SUM,
  );
});

/** A hash whose room holds a copy of the block, at `at`. */
function withBlock(at: number, block = BLOCK): HighwayHash {
  const hash = new HighwayHash(at + block.length);
  hash.room.bytes.set(block, at);
  return hash;
}

capability("a run of records of a Go server is verified in one call", {
  positive: ["stores/record-hash"],
}, () => {
  for (const at of [0, 1, 70_000]) {
    const hash = withBlock(at);
    const end = at + BLOCK.length;
    assertEquals(hash.verifyRecords(key, at, end, end), RecordFault.None);
    assertEquals(hash.verifiedEnd, end);
    assertEquals(hash.verifiedRecords, 6);
  }
});

Deno.test("a run is verified in portions", () => {
  const hash = withBlock(0);
  assertEquals(
    hash.verifyRecords(key, 0, 44, BLOCK.length),
    RecordFault.None,
  );
  // The record that starts before the portion's end is part of it.
  assertEquals([hash.verifiedRecords, hash.verifiedEnd], [2, 0x2b + 0x47]);
});

capability("verification stops at the first bad record and tells why", {
  edge: ["stores/record-hash"],
}, () => {
  const second = 0x2b;
  const damages: readonly [at: number, value: number, RecordFault][] = [
    [second + 5, 0xff, RecordFault.Checksum], // sequence
    [second + 30, 0xff, RecordFault.Checksum], // message
    [second + 0x47 - 1, 0xff, RecordFault.Checksum], // checksum
    [second, 29, RecordFault.Lengths],
    [second + 2, 0xff, RecordFault.Lengths],
    [second + 21, 0xff, RecordFault.Lengths], // subject
  ];
  for (const [at, value, fault] of damages) {
    const hash = withBlock(0);
    hash.room.bytes[at] = value;
    assertEquals(
      hash.verifyRecords(key, 0, BLOCK.length, BLOCK.length),
      fault,
    );
    assertEquals([hash.verifiedRecords, hash.verifiedEnd], [1, second]);
  }
});

Deno.test("a torn record at the end is an overrun or has a bad length", () => {
  const hash = withBlock(0);
  for (let end = 1; end < 0x2b; end++) {
    const fault = hash.verifyRecords(key, 0, end, end);
    assertEquals(fault, end < 22 ? RecordFault.Overrun : RecordFault.Lengths);
    assertEquals([hash.verifiedRecords, hash.verifiedEnd], [0, 0]);
  }
});

capability("a block under another name or number does not verify", {
  edge: ["stores/record-hash"],
}, () => {
  const hash = withBlock(0);
  const end = BLOCK.length;
  for (const other of [HashKey.ofBlock("ORDERS", 2), new HashKey("X-1")]) {
    assertEquals(
      hash.verifyRecords(other, 0, end, end),
      RecordFault.Checksum,
    );
  }
  // And the key can be changed back.
  assertEquals(hash.verifyRecords(key, 0, end, end), RecordFault.None);
});

Deno.test("records elsewhere get the checksum that they get in the room", () => {
  const withHeader = 0x72;
  const size = 73;
  const block = Chunk.of(BLOCK);
  const hash = new HighwayHash();
  assert(hash.isIntactIn(key, block, withHeader, size));
  block.bytes.fill(0, withHeader + size - 8, withHeader + size);
  assert(!hash.isIntactIn(key, block, withHeader, size));
  hash.sealRecordIn(key, block, withHeader, size);
  assertEquals(block.bytes, BLOCK);
});

Deno.test("records too large for the scratch space are sealed in pieces", () => {
  for (const header of [0, 70_000]) {
    const size = 100_000;
    const hash = new HighwayHash(size);
    const { room } = hash;
    room.bytes.set(message(size));
    room.view.setUint32(0, header === 0 ? size : size + 0x80000000, true);
    room.view.setUint16(20, 20_000, true);
    hash.sealRecord(key, 0);
    assert(hash.isIntact(key, 0));
    const elsewhere = Chunk.of(room.bytes);
    assert(hash.isIntactIn(key, elsewhere, 0, size));
    elsewhere.bytes.fill(0, size - 8);
    hash.sealRecordIn(key, elsewhere, 0, size);
    assertEquals(elsewhere.bytes, room.bytes);
  }
});
