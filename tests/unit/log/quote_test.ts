import { assertEquals } from "@std/assert";
import { quoteBytes, quoteText } from "../../../src/log/mod.ts";
import { isPrintable } from "../../../src/log/unicode15.ts";
import { capability } from "../../tools/capability.ts";

const encoder = new TextEncoder();

/** Bytes in hexadecimal and what Go's `%q` makes of them. */
const GOLDEN: readonly (readonly [string, string])[] = [
  ["68656c6c6f", '"hello"'],
  [
    "6122625c630d0a0907080c0b001f7f",
    String.raw`"a\"b\\c\r\n\t\a\b\f\v\x00\x1f\x7f"`,
  ],
  ["fffe61", String.raw`"\xff\xfea"`],
  ["6772c3bcc39f6520e4b896e7958c20f09f8e89", '"grüße 世界 🎉"'],
  [
    "c2a0e2808befbbbfefbfbdf3a08081",
    String.raw`"\u00a0\u200b\ufeff` + "\ufffd" + String.raw`\U000e0001"`,
  ],
  ["eda080", String.raw`"\xed\xa0\x80"`],
  ["c080", String.raw`"\xc0\x80"`],
  ["e4b8", String.raw`"\xe4\xb8"`],
  ["f4908080", String.raw`"\xf4\x90\x80\x80"`],
  ["f0808080", String.raw`"\xf0\x80\x80\x80"`],
];

capability(
  "quoteBytes - equals Go's %q for control characters, Unicode and broken UTF-8",
  { edge: ["cli-signals-logging/trace-payload"] },
  () => {
    for (const [hex, quoted] of GOLDEN) {
      assertEquals(quoteBytes(Uint8Array.fromHex(hex)), quoted);
    }
  },
);

Deno.test("quoteBytes - equals Go's %q for 20 000 pseudo-random byte strings", async () => {
  const next = linearCongruence(12345);
  let all = "";
  for (let i = 0; i < 20_000; i++) all += quoteBytes(randomBytes(next)) + "\n";
  assertEquals(
    await sha256(encoder.encode(all)),
    "20c851a0991c457e17aec326d635ffbc02c62281402082220862d2e57406b37c",
  );
});

Deno.test("isPrintable - equals Go's strconv.IsPrint for every code point", async () => {
  const printable = new Uint8Array(0x110000);
  for (let codePoint = 0; codePoint < printable.length; codePoint++) {
    const surrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
    printable[codePoint] = !surrogate && isPrintable(codePoint) ? 1 : 0;
  }
  assertEquals(
    await sha256(printable),
    "a24a109bc8e347f9490466c59e4160d0dc9dd1006a5be9a4c91af71cd2e7fa99",
  );
});

Deno.test("quoteText - quotes a string as its UTF-8", () => {
  assertEquals(quoteText('a "b"\n'), String.raw`"a \"b\"\n"`);
  assertEquals(quoteText(""), '""');
});

function randomBytes(next: () => number): Uint8Array {
  const bytes = new Uint8Array(next() % 12);
  for (let i = 0; i < bytes.length; i++) {
    const value = next();
    const byte = (value >> 4) & 0xff;
    bytes[i] = [
      byte,
      0x80 | (byte & 0x3f),
      0xc0 | (byte & 0x3f),
      byte & 0x7f,
    ][value % 4] ?? 0;
  }
  return bytes;
}

/** The generator by which the golden hash was made. */
function linearCongruence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 8;
  };
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
