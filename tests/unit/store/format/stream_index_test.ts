import { assertEquals, assertThrows } from "@std/assert";
import {
  ByteWriter,
  CORRUPT_STATE,
  DecodeError,
  HashKey,
  HighwayHash,
  type IndexedBlock,
  type IndexedEnd,
  type IndexedStream,
  type IndexedSubject,
  IndexReader,
  IndexWriter,
  SequenceSet,
} from "../../../../src/store/mod.ts";
import { capability } from "../../../tools/capability.ts";
import { BLOCK, INDEX, TWO_SUBJECTS_INDEX } from "./samples.ts";
import { checkedBody, withChecksum } from "./at_once.ts";

const hash = new HighwayHash();
const key = HashKey.ofStream("ORDERS");

interface Index {
  readonly stream: IndexedStream;
  readonly subjects: readonly IndexedSubject[];
  readonly blocks: readonly IndexedBlock[];
  readonly end: IndexedEnd;
}

function read(bytes: Uint8Array): Index {
  const reader = new IndexReader(bytes);
  return {
    stream: reader.stream,
    subjects: [...until(() => reader.nextSubject())],
    blocks: [...until(() => reader.nextBlock())],
    end: reader.end(),
  };
}

function* until<T>(next: () => T | null): Generator<T> {
  for (let value = next(); value !== null; value = next()) yield value;
}

function write({ stream, subjects, blocks, end }: Index): Uint8Array {
  const writer = new IndexWriter(stream, subjects.length);
  for (const { subject, messages, firstBlock, lastBlock } of subjects) {
    writer.subject(subject, messages, firstBlock, lastBlock);
  }
  writer.blocks(blocks.length);
  for (const block of blocks) writer.block(block);
  return writer.end(end);
}

capability("the index of a Go server is read", {
  positive: ["stores/index-db"],
}, () => {
  const body = checkedBody(hash, key, INDEX, CORRUPT_STATE);
  const { stream, subjects, blocks, end } = read(body);
  assertEquals(stream, {
    messages: 2,
    bytes: 116,
    firstSequence: 1,
    firstTime: 1795887240341037150n,
    lastSequence: 4,
    lastTime: 1795887240431821654n,
  });
  assertEquals(subjects, [
    { subject: "orders.1", messages: 2, firstBlock: 1, lastBlock: 1 },
  ]);
  assertEquals(blocks.length, 1);
  const [block] = blocks;
  assertEquals(
    [block?.number, block?.bytes, block?.firstSequence, block?.lastSequence],
    [1, 116, 1, 4],
  );
  assertEquals([...block?.deleted ?? []], [2, 4]);
  assertEquals([block?.ttls, block?.schedules], [1, 0]);
  assertEquals(end, { block: 1, checksum: BLOCK.subarray(-8) });
});

capability("an index written again is the bytes that a Go server wrote", {
  positive: ["stores/index-db"],
}, () => {
  for (
    const [name, file] of [["ORDERS", INDEX], [
      "SCHED",
      TWO_SUBJECTS_INDEX,
    ]] as const
  ) {
    const own = HashKey.ofStream(name);
    const body = checkedBody(hash, own, file, CORRUPT_STATE);
    assertEquals(withChecksum(hash, own, write(read(body))), file);
  }
});

Deno.test("an index of many blocks and subjects survives", () => {
  const index: Index = {
    stream: {
      messages: 2 ** 40,
      bytes: 2 ** 50,
      firstSequence: 2 ** 33,
      firstTime: 10n ** 18n,
      lastSequence: 2 ** 52,
      lastTime: -1n,
    },
    subjects: Array.from({ length: 3_000 }, (_, i) => ({
      subject: `a.${i}.\xc3\xbc`,
      messages: i + 1,
      firstBlock: i,
      lastBlock: 2 * i,
    })),
    blocks: Array.from({ length: 500 }, (_, i) => ({
      number: i + 1,
      bytes: i * 1000,
      firstSequence: i * 10,
      firstTime: 10n ** 18n - BigInt(i),
      lastSequence: i * 10 + 9,
      lastTime: 10n ** 18n + BigInt(i),
      deleted: i % 3 === 0 ? SequenceSet.of([i * 10 + 3]) : null,
      ttls: i,
      schedules: i % 7,
    })),
    end: { block: 500, checksum: new Uint8Array(8).fill(9) },
  };
  const again = read(write(index));
  assertEquals(
    again.blocks.map(({ deleted }) => deleted && [...deleted]),
    index.blocks.map(({ deleted }) => deleted && [...deleted]),
  );
  const plain = ({ blocks, ...rest }: Index) => ({
    ...rest,
    blocks: blocks.map((block) => ({ ...block, deleted: null })),
  });
  assertEquals(plain(again), plain(index));
});

/** An index of an older version, with one block and two subjects. */
function older(version: number): Uint8Array {
  const out = new ByteWriter();
  out.u8(11);
  out.u8(version);
  for (const each of [3, 90, 1]) out.uvarint(each);
  out.varint(1000);
  out.uvarint(3);
  out.varint(3000);
  out.uvarint(2);
  for (const [subject, messages] of [["a", 1], ["b", 2]] as const) {
    out.uvarint(1);
    out.text(subject);
    out.uvarint(messages);
    out.uvarint(7);
    if (messages > 1 || version >= 4) out.uvarint(8);
  }
  out.uvarint(1);
  for (const each of [8, 90, 1]) out.uvarint(each);
  out.varint(0);
  out.uvarint(3);
  out.varint(2000);
  out.uvarint(0);
  if (version >= 2) out.uvarint(5);
  if (version >= 3) out.uvarint(6);
  out.uvarint(8);
  out.put(new Uint8Array(8));
  return out.written;
}

capability("indexes of older versions are read", {
  edge: ["stores/index-db"],
}, () => {
  for (const version of [1, 2, 3, 4]) {
    const { subjects, blocks } = read(older(version));
    assertEquals(
      subjects.map(({ firstBlock, lastBlock }) => [firstBlock, lastBlock]),
      // The last block of a single message is where the first is.
      [[7, version < 4 ? 7 : 8], [7, 8]],
    );
    const [block] = blocks;
    assertEquals(block?.lastTime, 3000n);
    assertEquals(block?.ttls, version < 2 ? 0 : 5);
    assertEquals(block?.schedules, version < 3 ? 0 : 6);
  }
});

capability("an index that is cut, changed or unknown is refused", {
  edge: ["stores/index-db"],
}, () => {
  const good = checkedBody(hash, key, INDEX, "");
  for (let size = 0; size < good.length; size++) {
    assertThrows(
      () => read(good.subarray(0, size)),
      DecodeError,
      CORRUPT_STATE,
    );
  }
  for (const version of [0, 5]) {
    assertThrows(() => read(older(version)), DecodeError, CORRUPT_STATE);
  }
  const changed = INDEX.slice();
  changed[3] = (changed[3] ?? 0) ^ 1;
  for (const bytes of [changed, INDEX.subarray(1), INDEX.subarray(0, 7)]) {
    assertThrows(
      () => checkedBody(hash, key, bytes, CORRUPT_STATE),
      DecodeError,
      CORRUPT_STATE,
    );
  }
});

capability("an index with a subject that can't be one is refused", {
  edge: ["stores/index-db"],
}, () => {
  for (const bad of ["a\0b", "\xff", "a b", ".", "\xef\xbf\xbd"]) {
    const writer = new IndexWriter(read(older(4)).stream, 1);
    writer.subject(bad, 1, 1, 1);
    writer.blocks(0);
    const bytes = writer.end({ block: 1, checksum: new Uint8Array(8) });
    assertThrows(() => read(bytes), DecodeError, CORRUPT_STATE);
  }
});
