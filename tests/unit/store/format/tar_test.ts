import { assertEquals, assertThrows } from "@std/assert";
import {
  ByteWriter,
  DecodeError,
  TarDecoder,
  writeTarEnd,
  writeTarFile,
} from "../../../../src/store/mod.ts";

const BAD_HEADER = "archive/tar: invalid tar header";
const UNEXPECTED = "unexpected content";
/** 2026-01-02 03:04:05.678901234 UTC */
const TIME = 1767323045678901234n;

/** What Go's archive/tar writes for {@linkcode FILES}, compressed. */
const GO_TAR = `
H4sICOwVC2sCA3QudGFyAO2YS27CMBBAve4pfIJkPDN22gX7LrmCoYaiNkmFXYnjNwiJrwiqBCa08zaJ
kkiRJT8/J2O/eg3+LSxjAWUdki8WzUxdF9hw7ghAbne+vm6MY1Z6pTLwHZNfdq9X/xMCXadFHUamchUh
AdvCVc8vYJD4SQl/nBspf+K/6/MfSRlr0DpCx7bzH5lBacjpf+NT7Hvu0v3jwT0I07ZJoUm6nekcU0EY
mv9xHsvx/ibAFJPPjzv3H9dLgvRf+i/k8P/6yv+y//a4/w6N9D93/zNMBWFgtJNYTm/Mpf6jtYf9p24B
cNL/+/ffMOkvn95HOabJOba/pWQ78rj+9/UfEQ77T4zy/Z+9/4NwXIwUBEHIww8GPqBOABwAAA==`;

const FILES: readonly (readonly [name: string, content: string])[] = [
  "meta.inf",
  "msgs/1.blk",
  `obs/${"c".repeat(120)}/meta.inf`,
].map((name) => [name, `content of ${name}`]);

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

async function gunzip(base64: string): Promise<Uint8Array> {
  const packed = Uint8Array.fromBase64(base64);
  const stream = new Response(packed).body
    ?.pipeThrough(new DecompressionStream("gzip"));
  return await new Response(stream ?? null).bytes();
}

function write(
  files: readonly (readonly [name: string, content: string])[],
  time = TIME,
): Uint8Array {
  const out = new ByteWriter();
  for (const [name, content] of files) {
    writeTarFile(out, name, encode(content), time);
  }
  writeTarEnd(out);
  return out.written;
}

function read(...pieces: readonly Uint8Array[]): [string, string][] {
  const decoder = new TarDecoder();
  const files: [string, string][] = [];
  let left = 0;
  for (const piece of pieces) {
    decoder.push(piece);
    for (let event = decoder.next(); event !== null; event = decoder.next()) {
      const last = files.at(-1);
      if (event.kind === "file") {
        assertEquals(left, 0);
        left = event.size;
        files.push([event.name, ""]);
      } else if (last !== undefined) {
        left -= event.bytes.length;
        last[1] += decode(event.bytes);
      }
    }
  }
  decoder.end();
  assertEquals(left, 0);
  return files;
}

function inPieces(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from(
    { length: Math.ceil(bytes.length / size) },
    (_, i) => bytes.subarray(i * size, (i + 1) * size),
  );
}

/** A header whose checksum is right again after a change. */
function changed(at: number, text: string, name = "a"): Uint8Array {
  const bytes = write([[name, "x"]], 0n);
  bytes.set(Uint8Array.from(text, (char) => char.charCodeAt(0)), at);
  let sum = 8 * 0x20;
  for (let i = 0; i < 512; i++) {
    if (i < 148 || i >= 156) sum += bytes[i] ?? 0;
  }
  bytes.set(encode(sum.toString(8).padStart(6, "0") + "\0 "), 148);
  return bytes;
}

Deno.test("an archive has the bytes that Go's archive/tar writes", async () => {
  const golden = await gunzip(GO_TAR);
  assertEquals(write(FILES), golden);
  assertEquals(read(golden), FILES.map((file) => [...file]));
});

Deno.test("an archive may come in pieces of any size", () => {
  const bytes = write(FILES);
  for (const size of [1, 100, 511, 512, 513, 5_000]) {
    assertEquals(
      read(...inPieces(bytes, size)),
      FILES.map((file) => [...file]),
    );
  }
});

Deno.test("contents of all sizes around a block survive", () => {
  const files = [0, 1, 511, 512, 513, 10_000].map((size, i) =>
    [`f${i}`, "y".repeat(size)] as const
  );
  assertEquals(read(write(files)), files.map((file) => [...file]));
});

Deno.test("names with bytes beyond ASCII, and times without fractions", () => {
  const name = "obs/\xc3\xbc/meta.inf";
  assertEquals(read(write([[name, "x"]], 5_000_000_000n)), [[name, "x"]]);
  // A name of at most 100 bytes needs no header of its own.
  const plain = write([["n".repeat(100), ""]], 5_000_000_000n);
  assertEquals(plain.length, 512 + 2 * 512);
});

Deno.test("old archives have files of an empty type and long names", () => {
  assertEquals(read(changed(156, "\0")), [["a", "x"]]);
  // A name in two parts.
  assertEquals(read(changed(345, "dir/sub")), [["dir/sub/a", "x"]]);
  // GNU tar writes a file with the name before the file.
  const long = `d/${"n".repeat(200)}`;
  const before = changed(156, "L", "././@LongLink").slice(0, 1024);
  const header = write([["x", long]], 0n);
  header.set(before.subarray(156, 157), 156);
  const size = long.length.toString(8).padStart(11, "0");
  header.set(encode(size), 124);
  let sum = 8 * 0x20;
  for (let i = 0; i < 512; i++) {
    if (i < 148 || i >= 156) sum += header[i] ?? 0;
  }
  header.set(encode(sum.toString(8).padStart(6, "0")), 148);
  const file = write([["short", "content"]], 0n);
  const both = Uint8Array.from([...header.subarray(0, 1024), ...file]);
  assertEquals(read(both), [[long, "content"]]);
});

Deno.test("a size may be binary", () => {
  const bytes = changed(124, "\x80\0\0\0\0\0\0\0\0\0\0\x01");
  assertEquals(read(bytes), [["a", "x"]]);
  assertThrows(
    () => read(changed(124, "\x80" + "\xff".repeat(11))),
    DecodeError,
    BAD_HEADER,
  );
});

Deno.test("what is no regular file is refused", () => {
  for (const type of ["1", "2", "3", "4", "5", "6", "7", "g", "S"]) {
    assertThrows(() => read(changed(156, type)), DecodeError, UNEXPECTED);
  }
});

Deno.test("names that lead elsewhere are refused", () => {
  for (
    const name of [
      "../a",
      "a/../b",
      "a/..",
      "..",
      "./a",
      "/etc/passwd",
      "a//b",
      "a/",
      "a\\b",
    ]
  ) {
    const bytes = write([[name, "x"]], 0n);
    assertThrows(() => read(bytes), DecodeError, UNEXPECTED);
    // The same in a PAX header.
    const long = write([[`${name}/${"n".repeat(100)}/..`, "x"]], 0n);
    assertThrows(() => read(long), DecodeError, UNEXPECTED);
  }
});

Deno.test("headers that are damaged are refused", () => {
  const good = write([["a", "x"]], 0n);
  for (const at of [0, 100, 124, 148, 156, 257]) {
    const bytes = good.slice();
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    assertThrows(() => read(bytes), DecodeError, BAD_HEADER);
  }
  assertThrows(() => read(changed(124, "99")), DecodeError, BAD_HEADER);
  // A block of zeros ends the archive.
  const again = Uint8Array.from([
    ...good.subarray(0, 1024),
    ...new Uint8Array(512),
    ...good,
  ]);
  assertThrows(() => read(again), DecodeError, BAD_HEADER);
});

Deno.test("PAX records that are damaged are refused", () => {
  const good = write([["a", "x"]]);
  const at = 512;
  for (const record of ["30_", "0 a=b\n", "99 mtime=1\n", "x", "30 mtime:"]) {
    const bytes = good.slice();
    bytes.set(encode(record), at);
    assertThrows(() => read(bytes), DecodeError, BAD_HEADER);
  }
  const huge = changed(156, "x");
  huge.set(changed(124, "77777777777").subarray(124, 136), 124);
  assertThrows(() => read(huge), DecodeError);
});

Deno.test("an archive that ends in the middle is refused", () => {
  const bytes = write(FILES.slice(0, 1));
  // PAX header and records, header, content.
  for (const size of [1, 511, 513, 1_024, 1_535, 1_537, 1_550]) {
    assertThrows(
      () => read(bytes.subarray(0, size)),
      DecodeError,
      "unexpected EOF",
    );
  }
  // Without the blocks at the end it is whole.
  assertEquals(read(bytes.subarray(0, 2_048)).length, 1);
  assertEquals(read().length, 0);
});
