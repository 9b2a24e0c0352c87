import { assertEquals, assertThrows } from "@std/assert";
import {
  type BlockDigest,
  decodeDigest,
  decodeDigestHead,
  DecodeError,
  DigestedMessages,
  encodeDigestHead,
} from "../../../../src/store/format/mod.ts";
import {
  BLOCK_DIGEST,
  DIGEST_HEAD,
  DIGEST_TOTALS,
  DIGESTED,
  DIGESTED_DELETED,
  DIGESTED_TOMBSTONES,
} from "./samples.ts";

function decode(bytes: Uint8Array): [BlockDigest, readonly number[][]] {
  const messages = new DigestedMessages();
  const digest = decodeDigest(bytes, messages);
  const { sequences, positions, sizes, subjects } = messages;
  const found = Array.from({ length: messages.count }, (_, i) => [
    sequences[i] ?? 0,
    positions[i] ?? 0,
    sizes[i] ?? 0,
    subjects[i] ?? 0,
  ]);
  return [digest, found];
}

Deno.test("a digest of a block survives", () => {
  const [digest, found] = decode(BLOCK_DIGEST);
  const { text, names, tombstones, deleted, ...totals } = digest;
  assertEquals(totals, DIGEST_TOTALS);
  assertEquals(tombstones, DIGESTED_TOMBSTONES);
  assertEquals(deleted, DIGESTED_DELETED);
  assertEquals(found, DIGESTED);
  const name = (i: number) =>
    new TextDecoder().decode(
      text.bytes.subarray(names[2 * i], names[2 * i + 1]),
    );
  assertEquals([name(0), name(1), names.length], ["orders.new", "a", 4]);
  assertEquals(decodeDigestHead(encodeDigestHead(DIGEST_HEAD)), DIGEST_HEAD);
});

Deno.test("a digest that is cut, longer or unknown is refused", () => {
  for (let size = 0; size < BLOCK_DIGEST.length; size++) {
    assertThrows(() => decode(BLOCK_DIGEST.slice(0, size)), DecodeError);
  }
  assertThrows(() => decode(Uint8Array.of(...BLOCK_DIGEST, 0)), DecodeError);
  const head = encodeDigestHead(DIGEST_HEAD);
  for (const at of [0, 4]) {
    const changed = head.slice();
    changed[at] = 99;
    assertThrows(() => decodeDigestHead(changed), DecodeError);
  }
});

Deno.test("messages that can't be in the block are refused", () => {
  // Of the last one: the number of its subject, and bytes of its record.
  for (const [at, byte] of [[0, 8], [0, 6]] as const) {
    const changed = BLOCK_DIGEST.slice();
    changed[changed.length - at - 1] = byte;
    assertThrows(() => decode(changed), DecodeError);
  }
});
