/**
 * Files of a real Go server, decoded and encoded again, and given back to it.
 */

import { assertEquals } from "@std/assert";
import { capability } from "../../tools/capability.ts";
import { fill, look, type Sight } from "./fill.ts";
import { GoStore } from "./go_store.ts";
import { type Encryption, StoredStream, Tally } from "./stored_stream.ts";

const SECRET = "s3cr3t";

interface Variant {
  readonly name: string;
  readonly encryption: Encryption | null;
  readonly compression: "none" | "s2";
  /** Rows that only this variant proves. */
  readonly rows: readonly string[];
}

const VARIANTS: readonly Variant[] = [
  {
    name: "plain",
    encryption: null,
    compression: "none",
    rows: [
      "stores/blk-record",
      "stores/record-hash",
      "stores/index-db",
      "stores/o-dat",
      "stores/thw-db",
      "stores/sched-db",
      "stores/sources-db",
    ],
  },
  {
    name: "ChaCha20",
    encryption: { cipher: "chacha", secret: SECRET },
    compression: "none",
    rows: ["stores/encrypted-blk", "stores/key"],
  },
  {
    name: "AES",
    encryption: { cipher: "aes", secret: SECRET },
    compression: "none",
    rows: ["stores/encrypted-blk", "stores/key"],
  },
  {
    name: "compressed",
    encryption: null,
    compression: "s2",
    rows: ["stores/compressed-blk"],
  },
  {
    name: "compressed and encrypted",
    encryption: { cipher: "chacha", secret: SECRET },
    compression: "s2",
    rows: ["stores/compressed-blk", "stores/encrypted-blk"],
  },
];

for (const variant of VARIANTS) {
  capability(`files of a Go server, ${variant.name}: made again they open`, {
    positive: variant.rows,
  }, async () => {
    const directory = await Deno.makeTempDir({ prefix: "nats-formats-" });
    try {
      const before = await fillAndStop(directory, variant);
      const tally = await remake(directory, variant);
      assertSeen(tally, variant);
      const { sight, log } = await reopen(directory, variant);
      assertEquals(sight, before);
      assertEquals(log.match(/.*\[(?:WRN|ERR)\].*/g), null);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}

function jetstreamOptions({ encryption }: Variant): string {
  return encryption === null
    ? ""
    : `key: "${encryption.secret}", cipher: ${encryption.cipher}`;
}

async function fillAndStop(
  directory: string,
  variant: Variant,
): Promise<Sight> {
  await using store = await GoStore.start(directory, jetstreamOptions(variant));
  await fill(store, variant.compression);
  const sight = await look(store);
  await store.stop();
  return sight;
}

async function remake(directory: string, variant: Variant): Promise<Tally> {
  const tally = new Tally();
  for (const name of ["S", "A"]) {
    await new StoredStream(directory, name, variant.encryption, tally).remake();
  }
  return tally;
}

/** There was something of everything that there can be. */
function assertSeen(
  tally: Tally,
  { compression, encryption }: Variant,
): void {
  const absent = [
    ...compression === "s2" ? [] : ["compressed"],
    // What is encrypted is not erased when it is deleted.
    ...encryption === null ? [] : ["noMessage"],
  ];
  for (const [name, count] of Object.entries(tally)) {
    assertEquals(count > 0, !absent.includes(name), name);
  }
}

async function reopen(
  directory: string,
  variant: Variant,
): Promise<{ sight: Sight; log: string }> {
  await using store = await GoStore.start(directory, jetstreamOptions(variant));
  const sight = await look(store);
  return { sight, log: store.log() };
}
