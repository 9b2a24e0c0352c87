import { assert, assertEquals } from "@std/assert";
import {
  Chunk,
  decodeByteString,
  writeByteString,
} from "../../../../src/protocol/mod.ts";
import {
  beginRecord,
  EMPTY_RECORD_SIZE,
  eraseRecord,
  HashKey,
  HighwayHash,
  RECORD_SIZE_MAX,
  RecordFault,
  recordFaultText,
  RecordKind,
  recordSize,
  recordTime,
  recordTimeHigh,
  recordTimeLow,
  RecordView,
  timeHigh,
  timeLow,
  writeEmptyRecord,
  writeHeaderSize,
} from "../../../../src/store/format/mod.ts";
import { capability } from "../../../tools/capability.ts";
import { BLOCK } from "./samples.ts";

const key = HashKey.ofBlock("ORDERS", 1);

/** A record as text. */
interface Plain {
  readonly kind: RecordKind;
  readonly sequence: number;
  readonly time: bigint;
  readonly subject: string;
  readonly header: string;
  readonly message: string;
}

function plain(block: Chunk, at: number, view: RecordView): Plain {
  const text = (from: number, to: number) =>
    decodeByteString(block.bytes, from, to);
  return {
    kind: view.kind,
    sequence: view.sequence,
    time: recordTime(block, at),
    subject: text(view.subjectStart, view.subjectEnd),
    header: text(view.headerStart, view.headerEnd),
    message: text(view.headerEnd, view.messageEnd),
  };
}

/** All records of a block; those of kinds without message with only the kind. */
function readAll(block: Chunk): Plain[] {
  const view = new RecordView();
  const records: Plain[] = [];
  for (let at = 0; at < block.size; at += view.size) {
    assertEquals(view.read(block, at, block.size), RecordFault.None);
    records.push(plain(block, at, view));
  }
  return records;
}

function write(target: Chunk, at: number, record: Plain): number {
  const { kind, sequence, time, subject, header, message } = record;
  const size = recordSize(subject.length, header.length, message.length);
  const hasHeader = header !== "";
  let next = beginRecord(
    target,
    at,
    size,
    hasHeader,
    kind,
    sequence,
    timeHigh(time),
    timeLow(time),
    subject.length,
  );
  next = writeByteString(target.bytes, next, subject);
  if (hasHeader) {
    next = writeHeaderSize(target, next, header.length);
    next = writeByteString(target.bytes, next, header);
  }
  next = writeByteString(target.bytes, next, message);
  assertEquals(next + 8, at + size);
  return at + size;
}

capability("records of a Go server are read", {
  positive: ["stores/blk-record", "stores/seq-bits", "stores/erased-record"],
}, () => {
  const records = readAll(Chunk.of(BLOCK));
  assertEquals(
    records.map(({ kind, sequence }) => [kind, sequence]),
    [
      [RecordKind.Message, 1],
      // 2 and 4 were erased, then named by tombstones.
      [RecordKind.NoMessage, 2],
      [RecordKind.Message, 3],
      [RecordKind.Tombstone, 2],
      [RecordKind.NoMessage, 4],
      [RecordKind.Tombstone, 4],
    ],
  );
  const [first, erased, third, tombstone] = records;
  assertEquals(first?.subject, "orders.1");
  assertEquals(first?.header, "");
  assertEquals(first?.message, "hello");
  assertEquals(first?.time, 1795887240341037150n);
  assertEquals(third?.header, "NATS/1.0\r\nNats-TTL: 1h\r\n\r\n");
  assertEquals(third?.message, "three");
  assertEquals(erased?.time, 0n);
  assertEquals(erased?.subject, "");
  assertEquals(tombstone?.message, "");
});

capability("records written again are the bytes that a Go server wrote", {
  positive: ["stores/blk-record", "stores/record-hash"],
}, () => {
  const source = Chunk.of(BLOCK);
  const hash = new HighwayHash(BLOCK.length);
  let at = 0;
  for (const record of readAll(source)) {
    const end = write(hash.room, at, record);
    hash.sealRecord(key, at);
    at = end;
  }
  assertEquals(hash.room.bytes, BLOCK);
});

capability("tombstones and skipped sequences are empty records", {
  positive: ["stores/seq-bits"],
}, () => {
  const block = new Chunk(2 * EMPTY_RECORD_SIZE);
  const time = 1_700_000_000_123_456_789n;
  const parts = [timeHigh(time), timeLow(time)] as const;
  const middle = writeEmptyRecord(block, 0, RecordKind.Tombstone, 7, ...parts);
  const end = writeEmptyRecord(
    block,
    middle,
    RecordKind.NoMessage,
    9,
    ...parts,
  );
  assertEquals([middle, end], [30, 60]);
  assertEquals(block.bytes[11], 0x40);
  assertEquals(block.bytes[41], 0x80);
  const empty = { time, subject: "", header: "", message: "" };
  assertEquals(readAll(block), [
    { kind: RecordKind.Tombstone, sequence: 7, ...empty },
    { kind: RecordKind.NoMessage, sequence: 9, ...empty },
  ]);
});

capability("an erased record keeps its length and nothing else", {
  positive: ["stores/erased-record"],
}, () => {
  const view = new RecordView();
  const hash = new HighwayHash(BLOCK.length);
  const { room } = hash;
  room.bytes.set(BLOCK);
  const at = 0x72;
  view.read(room, at, room.size);
  const { size, sequence } = view;
  const noise = new Uint8Array(size - EMPTY_RECORD_SIZE).fill(0xa5);
  eraseRecord(room, at, sequence, noise);
  hash.sealRecord(key, at);
  assertEquals(view.read(room, at, room.size), RecordFault.None);
  assertEquals(
    [view.kind, view.sequence, view.size],
    [RecordKind.NoMessage, 3, size],
  );
  assertEquals(recordTime(room, at), 0n);
  assertEquals(view.subjectEnd, view.subjectStart);
  assert(!decodeByteString(room.bytes).includes("three"));
  // The records around it are still in place.
  assertEquals(
    hash.verifyRecords(key, 0, room.size, room.size),
    RecordFault.None,
  );
});

capability("an erased record of the least size has no random bytes", {
  edge: ["stores/erased-record"],
}, () => {
  const block = new Chunk(EMPTY_RECORD_SIZE);
  eraseRecord(block, 0, 5, new Uint8Array(0));
  assertEquals(
    readAll(block).map(({ kind, sequence }) => [kind, sequence]),
    [[RecordKind.NoMessage, 5]],
  );
});

capability("sequences up to 2^53 pass, larger ones are a fault", {
  edge: ["stores/seq-bits"],
}, () => {
  const block = new Chunk(EMPTY_RECORD_SIZE);
  const view = new RecordView();
  for (const kind of Object.values(RecordKind)) {
    for (const sequence of [0, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1]) {
      writeEmptyRecord(block, 0, kind, sequence, 0, 0);
      assertEquals(view.read(block, 0, block.size), RecordFault.None);
      assertEquals([view.kind, view.sequence], [kind, sequence]);
    }
    writeEmptyRecord(block, 0, kind, 2 ** 53, 0, 0);
    assertEquals(view.read(block, 0, block.size), RecordFault.Sequence);
  }
});

capability("lengths that contradict each other are a fault", {
  edge: ["stores/blk-record"],
}, () => {
  const view = new RecordView();
  const block = Chunk.of(BLOCK);
  const at = 0x72;
  const lengths = (size: number, subject: number) => {
    block.view.setUint32(at, size + 0x80000000, true);
    block.view.setUint16(at + 20, subject, true);
    return view.read(block, at, block.size);
  };
  assertEquals(lengths(73, 8), RecordFault.None);
  assertEquals(lengths(29, 0), RecordFault.Lengths);
  // With a header, its length has to have room, too.
  assertEquals(lengths(33, 0), RecordFault.Lengths);
  assertEquals(lengths(73, 40), RecordFault.Lengths);
  assertEquals(lengths(73, 39), RecordFault.Header);
  assertEquals(lengths(block.size - at + 1, 8), RecordFault.Lengths);
  assertEquals(
    recordFaultText(RecordFault.Lengths, block, at, block.size),
    `sanity check failed (dlen 150 slen 8 rl 172 index 114 lbuf 285)`,
  );
  for (let left = 0; left < 22; left++) {
    assertEquals(view.read(block, at, at + left), RecordFault.Overrun);
  }
});

capability("a header longer than the record seems to be empty", {
  edge: ["stores/blk-record"],
}, () => {
  const view = new RecordView();
  const block = Chunk.of(BLOCK);
  const at = 0x72;
  const [length, room] = [at + 22 + 8, 73 - 30 - 8 - 4];
  block.view.setUint32(length, room, true);
  assertEquals(view.read(block, at, block.size), RecordFault.None);
  assertEquals(view.headerEnd, view.messageEnd);
  for (const size of [room + 1, 0xffffffff]) {
    block.view.setUint32(length, size, true);
    assertEquals(view.read(block, at, block.size), RecordFault.Header);
    assertEquals([view.sequence, view.headerEnd], [3, view.headerStart]);
  }
});

capability("records are at most 32 MiB large", {
  edge: ["stores/limits"],
}, () => {
  const block = new Chunk(RECORD_SIZE_MAX + 1);
  const view = new RecordView();
  block.view.setUint32(0, RECORD_SIZE_MAX, true);
  assertEquals(view.read(block, 0, block.size), RecordFault.None);
  block.view.setUint32(0, RECORD_SIZE_MAX + 1, true);
  assertEquals(view.read(block, 0, block.size), RecordFault.Lengths);
});

Deno.test("times of all 64 bits survive", () => {
  const block = new Chunk(EMPTY_RECORD_SIZE);
  for (const time of [0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 31n]) {
    writeEmptyRecord(block, 0, 0, 1, timeHigh(time), timeLow(time));
    assertEquals(recordTime(block, 0), time);
    assertEquals(recordTimeHigh(block, 0), timeHigh(time));
    assertEquals(recordTimeLow(block, 0), timeLow(time));
  }
});

Deno.test("faults are told in Go's words", () => {
  const block = new Chunk(40);
  const text = (fault: RecordFault) => recordFaultText(fault, block, 3, 40);
  assertEquals(text(RecordFault.None), "");
  assertEquals(
    text(RecordFault.Overrun),
    "message overrun (index 3 lbuf 40)",
  );
  assertEquals(text(RecordFault.Checksum), "invalid checksum");
  assertEquals(text(RecordFault.Sequence), "sequence beyond 2^53");
  assertEquals(
    text(RecordFault.Header),
    "invalid message length or end greater than buffer length",
  );
});
