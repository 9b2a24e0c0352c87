import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  crc32c,
  S2Decoder,
  S2Encoder,
  S2Error,
} from "../../../src/protocol/mod.ts";
import { SeededRandom } from "../../sim/ports/random.ts";
import { RUNS, RUNS_STREAMS, TEXT, TEXT_STREAMS } from "./s2_samples.ts";

const FORMATS = ["s2", "snappy"] as const;
const IDENTIFIER = [0xff, 6, 0, 0, ...new TextEncoder().encode("S2sTwO")];
const SNAPPY_IDENTIFIER = [
  0xff,
  6,
  0,
  0,
  ...new TextEncoder().encode("sNaPpY"),
];

function join(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function decode(...pieces: readonly Uint8Array[]): Uint8Array {
  const decoder = new S2Decoder();
  const parts = pieces.flatMap((piece) => decoder.decode(piece));
  decoder.end();
  return join(parts);
}

/** A compressed chunk of these elements, with the checksum of `data`. */
function chunk(data: Uint8Array, length: number[], elements: number[]) {
  let crc = crc32c(data);
  crc = (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
  const size = 4 + length.length + elements.length;
  const crcBytes = [0, 8, 16, 24].map((shift) => crc >>> shift);
  return [0, size, size >>> 8, 0, ...crcBytes, ...length, ...elements];
}

function stream(...chunks: number[][]): Uint8Array {
  return Uint8Array.from([...IDENTIFIER, ...chunks.flat()]);
}

const ascii = (text: string) => new TextEncoder().encode(text);

Deno.test("CRC-32C has the value that everybody checks with", () => {
  assertEquals(crc32c(ascii("123456789")), 0xe3069283);
  assertEquals(crc32c(ascii("xx123456789"), 2), 0xe3069283);
  assertEquals(crc32c(new Uint8Array(0)), 0);
});

Deno.test("streams of the Go library are decoded, in all its modes", () => {
  for (const bytes of Object.values(TEXT_STREAMS)) {
    assertEquals(decode(bytes), TEXT);
  }
  for (const bytes of Object.values(RUNS_STREAMS)) {
    assertEquals(decode(bytes), RUNS);
  }
});

Deno.test("a stream may come in pieces of any size", () => {
  for (const bytes of Object.values(TEXT_STREAMS)) {
    for (const size of [1, 3, 4, 11, 100]) {
      const pieces = Array.from(
        { length: Math.ceil(bytes.length / size) },
        (_, i) => bytes.subarray(i * size, (i + 1) * size),
      );
      assertEquals(decode(...pieces), TEXT);
    }
  }
});

Deno.test("what is encoded is shorter, and decoded again", () => {
  const random = new SeededRandom(3n);
  const noise = new Uint8Array(3_000_000);
  random.fill(noise);
  const mixed = noise.slice(0, 400_000);
  // Words that come back near and far.
  for (let i = 0; i < 4_000; i++) {
    const from = random.below(mixed.length - 300);
    mixed.copyWithin(
      random.below(mixed.length - 300),
      from,
      from + random.below(300),
    );
  }
  const cases: readonly (readonly [data: Uint8Array, ratio: number])[] = [
    [TEXT, 0.3],
    [RUNS, 0.06],
    [new Uint8Array(2_500_000), 0.06],
    [mixed, 1.001],
    [noise, 1.001],
  ];
  for (const format of FORMATS) {
    for (const [data, ratio] of cases) {
      const bytes = new S2Encoder(format).encode(data);
      assertEquals(decode(bytes), data);
      assert(bytes.length < data.length * ratio);
    }
  }
});

Deno.test("data of every small size survive", () => {
  for (const format of FORMATS) {
    for (let size = 0; size < 200; size++) {
      for (const period of [1, 2, 3, 5, 7, 8, 9, 13, 15, 16, 17, 1000]) {
        const data = Uint8Array.from(
          { length: size },
          (_, i) => 7 * (i % period),
        );
        assertEquals(decode(new S2Encoder(format).encode(data)), data);
      }
    }
  }
});

Deno.test("only the first piece of a stream names its format", () => {
  for (
    const [format, identifier] of [
      ["s2", IDENTIFIER],
      ["snappy", SNAPPY_IDENTIFIER],
    ] as const
  ) {
    const encoder = new S2Encoder(format);
    const first = encoder.encode(TEXT);
    const second = encoder.encode(TEXT);
    assertEquals([...first.subarray(0, 10)], identifier);
    assertEquals(second[0], 0);
    assertEquals(decode(first, second), join([TEXT, TEXT]));
  }
});

Deno.test("Snappy knows blocks up to 64 KiB and no repeated offsets", () => {
  const bytes = new S2Encoder("snappy").encode(RUNS);
  const asS2 = new S2Encoder("s2").encode(RUNS);
  assert(bytes.length > asS2.length);
  let chunks = 0;
  for (let at = 10; at < bytes.length; chunks++) {
    at += 4 + (bytes[at + 1] ?? 0) + (bytes[at + 2] ?? 0) * 256;
  }
  assertEquals(chunks, 2);
});

Deno.test("copies reach 2^32 back, and repeat their offset at all lengths", () => {
  const data = ascii("abcd" + "abcd".repeat(2) + "abcdabcda".repeat(1));
  const elements = [
    3 << 2,
    ...ascii("abcd"),
    7 << 2 | 3, // 8 bytes, offset in four
    4,
    0,
    0,
    0,
    4 << 2 | 1, // 8 bytes, repeated
    0,
    0 << 2 | 0,
    0x61,
  ];
  assertEquals(decode(stream(chunk(data, [21], elements))), data);
  for (
    const [code, extra, length] of [
      [5, [3], 11],
      [6, [1, 0], 261],
      [7, [1, 0, 0], 65_541],
    ] as const
  ) {
    const run = ascii("a".repeat(1 + 4 + length));
    const size = [
      run.length & 0x7f | 0x80,
      run.length >> 7 & 0x7f | 0x80,
      run.length >> 14,
    ];
    const repeated = [0, 0x61, 1, 1, code << 2 | 1, 0, ...extra];
    assertEquals(decode(stream(chunk(run, size, repeated))), run);
  }
});

Deno.test("elements that make no sense are refused", () => {
  const literal = [0, 0x61];
  const wrong: [length: number[], elements: number[]][] = [
    [[1], []], // nothing, where a byte was promised
    [[1], [...literal, ...literal]],
    [[2], [1 << 2, 0x61]], // literal cut
    [[61], [60 << 2]], // its length is missing
    [[2], [63 << 2, 0xff, 0xff, 0xff, 0xff, 0x61]],
    [[5], [...literal, 1]], // copy cut
    [[5], [...literal, 2, 1]],
    [[5], [...literal, 3, 1, 0, 0]],
    [[5], [...literal, 1, 2]], // before the start
    [[5], [...literal, 2, 0, 0]], // offset 0
    [[5], [...literal, 1, 0]], // repeats what was never there
    [[4], [...literal, 1, 1]], // too long
    [[9], [...literal, 1, 1, 5 << 2 | 1, 0]], // length cut
  ];
  for (const [length, elements] of wrong) {
    assertThrows(
      () => decode(stream(chunk(ascii("a"), length, elements))),
      S2Error,
      "s2: corrupt input",
    );
  }
});

Deno.test("chunks that make no sense are refused", () => {
  const refused = (bytes: Uint8Array, text: string) =>
    assertThrows(() => decode(bytes), S2Error, text);
  const good = chunk(ascii("a"), [1], [0, 0x61]);
  refused(Uint8Array.from(good), "s2: corrupt input");
  refused(Uint8Array.from([0x80, 0, 0, 0]), "s2: corrupt input");
  refused(stream([0x02, 0, 0, 0]), "s2: unsupported input");
  refused(stream([0x7f, 0, 0, 0]), "s2: unsupported input");
  refused(stream([0, 0xff, 0xff, 0xff]), "s2: unsupported input");
  refused(stream([0, 3, 0, 0, 1, 2, 3]), "s2: corrupt input");
  refused(stream([0, 4, 0, 0, 1, 2, 3, 4]), "s2: corrupt input");
  refused(stream([0xff, 5, 0, 0, 1, 2, 3, 4, 5]), "s2: corrupt input");
  refused(stream([0xff, 6, 0, 0, 1, 2, 3, 4, 5, 6]), "s2: corrupt input");
  // More than 4 MiB of data, or a length without end.
  for (const length of [[0x81, 0x80, 0x80, 2], Array(12).fill(0xff)]) {
    refused(stream(chunk(ascii("a"), length, [])), "s2: corrupt input");
  }
  for (let size = 1; size < good.length; size++) {
    refused(stream(good.slice(0, size)), "s2: corrupt input");
  }
  for (let at = 4; at < 8; at++) {
    const wrong = good.slice();
    wrong[at] = (wrong[at] ?? 0) ^ 1;
    refused(stream(wrong), "s2: corrupt input, crc mismatch");
  }
});

Deno.test("a Snappy stream with a block of S2's size is refused", () => {
  const large = new S2Encoder("s2").encode(new Uint8Array(70_000));
  large.set(SNAPPY_IDENTIFIER);
  assertThrows(() => decode(large), S2Error, "s2: corrupt input");
  const noise = new Uint8Array(70_000);
  new SeededRandom(1n).fill(noise);
  const stored = new S2Encoder("s2").encode(noise);
  stored.set(SNAPPY_IDENTIFIER);
  assertThrows(() => decode(stored), S2Error, "s2: corrupt input");
});

Deno.test("chunks to be skipped are, and a stream may start again", () => {
  const good = chunk(ascii("a"), [1], [0, 0x61]);
  const bytes = stream(
    [0xfe, 3, 0, 0, 1, 2, 3],
    good,
    [0x99, 0, 0, 0],
    SNAPPY_IDENTIFIER,
    good,
    [0x80, 1, 0, 0, 9],
  );
  assertEquals(decode(bytes), ascii("aa"));
});
