import { assertEquals, assertThrows } from "@std/assert";
import {
  ArchiveDecoder,
  type ArchiveEntry,
  ByteWriter,
  DecodeError,
  writeArchiveEntry,
  writeArchiveHead,
  writeArchiveStart,
} from "../../../../src/store/mod.ts";
import { hex } from "./samples.ts";

const INVALID = "archive: invalid archive stream";
const encode = (text: string) => new TextEncoder().encode(text);

/** What the Go project's archive package writes for {@linkcode ENTRIES}. */
const GO_ARCHIVE = hex(`
  4e415453415243310abc81f992c3fba2ec3100000e73746174652e6a736f6e7b226d6573
  7361676573223a317d080980808080802012056f72646572732e314e4154532f312e300d
  0a413a20620d0a0d0a68656c6c6f0000000000
`);

const ENTRIES: readonly ArchiveEntry[] = [
  {
    name: "state.json",
    time: 1795887240341037150n,
    sequence: 0,
    headerSize: 0,
    content: encode('{"messages":1}'),
  },
  {
    name: "orders.1",
    time: -5n,
    sequence: 2 ** 40,
    headerSize: 18,
    content: encode("NATS/1.0\r\nA: b\r\n\r\nhello"),
  },
  {
    name: "",
    time: 0n,
    sequence: 0,
    headerSize: 0,
    content: new Uint8Array(0),
  },
];

function write(entries: readonly ArchiveEntry[]): Uint8Array {
  const out = new ByteWriter();
  writeArchiveStart(out);
  for (const entry of entries) writeArchiveEntry(out, entry);
  return out.written;
}

function read(...pieces: readonly Uint8Array[]): ArchiveEntry[] {
  const decoder = new ArchiveDecoder();
  const entries: ArchiveEntry[] = [];
  for (const piece of pieces) {
    decoder.push(piece);
    for (let entry = decoder.next(); entry !== null; entry = decoder.next()) {
      entries.push(entry);
    }
  }
  decoder.end();
  return entries;
}

Deno.test("an archive has the bytes that the Go project's package writes", () => {
  assertEquals(write(ENTRIES), GO_ARCHIVE);
  assertEquals(read(GO_ARCHIVE), ENTRIES);
});

Deno.test("an archive may come in pieces of any size", () => {
  for (const size of [1, 2, 7, 50]) {
    const pieces = Array.from(
      { length: Math.ceil(GO_ARCHIVE.length / size) },
      (_, i) => GO_ARCHIVE.subarray(i * size, (i + 1) * size),
    );
    assertEquals(read(...pieces), ENTRIES);
  }
});

Deno.test("large contents survive", () => {
  const content = Uint8Array.from({ length: 3_000_000 }, (_, i) => i * i);
  const entries = [1, 2, 3].map((sequence) => ({
    name: "s".repeat(1000),
    time: 2n ** 63n - 1n,
    sequence,
    headerSize: 5,
    content: content.subarray(0, content.length - sequence),
  }));
  assertEquals(read(write(entries)), entries);
});

Deno.test("an empty archive has no entries, and none begins otherwise", () => {
  assertEquals(read(), []);
  assertEquals(read(write([])), []);
  assertThrows(() => read(encode("not-a-valid")), DecodeError, INVALID);
});

Deno.test("an archive that ends in the middle of an entry is refused", () => {
  const boundaries = [0, 1, 2].map((count) =>
    write(ENTRIES.slice(0, count)).length
  );
  for (let size = 1; size < GO_ARCHIVE.length; size++) {
    if (boundaries.includes(size)) continue;
    assertThrows(
      () => read(GO_ARCHIVE.subarray(0, size)),
      DecodeError,
      INVALID,
    );
  }
});

Deno.test("sizes beyond all measure are refused at once", () => {
  const numbers = (...values: number[]) => {
    const out = new ByteWriter();
    writeArchiveStart(out);
    for (const value of values) out.uvarint(value);
    return out.written;
  };
  const refused = (bytes: Uint8Array) =>
    assertThrows(() => read(bytes), DecodeError, INVALID);
  refused(numbers(2 ** 20 + 1, 0, 0, 0, 0));
  refused(numbers(1, 0, 0, 2 ** 26, 1));
  refused(numbers(1, 0, 0, 1, 2 ** 26));
  refused(numbers(1, 0, 0, 0, 2 ** 60));
  const endless = new Uint8Array(60).fill(0xff);
  endless.set(encode("NATSARC1"));
  refused(endless);
});

Deno.test("what is no message may be larger than any message", () => {
  const head = (sequence: number, contentSize: number) => {
    const out = new ByteWriter();
    writeArchiveStart(out);
    const name = "consumers/C";
    writeArchiveHead(out, {
      name,
      time: 0n,
      sequence,
      headerSize: 0,
      contentSize,
    });
    const decoder = new ArchiveDecoder();
    decoder.push(out.written);
    return decoder.next();
  };
  const message = 64 * 1024 * 1024;
  assertEquals(head(1, message), null);
  assertThrows(() => head(1, message + 1), DecodeError, INVALID);
  assertEquals(head(0, 4 * message), null);
  assertThrows(() => head(0, 4 * message + 1), DecodeError, INVALID);
});
