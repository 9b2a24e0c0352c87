/**
 * Kills a server under load again and again, and looks each time whether it
 * gives back what it has acknowledged.
 *
 * @module
 */

import { BenchServer, ourServer } from "../bench/server.ts";
import { Journal } from "./journal.ts";
import { Publisher, Worker } from "./load.ts";
import { Wire } from "./wire.ts";

/** Streams by retention. */
const STREAMS = { kept: "limits", work: "workqueue" } as const;
type StreamName = keyof typeof STREAMS;
const NAMES = Object.keys(STREAMS) as StreamName[];
/** Messages that are read at once. */
const READ = 1000;
/** Shortest and longest time under load, milliseconds. */
const LOAD_MIN = 50;
const LOAD_MAX = 350;
/** Nanoseconds: what a server before has delivered comes again soon. */
const ACK_WAIT = 300_000_000;

/** How to torment. */
export interface KillPlan {
  readonly kills: number;
  /** Value of `sync_interval`; undefined: the default. */
  readonly sync?: "always";
  readonly progress?: (text: string) => void;
}

/** What was promised, over all kills. */
export interface KillReport {
  readonly published: number;
  readonly acknowledged: number;
  readonly consumed: number;
}

/** Runs the loop. @throws Error when a promise was broken */
export async function killLoop(plan: KillPlan): Promise<KillReport> {
  const sync = plan.sync === undefined ? "" : `, sync_interval: ${plan.sync}`;
  await using server = await BenchServer.start(
    await ourServer(),
    `jetstream { store_dir: "{{store}}"${sync}, max_file_store: 100GB }`,
  );
  const journals = { kept: new Journal(), work: new Journal() };
  await createStreams(server.port);
  let published = 0;
  for (let kill = 1; kill <= plan.kills; kill++) {
    await loadAndKill(server, journals, () => ++published);
    await server.startAgain();
    for (const name of NAMES) await verify(server.port, name, journals[name]);
    const count = journals.kept.promised.size + journals.work.promised.size;
    plan.progress?.(`kill ${kill}: ${count} messages acknowledged`);
  }
  for (const name of NAMES) {
    journals[name].verified = 1;
    await verify(server.port, name, journals[name]);
  }
  const all = Object.values(journals);
  return {
    published,
    acknowledged: all.reduce((sum, { promised }) => sum + promised.size, 0),
    consumed: all.reduce((sum, { consumed }) => sum + consumed.size, 0),
  };
}

async function createStreams(port: number): Promise<void> {
  await using wire = await Wire.open(port);
  for (const name of NAMES) {
    await wire.request(`$JS.API.STREAM.CREATE.${name}`, {
      name,
      subjects: [`${name}.>`],
      retention: STREAMS[name],
      allow_direct: true,
    });
    await wire.request(`$JS.API.CONSUMER.CREATE.${name}.worker`, {
      stream_name: name,
      config: {
        durable_name: "worker",
        ack_policy: "explicit",
        max_ack_pending: 100_000,
        ack_wait: ACK_WAIT,
      },
    });
  }
}

async function loadAndKill(
  server: BenchServer,
  journals: Record<StreamName, Journal>,
  next: () => number,
): Promise<void> {
  await using stack = new AsyncDisposableStack();
  for (const name of NAMES) {
    const journal = journals[name];
    const open = () => Wire.open(server.port);
    for (let i = 0; i < 2; i++) {
      const wire = await open();
      await stack.use(new Publisher(wire, name, journal, next)).start();
    }
    await stack.use(new Worker(await open(), name, journal)).start();
  }
  const time = LOAD_MIN + Math.random() * (LOAD_MAX - LOAD_MIN);
  await new Promise((resolve) => setTimeout(resolve, time));
  await server.stop("SIGKILL");
}

/** Compares what is there with what was promised. @throws Error */
async function verify(
  port: number,
  name: StreamName,
  journal: Journal,
): Promise<void> {
  await using wire = await Wire.open(port);
  const info = JSON.parse(await wire.request(`$JS.API.STREAM.INFO.${name}`));
  const consumer = JSON.parse(
    await wire.request(`$JS.API.CONSUMER.INFO.${name}.worker`),
  );
  const { first_seq, last_seq } = info.state;
  const stored = await readAll(wire, name, journal.verified, last_seq);
  for (const [sequence, body] of journal.promised) {
    if (sequence < journal.verified) continue;
    const mayBeGone = STREAMS[name] === "workqueue" &&
      journal.consumed.has(sequence);
    const found = stored.get(sequence);
    if (found === undefined && mayBeGone) continue;
    if (found !== body) {
      throw new Error(
        `${name}: message ${sequence} was acknowledged as ${body} and is ${found}; the stream holds ${first_seq} to ${last_seq}`,
      );
    }
  }
  const floor: number = consumer.ack_floor.stream_seq;
  while (journal.floor < floor) {
    const sequence = ++journal.floor;
    if (journal.consumed.has(sequence)) continue;
    throw new Error(
      `${name}: the floor is ${floor}, ${sequence} was not acked`,
    );
  }
  journal.verified = last_seq + 1;
}

/** Bodies by sequence, from a sequence on. */
async function readAll(
  wire: Wire,
  name: StreamName,
  from: number,
  last: number,
): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  for (let next = from; next <= last;) {
    const { promise, resolve } = Promise.withResolvers<void>();
    let highest = next - 1;
    wire.onMessage = ({ headers, body }) => {
      const sequence = Number(/Nats-Sequence: (\d+)/.exec(headers)?.[1] ?? 0);
      if (sequence === 0) resolve();
      else {
        found.set(sequence, body);
        highest = sequence;
      }
    };
    const request = `{"seq":${next},"batch":${READ}}`;
    await wire.publish(`$JS.API.DIRECT.GET.${name}`, request, "m");
    await promise;
    if (highest < next) break;
    next = highest + 1;
  }
  return found;
}
