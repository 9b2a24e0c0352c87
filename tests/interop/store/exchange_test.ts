/** Directories of streams, exchanged with the Go server. */

import { finish } from "../../../src/connection/mod.ts";
import { assert, assertEquals } from "@std/assert";
import { denoRuntime } from "../../../src/runtime/mod.ts";
import {
  type ConsumerState,
  FileAccountStores,
  type StreamStore,
} from "../../../src/store/mod.ts";
import { capability } from "../../tools/capability.ts";
import type { Implementation, Peer } from "../../tools/oracle.ts";
import {
  message,
  storedConsumers,
  storeOptions,
  textOf,
} from "../../unit/store/support.ts";
import { ApiClient, type GotMessage } from "./api_client.ts";
import {
  ACCOUNT,
  assertClean,
  configOf,
  type Encryption,
  start,
  stop,
} from "./directories.ts";

/** A stream, as far as both must agree upon it. */
interface StreamFacts {
  readonly messages: number;
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
  readonly subjects: number;
  readonly deleted: readonly number[];
  /** Subject, header, payload and time by sequence. */
  readonly contents: ReadonlyMap<number, string>;
}

function startGo(directory: string, more = ""): Promise<Peer> {
  return start("go", directory, more);
}

function ourStores(
  directory: string,
  warnings: string[],
  encryption: Encryption | null,
): FileAccountStores {
  const { disk, clock, timers, random } = denoRuntime();
  return new FileAccountStores({
    disk,
    clock,
    timers,
    random,
    turns: { next: () => timers.sleep(1) },
    directory: `${directory}/jetstream/${ACCOUNT}`,
    syncInterval: 120_000,
    syncAlways: false,
    encryption: encryption === null ? null : {
      account: ACCOUNT,
      secret: encryption.secret,
      previousSecret: encryption.previous ?? "",
      cipher: encryption.cipher,
    },
    warn: (text) => warnings.push(text),
  });
}

async function factsOf(api: ApiClient, name: string): Promise<StreamFacts> {
  const { state } = await api.api(`STREAM.INFO.${name}`, {
    deleted_details: true,
  });
  const contents = new Map<number, string>();
  const deleted: number[] = state.deleted ?? [];
  for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
    if (deleted.includes(seq)) continue;
    const answer = await api.api(`STREAM.MSG.GET.${name}`, { seq });
    const got: GotMessage = answer.message;
    contents.set(
      seq,
      [got.subject, atob(got.hdrs ?? ""), atob(got.data ?? ""), got.time]
        .join("|"),
    );
  }
  return {
    messages: state.messages,
    bytes: state.bytes,
    first: state.first_seq,
    last: state.last_seq,
    subjects: state.num_subjects ?? 0,
    deleted,
    contents,
  };
}

function factsOfOurs(store: StreamStore): StreamFacts {
  const state = store.state();
  assertEquals(state.lost, null);
  const deleted = [...store.deletedSequences()];
  const contents = new Map<number, string>();
  for (let seq = state.firstSequence; seq <= state.lastSequence; seq++) {
    const stored = store.load(seq);
    if (stored === null) continue;
    contents.set(
      seq,
      [stored.subject, ...textOf(stored), timeText(stored.time)].join("|"),
    );
  }
  return {
    messages: state.messages,
    bytes: state.bytes,
    first: state.firstSequence,
    last: state.lastSequence,
    subjects: state.subjects,
    deleted,
    contents,
  };
}

/** A time as Go writes it: without zeros at the end. */
function timeText(nanos: bigint): string {
  const seconds = new Date(Number(nanos / 1_000_000n)).toISOString().slice(
    0,
    19,
  );
  const fraction = String(nanos % 1_000_000_000n).padStart(9, "0")
    .replace(/0+$/, "");
  return fraction === "" ? `${seconds}Z` : `${seconds}.${fraction}Z`;
}

/** A stream in many small blocks, with all kinds of gaps, and a consumer. */
async function fill(
  api: ApiClient,
  name: string,
  config: object,
): Promise<void> {
  await api.api(`STREAM.CREATE.${name}`, {
    name,
    subjects: [`${name}.>`],
    storage: "file",
    retention: "limits",
    max_bytes: 120_000,
    allow_msg_ttl: true,
    allow_rollup_hdrs: true,
    ...config,
  });
  for (let i = 1; i <= 300; i++) {
    const header = i % 7 === 0
      ? `NATS/1.0\r\nNats-TTL: 1h\r\nX: ${i}\r\n\r\n`
      : "";
    await api.publish(`${name}.s${i % 11}`, `${i} `.padEnd(i, "x"), header);
  }
  for (let seq = 5; seq <= 300; seq += 13) {
    await api.api(`STREAM.MSG.DELETE.${name}`, {
      seq,
      no_erase: seq % 2 === 0,
    });
  }
  await api.api(`STREAM.PURGE.${name}`, { filter: `${name}.s3`, keep: 2 });
  await api.api(`CONSUMER.DURABLE.CREATE.${name}.C`, {
    stream_name: name,
    config: { durable_name: "C", ack_policy: "explicit", max_deliver: 5 },
  });
  const replies = await api.next(name, "C", 12);
  for (const i of [0, 1, 2, 5, 7]) await api.send(replies[i] ?? "", "+ACK");
  await api.send(replies[3] ?? "", "-NAK");
  await api.next(name, "C", 1);
  await api.request(replies[8] ?? "", "+WPI");
}

/** What both say of the consumer. */
async function consumerOf(api: ApiClient, name: string): Promise<object> {
  const { delivered, ack_floor, num_ack_pending, num_redelivered } = await api
    .api(`CONSUMER.INFO.${name}.C`);
  return {
    delivered: [delivered.consumer_seq, delivered.stream_seq],
    floor: [ack_floor.consumer_seq, ack_floor.stream_seq],
    pending: num_ack_pending,
    redelivered: num_redelivered,
  };
}

function consumerOfOurs(state: ConsumerState): object {
  const { delivered, ackFloor, pending, redelivered } = state;
  return {
    delivered: [delivered.consumer, delivered.stream],
    floor: [ackFloor.consumer, ackFloor.stream],
    pending: pending.size,
    redelivered: redelivered.size,
  };
}

function openOurs(
  directory: string,
  name: string,
  warnings: string[],
  encryption: Encryption | null,
): StreamStore {
  const stores = ourStores(directory, warnings, encryption);
  assertEquals(finish(stores.recovering()).unreadable, []);
  return stores.open({
    ...storeOptions({ maxBytes: 120_000, allowTtl: true }),
    name,
    storage: "file",
  });
}

/** Changes that leave traces of every kind. */
function goOn(store: StreamStore, name: string): void {
  for (let i = 1; i <= 120; i++) {
    const header = i % 5 === 0 ? `NATS/1.0\r\nY: ${i}\r\n\r\n` : "";
    store.append(
      message(`${name}.o${i % 7}`, `ours ${i}`.padEnd(3 * i), header),
    );
  }
  store.flush();
  const { firstSequence, lastSequence } = store;
  for (let seq = firstSequence + 40; seq <= lastSequence; seq += 9) {
    if (seq % 2 === 0) store.remove(seq);
    else store.erase(seq);
  }
  store.skip(3);
  store.append(message(`${name}.end`, "the end"));
}

async function exchange(
  config: object,
  encryption: Encryption | null = null,
  ours = encryption,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "nats-exchange-" });
  const name = "EXCHANGE";
  const warnings: string[] = [];
  try {
    await using first = await startGo(directory, configOf(encryption));
    const api = await ApiClient.connect(first.port);
    await fill(api, name, config);
    const before = await factsOf(api, name);
    const consumerBefore = await consumerOf(api, name);
    await api.close();
    await stop(first);

    const store = openOurs(directory, name, warnings, ours);
    assertEquals(factsOfOurs(store), before);
    const [stored] = storedConsumers(store);
    assertEquals(stored?.name, "C");
    let state: ConsumerState | null = null;
    const consumer = store.consumer("C", () => {
      if (state === null) throw new Error("no state");
      return state;
    });
    state = finish(consumer.loading());
    assert(state !== null);
    assertEquals(consumerOfOurs(state), consumerBefore);
    consumer.changed();
    goOn(store, name);
    const after = factsOfOurs(store);
    store.stop();
    assertEquals(warnings, []);

    await using second = await startGo(directory, configOf(ours));
    const again = await ApiClient.connect(second.port);
    assertEquals(await factsOf(again, name), after);
    assertEquals(await consumerOf(again, name), consumerBefore);
    await again.publish(`${name}.go`, "and on");
    const end = await factsOf(again, name);
    await again.close();
    await stop(second);
    assertClean(second.log());

    const last = openOurs(directory, name, warnings, ours);
    assertEquals(factsOfOurs(last), end);
    last.stop();
    assertEquals(warnings, []);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

capability("a directory goes from Go to us and back", {
  positive: [
    "stores/meta-inf",
    "stores/blk-record",
    "stores/index-db",
    "stores/o-dat",
    "stores/recovery-fast-path",
    "stores/consumer-store",
  ],
}, () => exchange({}));

capability("a directory of compressed blocks goes from Go to us and back", {
  positive: ["stores/compressed-blk"],
}, () => exchange({ compression: "s2" }));

for (const cipher of ["aes", "chacha"] as const) {
  capability(`a directory encrypted by ${cipher} goes from Go to us and back`, {
    positive: ["stores/encrypted-blk", "stores/key"],
  }, () => exchange({}, { cipher, secret: "s3cr3t" }));
}

capability("a directory is encrypted when we are told to", {
  positive: ["stores/encryption-conversion"],
}, () => exchange({}, null, { cipher: "chacha", secret: "s3cr3t" }));

capability("a directory gets a new secret", {
  edge: ["stores/encryption-conversion", "stores/key"],
}, () =>
  exchange({ compression: "s2" }, { cipher: "aes", secret: "old" }, {
    cipher: "aes",
    secret: "new",
    previous: "old",
  }));

for (const [from, to] of [["aes", "chacha"], ["chacha", "aes"]] as const) {
  capability(`a directory gets another cipher: ${to} instead of ${from}`, {
    positive: ["stores/encryption-conversion"],
  }, () =>
    exchange(
      { compression: from === "aes" ? "s2" : "none" },
      { cipher: from, secret: "s3cr3t" },
      { cipher: to, secret: "s3cr3t" },
    ));
}

capability("a directory gets another cipher and another secret", {
  positive: ["stores/encryption-conversion"],
}, () =>
  exchange({}, { cipher: "aes", secret: "old" }, {
    cipher: "chacha",
    secret: "new",
    previous: "old",
  }));

/** Two servers use one directory in turns; each finds what the other left. */
async function takeTurns(
  turns: readonly Implementation[],
  config: object,
  encryption: Encryption | null = null,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "nats-turns-" });
  const name = "TURNS";
  let facts: StreamFacts | null = null;
  let consumer: object | null = null;
  try {
    for (const implementation of turns) {
      await using peer = await start(
        implementation,
        directory,
        configOf(encryption),
      );
      const api = await ApiClient.connect(peer.port);
      if (facts === null) await fill(api, name, config);
      else {
        assertEquals(await factsOf(api, name), facts);
        assertEquals(await consumerOf(api, name), consumer);
      }
      for (let i = 0; i < 20; i++) await api.publish(`${name}.more`, `${i}`);
      const [reply] = await api.next(name, "C", 1);
      await api.send(reply ?? "", "+ACK");
      facts = await factsOf(api, name);
      consumer = await consumerOf(api, name);
      await api.close();
      await stop(peer);
      assertClean(peer.log());
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

capability("servers take turns with a directory", {
  positive: ["stores/meta-sum", "stores/write-path"],
}, async (t) => {
  const turns = ["go", "ours", "go", "ours"] as const;
  const back = ["ours", "go", "ours", "go"] as const;
  await t.step("Go first", () => takeTurns(turns, {}));
  await t.step("ours first", () => takeTurns(back, {}));
  await t.step("compressed", () => takeTurns(back, { compression: "s2" }));
  await t.step(
    "encrypted",
    () => takeTurns(back, {}, { cipher: "aes", secret: "s3cr3t" }),
  );
});

/** What is in a directory of messages that says what is in the blocks. */
async function indexFiles(
  messages: string,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const name of ["index.db", "messages.idx"]) {
    files.set(name, await Deno.readFile(`${messages}/${name}`));
  }
  return files;
}

/** Where a stream has its messages. */
function messagesOf(directory: string, name: string): string {
  return `${directory}/jetstream/${ACCOUNT}/streams/${name}/msgs`;
}

async function hasFile(directory: string, name: string): Promise<boolean> {
  const entries = await Array.fromAsync(Deno.readDir(directory));
  return entries.some((each) => each.name === name);
}

/** A server that comes and goes, and a stream. */
interface Visit {
  readonly implementation: Implementation;
  readonly directory: string;
  readonly name: string;
  /** Ends it; default: SIGTERM. */
  readonly signal?: Deno.Signal;
}

/** Runs `work` with a server; returns what the stream was before that ended. */
async function visit(
  { implementation, directory, name, signal = "SIGTERM" }: Visit,
  work: (api: ApiClient) => Promise<void>,
): Promise<StreamFacts> {
  await using peer = await start(implementation, directory);
  const api = await ApiClient.connect(peer.port);
  await work(api);
  const facts = await factsOf(api, name);
  await api.close();
  peer.signal(signal);
  await peer.exited;
  assertClean(peer.log());
  return facts;
}

capability("indexes from before another server came do not mislead", {
  positive: ["stores/recovery-fast-path"],
  edge: ["stores/recovery-fast-path"],
}, async () => {
  const directory = await Deno.makeTempDir({ prefix: "nats-stale-" });
  const name = "STALE";
  const messages = messagesOf(directory, name);
  const run = (
    implementation: Implementation,
    work: (api: ApiClient) => Promise<void>,
  ) => visit({ implementation, directory, name }, work);
  try {
    const ours = await run("ours", (api) => fill(api, name, {}));
    const kept = await indexFiles(messages);
    assertEquals(await run("ours", async () => {}), ours);
    const go = await run("go", async (api) => {
      assertEquals(await factsOf(api, name), ours);
      const seq = [...ours.contents.keys()][50];
      await api.api(`STREAM.MSG.DELETE.${name}`, { seq, no_erase: true });
      for (let i = 0; i < 30; i++) await api.publish(`${name}.go`, `${i}`);
    });
    // Go has no use for it.
    assert(!await hasFile(messages, "messages.idx"));
    for (const stale of [["messages.idx"], ["messages.idx", "index.db"]]) {
      for (const each of stale) {
        const bytes = kept.get(each) ?? new Uint8Array(0);
        await Deno.writeFile(`${messages}/${each}`, bytes);
      }
      assertEquals(await run("ours", async () => {}), go);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

capability("digests of blocks serve after a kill, and mean nothing to others", {
  positive: ["stores/recovery-fast-path"],
  edge: ["stores/recovery-fast-path"],
}, async () => {
  const directory = await Deno.makeTempDir({ prefix: "nats-digests-" });
  const name = "KILLED";
  const messages = messagesOf(directory, name);
  const hasDigest = () => hasFile(messages, "1.idx");
  const run = (
    implementation: Implementation,
    signal: Deno.Signal,
    work: (api: ApiClient) => Promise<void>,
  ) => visit({ implementation, directory, name, signal }, work);
  const remove = async (api: ApiClient, seq: number) => {
    await api.api(`STREAM.MSG.DELETE.${name}`, { seq });
  };
  try {
    const ours = await run("ours", "SIGKILL", async (api) => {
      await api.api(`STREAM.CREATE.${name}`, {
        name,
        subjects: [`${name}.>`],
        storage: "file",
        // For blocks of 4 MiB.
        max_msgs_per_subject: 100,
      });
      const payload = "x".repeat(100_000);
      for (let i = 0; i < 50; i++) {
        await api.publish(`${name}.${i % 3}`, `${payload}${i}`);
      }
      const deadline = Date.now() + 20_000;
      while (!await hasDigest() && Date.now() < deadline) {
        await api.api(`STREAM.INFO.${name}`);
      }
      assert(await hasDigest());
      await remove(api, 48);
      await api.publish(`${name}.last`, "x");
    });
    assertEquals(await run("ours", "SIGKILL", async () => {}), ours);
    assertEquals(ours.messages, 50);
    const go = await run("go", "SIGTERM", async (api) => {
      assertEquals(await factsOf(api, name), ours);
      await remove(api, 9);
    });
    assert(!await hasDigest());
    assertEquals(await run("ours", "SIGTERM", async () => {}), go);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
