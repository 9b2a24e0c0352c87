/** Directories of servers that crashed while they committed a batch. */

import { assertEquals } from "@std/assert";
import { shortHash } from "../../../src/account/mod.ts";
import { denoRuntime } from "../../../src/runtime/mod.ts";
import { FileAccountStores, type StreamStore } from "../../../src/store/mod.ts";
import { capability } from "../../tools/capability.ts";
import type { Implementation } from "../../tools/oracle.ts";
import { message, storeOptions } from "../../unit/store/support.ts";
import { ApiClient } from "./api_client.ts";
import { ACCOUNT, start, stop } from "./directories.ts";

const BATCH = "the batch";

/** How far a server came. */
interface Crash {
  /** Messages of the batch that are in the stream. */
  readonly done: number;
  /** What the last one that was staged says; null: nothing was staged. */
  readonly commit: string | null;
  readonly config?: object;
  /** Further header of each message in the stream. */
  readonly header?: string;
}

/** A message of a batch of four. */
function part(sequence: number, commit: string | null, more = "") {
  const end = commit === null ? "" : `Nats-Batch-Commit: ${commit}\r\n`;
  const header = `NATS/1.0\r\nNats-Batch-Id: ${BATCH}\r\n` +
    `Nats-Batch-Sequence: ${sequence}\r\n${more}${end}\r\n`;
  return message(`s.${sequence}`, `m${sequence}`, header);
}

async function makeStream(directory: string, config: object): Promise<void> {
  await using peer = await start("go", directory);
  const api = await ApiClient.connect(peer.port);
  await api.api("STREAM.CREATE.S", {
    name: "S",
    subjects: ["s.*"],
    storage: "file",
    allow_atomic: true,
    ...config,
  });
  await api.publish("s.0", "before");
  await api.close();
  await stop(peer);
}

function stores(directory: string): FileAccountStores {
  const { disk, clock, timers, random } = denoRuntime();
  return new FileAccountStores({
    disk,
    clock,
    timers,
    random,
    turns: { next: () => timers.sleep(1) },
    directory,
    syncInterval: 120_000,
    syncAlways: false,
    warn: () => {},
  });
}

function filled(
  directory: string,
  name: string,
  fill: (store: StreamStore) => void,
): void {
  const options = { ...storeOptions(), name, storage: "file" as const };
  const store = stores(directory).open(options);
  fill(store);
  store.stop();
}

/** Leaves what a server leaves that crashes in the middle. */
async function crash(directory: string, how: Crash): Promise<void> {
  const { done, commit, header } = how;
  const account = `${directory}/jetstream/${ACCOUNT}`;
  filled(account, "S", (store) => {
    for (let i = 1; i <= done; i++) store.append(part(i, null, header));
  });
  if (commit === null) return;
  // A staged batch is kept as a stream is.
  const name = shortHash(BATCH);
  const aside = `${directory}/aside`;
  filled(aside, name, (store) => {
    for (let i = 1; i <= 4; i++) store.append(part(i, i === 4 ? commit : null));
    store.writeMeta(JSON.stringify({ name, storage: "file" }));
  });
  const batches = `${account}/streams/S/batches`;
  await Deno.mkdir(batches);
  await Deno.rename(`${aside}/streams/${name}`, `${batches}/${name}`);
}

/** What a server makes of it: messages, and what it says. */
async function look(
  implementation: Implementation,
  directory: string,
): Promise<string[]> {
  await using peer = await start(implementation, directory);
  const api = await ApiClient.connect(peer.port);
  const { state } = await api.api("STREAM.INFO.S");
  const seen: string[] = [];
  for (let seq = 1; seq <= state.last_seq; seq++) {
    const { message } = await api.api("STREAM.MSG.GET.S", { seq });
    const { subject, data, hdrs } = message;
    seen.push([subject, atob(data ?? ""), atob(hdrs ?? "")].join("|"));
  }
  seen.push(`next ${await api.publish("s.9", "goes on")}`);
  await api.close();
  await stop(peer);
  const names = [...Deno.readDirSync(
    `${directory}/jetstream/${ACCOUNT}/streams/S`,
  )].map(({ name }) => name);
  seen.push(`left: ${names.filter((name) => name === "batches")}`);
  const said = peer.log().match(/ {2}Restoring partial batch.*/g) ?? [];
  return [...seen, ...said];
}

async function compare(how: Crash): Promise<Record<string, string[]>> {
  const seen: Record<string, string[]> = {};
  for (const implementation of ["go", "ours"] as const) {
    const directory = await Deno.makeTempDir({ prefix: "nats-batch-" });
    try {
      await makeStream(directory, how.config ?? {});
      await crash(directory, how);
      seen[implementation] = await look(implementation, directory);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  }
  return seen;
}

for (
  const [name, how] of [
    ["ends with a message", { done: 2, commit: "1" }],
    ["ends without a message", { done: 1, commit: "eob" }],
    ["needs nothing more but its end", { done: 3, commit: "1" }],
  ] satisfies [string, Crash][]
) {
  capability(`a batch that ${name} is completed after a crash`, {
    positive: ["streams/staging"],
  }, async () => {
    const { go, ours } = await compare(how);
    assertEquals(ours, go);
  });
}

capability("copies of a part of a batch stay where they are", {
  edge: ["streams/staging"],
}, async () => {
  for (
    const how of [
      { done: 2, commit: null, config: { allow_atomic: false } },
      {
        done: 2,
        commit: null,
        header: "Nats-Stream-Source: O 1 > > s.1\r\n",
      },
    ]
  ) {
    const { go, ours } = await compare(how);
    assertEquals(ours, go);
  }
});

capability("a batch of which the rest is missing is taken back", {
  edge: ["streams/staging"],
}, async () => {
  const { ours } = await compare({ done: 2, commit: null });
  assertEquals(ours, ["s.0|before|", "next 2", "left: "]);
});
