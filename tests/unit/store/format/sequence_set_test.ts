import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  ByteReader,
  ByteWriter,
  DecodeError,
  decodeSequenceSet,
  encodeSequenceSet,
  SequenceSet,
  sequenceSetSize,
} from "../../../../src/store/format/mod.ts";
import { SeededRandom } from "../../../sim/ports/random.ts";
import { capability } from "../../../tools/capability.ts";
import { INDEX } from "./samples.ts";

function encode(set: SequenceSet): Uint8Array {
  const out = new ByteWriter();
  encodeSequenceSet(set, out);
  return out.written;
}

function decode(bytes: Uint8Array): SequenceSet {
  const reader = new ByteReader(bytes, "ss: bad encoding");
  const set = decodeSequenceSet(reader);
  assertEquals(reader.left, 0);
  return set;
}

/** Compares a set with a plain one, in all it can be asked. */
function assertSame(set: SequenceSet, twin: ReadonlySet<number>): void {
  const sorted = [...twin].sort((a, b) => a - b);
  assertEquals([...set], sorted);
  assertEquals(set.size, sorted.length);
  assertEquals(set.min, sorted[0] ?? 0);
  assertEquals(set.max, sorted.at(-1) ?? 0);
  for (const { count } of set.nodes) assert(count > 0);
}

Deno.test("a set does what a plain set of numbers does", () => {
  const random = new SeededRandom(7n);
  for (const range of [100, 5_000, 100_000, 2 ** 45]) {
    const set = new SequenceSet();
    const twin = new Set<number>();
    for (let step = 0; step < 3_000; step++) {
      const sequence = 1 + Math.floor(random.unit() * range);
      if (random.unit() < 0.6) {
        assertEquals(set.insert(sequence), !twin.has(sequence));
        twin.add(sequence);
      } else {
        const old = random.unit() < 0.5 ? sequence : [...twin][0] ?? 1;
        assertEquals(set.delete(old), twin.delete(old));
      }
      assertEquals(set.has(sequence), twin.has(sequence));
    }
    assertSame(set, twin);
    assertSame(decode(encode(set)), twin);
    for (const sequence of [...twin]) assert(set.delete(sequence));
    assertSame(set, new Set());
  }
});

Deno.test("ranges are inserted, counted and spanned", () => {
  const random = new SeededRandom(8n);
  for (let round = 0; round < 200; round++) {
    const set = new SequenceSet();
    const twin = new Set<number>();
    for (let i = 0; i < 4; i++) {
      const first = 1 + Math.floor(random.unit() * 9_000);
      const last = first + Math.floor(random.unit() ** 4 * 9_000) - 1;
      set.insertRange(first, last);
      for (let each = first; each <= last; each++) twin.add(each);
    }
    assertSame(set, twin);
    const from = Math.floor(random.unit() * 9_000);
    const to = from + Math.floor(random.unit() * 9_000) - 1;
    const between = [...twin].filter((each) => each >= from && each <= to);
    assertEquals(set.countBetween(from, to), between.length);
    let absent = from;
    while (twin.has(absent)) absent++;
    assertEquals(set.nextAbsent(from), absent);
  }
});

Deno.test("clones are independent, unions have both", () => {
  const set = SequenceSet.of([1, 2, 5_000]);
  const copy = set.clone();
  assert(copy.equals(set));
  copy.insert(3);
  assert(!copy.equals(set));
  assertSame(set, new Set([1, 2, 5_000]));
  set.addAll(SequenceSet.of([2, 4, 100_000]));
  assertSame(set, new Set([1, 2, 4, 5_000, 100_000]));
  assert(!set.equals(SequenceSet.of([1, 2, 4, 5_000, 100_001])));
  set.clear();
  assertSame(set, new Set());
  assert(!set.has(1));
});

capability("a set written again is the bytes that a Go server wrote", {
  positive: ["stores/avl-seqset"],
}, () => {
  const start = INDEX.indexOf(22, 40);
  const end = start + 10 + 266;
  const encoded = INDEX.subarray(start, end);
  const set = decode(encoded);
  assertEquals([...set], [2, 4]);
  assertEquals(encode(set), encoded);
  assertEquals(sequenceSetSize(set), encoded.length);
});

capability("nodes are written root first, in a balanced tree", {
  positive: ["stores/avl-seqset"],
}, () => {
  const spans = 100;
  const set = SequenceSet.of(
    Array.from({ length: spans }, (_, i) => i * 2048 + 1),
  );
  const view = new DataView(encode(set).buffer);
  /** Reads the subtree at `node`, returns the node behind it and its height. */
  let node = 0;
  const tree = (low: number, high: number): number => {
    if (node === spans) return 0;
    const at = 10 + node * 266;
    const base = view.getUint32(at, true);
    if (base < low || base >= high) return 0;
    const height = view.getUint16(at + 264, true);
    node++;
    const left = tree(low, base);
    const right = tree(base, high);
    assert(Math.abs(left - right) <= 1);
    assertEquals(height, 1 + Math.max(left, right));
    return height;
  };
  assertEquals(tree(0, Infinity), 7);
  assertEquals(node, spans);
});

capability(
  "sets of the first version, with nodes of twice the size, are read",
  {
    edge: ["stores/avl-seqset"],
  },
  () => {
    const out = new ByteWriter();
    out.u8(22);
    out.u8(1);
    out.u32(1);
    out.u32(3);
    out.u64(4096);
    const bits = new Uint8Array(512);
    bits[0] = 0b10;
    bits[256] = 0b1;
    bits[511] = 0x80;
    out.put(bits);
    out.u16(1);
    assertEquals([...decode(out.written)], [4097, 4096 + 2048, 8191]);
  },
);

capability("a node may start anywhere", { edge: ["stores/avl-seqset"] }, () => {
  const bytes = encode(SequenceSet.of([3, 40]));
  new DataView(bytes.buffer).setUint32(10, 2047, true);
  assertEquals([...decode(bytes)], [2050, 2087]);
});

capability("a set that is cut, miscounted or unknown is refused", {
  edge: ["stores/avl-seqset"],
}, () => {
  const good = encode(SequenceSet.of([1, 5_000]));
  for (let size = 0; size < good.length; size++) {
    assertThrows(
      () => decode(good.subarray(0, size)),
      DecodeError,
      "ss: bad encoding",
    );
  }
  const changed = (at: number, value: number) => {
    const bytes = good.slice();
    bytes[at] = value;
    return bytes;
  };
  assertThrows(() => decode(changed(0, 23)), DecodeError, "ss: bad encoding");
  assertThrows(() => decode(changed(1, 3)), DecodeError, "ss: bad encoding");
  assertThrows(() => decode(changed(5, 0xff)), DecodeError, "bad encoding");
  assertThrows(() => decode(changed(6, 3)), DecodeError, "bad encoding");
  // A base beyond 2^53.
  assertThrows(() => decode(changed(17, 0x20)), DecodeError, "bad encoding");
});
