import {
  assert,
  assertEquals,
  assertFalse,
  assertNotEquals,
} from "@std/assert";
import {
  bytesToSubject,
  fnv1a32,
  isByteString,
  subjectFromText,
  subjectToBytes,
  subjectToText,
  writeSubject,
} from "../../../src/subject/mod.ts";
import { KeyedHash, quickHash } from "../../../src/subject/hash.ts";
import { equalBytes, viewOf } from "../../../src/subject/bytes.ts";

Deno.test("byte strings keep every byte", () => {
  const bytes = Uint8Array.from({ length: 10_000 }, (_, i) => i % 256);
  const subject = bytesToSubject(bytes, 0, bytes.length);
  assertEquals(subject.length, bytes.length);
  assert(isByteString(subject));
  assertEquals(subjectToBytes(subject), bytes);
  assertEquals(bytesToSubject(bytes, 65, 68), "ABC");
  assertEquals(bytesToSubject(bytes, 3, 3), "");
});

Deno.test("writeSubject() returns the end of what it wrote", () => {
  const target = new Uint8Array(8);
  assertEquals(writeSubject(target, 2, "a\xffb"), 5);
  assertEquals([...target], [0, 0, 97, 255, 98, 0, 0, 0]);
});

Deno.test("text becomes its UTF-8 bytes and back", () => {
  assertEquals(subjectFromText("ü"), "\xc3\xbc");
  assertEquals(subjectToText("\xc3\xbc.日"), "ü.\ufffd");
  assertEquals(subjectToText(subjectFromText("日本.😀")), "日本.😀");
  assertFalse(isByteString("日"));
});

Deno.test("equalBytes() compares words, tails and nothing", () => {
  const a = subjectToBytes("..abcdefghijk");
  for (let length = 0; length <= 11; length++) {
    const b = subjectToBytes("abcdefghijk");
    const left = new DataView(a.buffer);
    const right = new DataView(b.buffer);
    assert(equalBytes(left, 2, right, 0, length));
    for (let changed = 0; changed < length; changed++) {
      const other = b.slice();
      other[changed] = 0;
      const view = new DataView(other.buffer);
      assertFalse(equalBytes(left, 2, view, 0, length));
    }
  }
});

Deno.test("viewOf() follows the buffer it is asked about", () => {
  const whole = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]);
  const part = whole.subarray(4);
  assertEquals(viewOf(whole).getUint8(0), 1);
  assertEquals(viewOf(part).getUint8(0), 5);
  assertEquals(viewOf(part).byteLength, 4);
  assertEquals(viewOf(whole).getUint8(0), 1);
});

Deno.test("fnv1a32() gives the published values", () => {
  assertEquals(fnv1a32(""), 0x811c9dc5);
  assertEquals(fnv1a32("a"), 0xe40c292c);
  assertEquals(fnv1a32("foobar"), 0xbf9cf968);
});

Deno.test("hashes depend on every byte, and the keyed one on its seed", () => {
  const bytes = subjectToBytes("abcdefghijklm");
  const view = new DataView(bytes.buffer);
  const keyed = KeyedHash.fromSeed(12345);
  for (let end = 1; end <= bytes.length; end++) {
    const quick = quickHash(view, 0, end);
    const slow = keyed.of(view, 0, end);
    for (let i = 0; i < end; i++) {
      const other = bytes.slice();
      other[i] = (other[i] ?? 0) ^ 1;
      const changed = new DataView(other.buffer);
      assertNotEquals(quickHash(changed, 0, end), quick, `${end} ${i}`);
      assertNotEquals(keyed.of(changed, 0, end), slow, `${end} ${i}`);
    }
  }
  const low = KeyedHash.fromSeed(12346).of(view, 0, 13);
  const high = KeyedHash.fromSeed(12345 + 2 ** 32).of(view, 0, 13);
  assertEquals(new Set([keyed.of(view, 0, 13), low, high]).size, 3);
});

Deno.test("KeyedHash gives the vectors of HalfSipHash-1-3", () => {
  // The inputs 00, 00 01, 00 01 02 … under the key 00 01 … 07.
  const keyed = new KeyedHash(0x03020100, 0x07060504);
  const view = new DataView(Uint8Array.from({ length: 8 }, (_, i) => i).buffer);
  const hashes = Array.from(
    { length: 8 },
    (_, n) => keyed.of(view, 0, n) >>> 0,
  );
  assertEquals(hashes, [
    0x5814c896,
    0xe7e864ca,
    0xbc4b0e30,
    0x01539939,
    0x7e059ea6,
    0x88e3d89b,
    0xa0080b65,
    0x9d38d9d6,
  ]);
});

Deno.test("keys that collide in an unkeyed hash don't in the keyed one", () => {
  // Differences in the top bits of neighbouring words cancel in the quick hash.
  const one = subjectToBytes("aaaaaaaaaaaa");
  const other = one.slice();
  other[3] = (other[3] ?? 0) ^ 0x80;
  other[7] = (other[7] ?? 0) ^ 0x80;
  other[6] = (other[6] ?? 0) ^ 0x01;
  const a = new DataView(one.buffer);
  const b = new DataView(other.buffer);
  assertEquals(quickHash(a, 0, 12), quickHash(b, 0, 12));
  const keyed = KeyedHash.fromSeed(99);
  assertNotEquals(keyed.of(a, 0, 12), keyed.of(b, 0, 12));
});
