import { assert, assertEquals, assertThrows } from "@std/assert";
import { finish } from "../../../../src/connection/mod.ts";
import { Chunk, decodeByteString } from "../../../../src/protocol/mod.ts";
import {
  type AssetKey,
  BlockCipher,
  CORRUPT_STATE,
  DecodeError,
  deriveKey,
  HashKey,
  HighwayHash,
  IndexReader,
  keyContext,
  metaChecksum,
  NONCE_SIZES,
  open,
  opening,
  openKey,
  RecordView,
  seal,
  sealing,
  sealKey,
  type StoreCipher,
} from "../../../../src/store/mod.ts";
import { hchacha20 } from "../../../../src/store/format/hchacha20.ts";
import { capability } from "../../../tools/capability.ts";
import { ENCRYPTED } from "./encrypted_samples.ts";
import { hex } from "./samples.ts";
import { checkedBody, decodeConsumerState } from "./at_once.ts";

const CIPHERS: readonly StoreCipher[] = ["chacha", "aes"];
const SECRET = "s3cr3t";
const hash = new HighwayHash();

function streamKey(cipher: StoreCipher): AssetKey {
  const kek = deriveKey(SECRET, "$G", keyContext.stream("E"));
  return openKey(cipher, kek, ENCRYPTED[cipher].metaKey);
}

function blockKey(cipher: StoreCipher): AssetKey {
  const kek = deriveKey(SECRET, "$G", keyContext.block("E", 1));
  return openKey(cipher, kek, ENCRYPTED[cipher].blockKey);
}

function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i * i >> 3);
}

Deno.test("HChaCha20 has the value of its specification", () => {
  const key = Uint8Array.from({ length: 32 }, (_, i) => i);
  assertEquals(
    hchacha20(key, hex("000000090000004a0000000031415927")),
    hex("82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc"),
  );
});

capability("meta files of a Go server are decrypted", {
  positive: ["stores/key", "stores/meta-sum"],
}, () => {
  for (const cipher of CIPHERS) {
    const { meta, metaSum } = ENCRYPTED[cipher];
    const { seed } = streamKey(cipher);
    const text = decodeByteString(open(cipher, seed, meta));
    assertEquals(JSON.parse(text).name, "E");
    // The checksum is that of the encrypted file.
    assertEquals(metaChecksum(hash, HashKey.ofStream("E"), meta), metaSum);
  }
});

capability("the state of a Go server's consumer is decrypted", {
  positive: ["stores/key"],
}, () => {
  for (const cipher of CIPHERS) {
    const { consumerKey, consumerState } = ENCRYPTED[cipher];
    const kek = deriveKey(SECRET, "$G", keyContext.consumer("E", "C"));
    const { seed } = openKey(cipher, kek, consumerKey);
    const state = decodeConsumerState(open(cipher, seed, consumerState));
    assertEquals(state.delivered, { consumer: 1, stream: 1 });
  }
});

capability("the index of a Go server is decrypted", {
  positive: ["stores/key", "stores/index-db"],
}, () => {
  for (const cipher of CIPHERS) {
    const { index } = ENCRYPTED[cipher];
    const key = HashKey.ofStream("E");
    const sealed = checkedBody(hash, key, index, CORRUPT_STATE);
    const plain = open(cipher, streamKey(cipher).seed, sealed);
    assertEquals(new IndexReader(plain).stream.messages, 2);
  }
});

capability("blocks of a Go server are decrypted, from any position on", {
  positive: ["stores/encrypted-blk"],
}, () => {
  for (const cipher of CIPHERS) {
    const key = blockKey(cipher);
    const { block } = ENCRYPTED[cipher];
    const plain = new BlockCipher(cipher, key).apply(block, 0);
    const chunk = Chunk.of(plain);
    const view = new RecordView();
    const messages: string[] = [];
    for (let at = 0; at < chunk.size; at += view.size) {
      assertEquals(view.read(chunk, at, chunk.size), 0);
      messages.push(decodeByteString(plain, view.headerEnd, view.messageEnd));
    }
    assertEquals(messages, ["one", "two"]);
    for (let at = 0; at < block.length; at++) {
      const rest = new BlockCipher(cipher, key).apply(block.subarray(at), at);
      assertEquals(rest, plain.slice(at));
    }
  }
});

capability("a block encrypted again is the bytes that a Go server wrote", {
  positive: ["stores/encrypted-blk"],
}, () => {
  for (const cipher of CIPHERS) {
    const key = blockKey(cipher);
    const { block } = ENCRYPTED[cipher];
    const plain = new BlockCipher(cipher, key).apply(block, 0);
    // In pieces, as records are appended.
    const again = new BlockCipher(cipher, key);
    const pieces = [0, 1, 34, 60, plain.length].flatMap((start, i, starts) => [
      ...again.apply(plain.subarray(start, starts[i + 1]), start),
    ]);
    assertEquals(Uint8Array.from(pieces), block);
  }
});

capability("a block may be worked on here and there", {
  edge: ["stores/encrypted-blk"],
}, () => {
  for (const cipher of CIPHERS) {
    const key = {
      seed: pattern(32),
      // The counter of AES-CTR overflows soon.
      nonce: new Uint8Array(NONCE_SIZES[cipher]).fill(0xff),
    };
    const plain = pattern(100_000);
    const whole = new BlockCipher(cipher, key).apply(plain, 0);
    const work = new BlockCipher(cipher, key);
    for (const at of [70_000, 0, 16, 15, 64, 63, 99_999, 4_096]) {
      const piece = plain.subarray(at, at + 100);
      assertEquals(
        Uint8Array.from(work.apply(piece, at)),
        whole.slice(at, at + 100),
      );
    }
    assertEquals(work.apply(new Uint8Array(0), 5).length, 0);
  }
});

capability("a key file written again is the bytes that a Go server wrote", {
  positive: ["stores/key"],
}, () => {
  for (const cipher of CIPHERS) {
    const kek = deriveKey(SECRET, "$G", "E");
    const { metaKey, meta } = ENCRYPTED[cipher];
    const key = streamKey(cipher);
    assertEquals(sealKey(cipher, kek, key), metaKey);
    const nonce = meta.subarray(0, NONCE_SIZES[cipher]);
    const plain = open(cipher, key.seed, meta);
    assertEquals(seal(cipher, key.seed, nonce, plain), meta);
  }
});

capability("key files open only with the right secret, account and context", {
  edge: ["stores/key"],
}, () => {
  for (const cipher of CIPHERS) {
    const file = ENCRYPTED[cipher].metaKey;
    for (
      const [secret, account, context] of [
        ["s3cr3T", "$G", "E"],
        [SECRET, "$SYS", "E"],
        [SECRET, "$G", "E:1"],
      ] as const
    ) {
      const kek = deriveKey(secret, account, context);
      assertThrows(
        () => openKey(cipher, kek, file),
        DecodeError,
        "message authentication failed",
      );
    }
  }
});

capability(
  "key files that are cut, changed or of the other cipher are refused",
  {
    edge: ["stores/key"],
  },
  () => {
    const kek = deriveKey(SECRET, "$G", "E");
    for (const cipher of CIPHERS) {
      const file = ENCRYPTED[cipher].metaKey;
      for (let size = 0; size < file.length; size++) {
        assertThrows(
          () => openKey(cipher, kek, file.subarray(0, size)),
          DecodeError,
          size < 64 ? "encryption bad key size" : "authentication failed",
        );
      }
      for (let at = 0; at < file.length; at++) {
        const changed = file.slice();
        changed[at] = (changed[at] ?? 0) ^ 0x80;
        assertThrows(() => openKey(cipher, kek, changed), DecodeError);
      }
      const other = cipher === "aes" ? "chacha" : "aes";
      assertThrows(() => openKey(other, kek, file), DecodeError);
    }
    // A seed of another size, though sealed well.
    const long = seal("aes", kek, new Uint8Array(16), new Uint8Array(33));
    assertThrows(() => openKey("aes", kek, long), DecodeError, "bad key size");
  },
);

Deno.test("what is sealed can be opened, however long", () => {
  for (const cipher of CIPHERS) {
    const key = pattern(32);
    const nonce = pattern(NONCE_SIZES[cipher]);
    for (const size of [0, 1, 15, 16, 17, 100_000]) {
      const sealed = seal(cipher, key, nonce, pattern(size));
      assertEquals(sealed.length, nonce.length + size + 16);
      assertEquals(open(cipher, key, sealed), pattern(size));
      assert(size === 0 || sealed[nonce.length] !== undefined);
    }
    assertThrows(
      () => open(cipher, key, new Uint8Array(nonce.length + 15)),
      DecodeError,
      "message authentication failed",
    );
  }
});

Deno.test("a large file that is sealed and opened step by step is as if it were at once", async () => {
  const seed = pattern(32);
  const content = pattern(700_000);
  for (const cipher of CIPHERS) {
    const nonce = pattern(NONCE_SIZES[cipher]);
    const work = sealing(cipher, seed, nonce, content);
    assertEquals([work.next().done, work.next().done], [false, false]);
    const sealed = finish(work);
    if (cipher === "aes") {
      const key = await crypto.subtle
        .importKey("raw", seed.slice(), "AES-GCM", false, ["encrypt"]);
      const whole = await crypto.subtle
        .encrypt({ name: "AES-GCM", iv: nonce.slice() }, key, content.slice());
      assertEquals(sealed.subarray(nonce.length), new Uint8Array(whole));
    }
    const reading = opening(cipher, seed, sealed);
    assertEquals([reading.next().done, reading.next().done], [false, false]);
    assertEquals(finish(reading), content);
    const changed = sealed.slice();
    changed[300_000] = 1 ^ (changed[300_000] ?? 0);
    assertThrows(() => finish(opening(cipher, seed, changed)), DecodeError);
  }
});
