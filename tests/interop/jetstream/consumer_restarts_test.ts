import { assertEquals } from "@std/assert";
import { capability } from "../../tools/capability.ts";
import { type Implementation, startPeer } from "../../tools/oracle.ts";
import { Session } from "./session.ts";

const MILLISECOND = 1_000_000;
const SECOND = 1000 * MILLISECOND;

/** Consumers that have got some way, one of each kind. */
async function consume(session: Session): Promise<void> {
  await session.create({ storage: "file" });
  await session.store("a", "b", "a", "b", "a", "b");
  await session.listen("in");
  const p = session.prefix;
  const fetch = async (name: string, batch: number) => {
    await session.pull(name, "in", { batch, no_wait: true });
    return await session.read("in", batch, 1000);
  };
  await session.consumer("explicit", { ack_wait: 2 * SECOND });
  const explicit = await fetch("explicit", 5);
  for (const i of [0, 2]) await session.ack(explicit[i]);
  await session.ack(explicit[1], "-NAK");
  await fetch("explicit", 1);
  await session.consumer("all", { ack_policy: "all" });
  const all = await fetch("all", 4);
  await session.ack(all[1]);
  await session.consumer("none", { ack_policy: "none" });
  await fetch("none", 3);
  await session.consumer("filtered", { filter_subject: `${p}.b` });
  const [filtered] = await fetch("filtered", 2);
  await session.ack(filtered);
  await session.consumer("untouched", { deliver_policy: "new" });
  await session.consumer("spent", {
    max_deliver: 1,
    ack_wait: 100 * MILLISECOND,
  });
  await fetch("spent", 2);
  await session.consumer("paused", { pause_until: "2124-01-01T00:00:00Z" });
  await session.consumer("memory", { mem_storage: true });
  await fetch("memory", 2);
  await session.consumer("short", {
    durable_name: "",
    name: "short",
    inactive_threshold: 60 * SECOND,
  });
  await fetch("short", 1);
  // What is due is due, and what is kept is on disk.
  await session.pause(1300);
}

const NAMES = [
  "explicit",
  "all",
  "none",
  "filtered",
  "untouched",
  "spent",
  "paused",
  "short",
];

/** What a client sees before and after the server was ended by a signal. */
async function restarted(
  implementation: Implementation,
  signal: Deno.Signal,
): Promise<string[]> {
  const store = await Deno.makeTempDir({ prefix: "nats-restart-" });
  const config =
    `host: 127.0.0.1\nport: -1\njetstream { store_dir: "${store}" }`;
  const transcript: string[] = [];
  const look = async (session: Session) => {
    for (const name of NAMES) await session.state(name);
  };
  try {
    {
      await using peer = await startPeer(implementation, { config });
      const session = await Session.open(peer, 1, {}, transcript);
      await consume(session);
      await look(session);
      await session.pull("untouched", "in", { batch: 3, expires: 60 * SECOND });
      await session.sync();
      peer.signal(signal);
      await session.quiet("in", 400);
      session.close();
      await peer.exited;
    }
    await using peer = await startPeer(implementation, { config });
    const session = await Session.open(peer, 1, {}, transcript);
    session.note("restarted");
    await look(session);
    await session.api(`CONSUMER.INFO.${session.stream}.paused`);
    await session.listen("in");
    for (const name of ["filtered", "none", "untouched", "spent"]) {
      await session.pull(name, "in", { batch: 10, no_wait: true });
      await session.take("in", 1);
      await session.quiet("in", 50);
    }
    // Times are kept in whole seconds.
    await session.pause(3000);
    await session.pull("explicit", "in", { batch: 10, no_wait: true });
    await session.take("in", 5);
    await session.state("explicit");
    session.close();
    return transcript;
  } finally {
    await Deno.remove(store, { recursive: true });
  }
}

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  capability(`consumers are where they were after ${signal}`, {
    positive: [
      "consumers/explicit-floor",
      "consumers/ack-wait-2",
      "consumers/data-loss-reconcile",
      "consumers/ephemeral-cleanup",
    ],
    edge: [
      "consumers/pause",
      "consumers/max-deliver-2",
      "consumers/409-consumer-deleted-409-leadership-change-409-server",
    ],
  }, async () => {
    const [expected, actual] = await Promise.all([
      restarted("go", signal),
      restarted("ours", signal),
    ]);
    const text = (lines: readonly string[] = []) => lines.join("\n");
    assertEquals(
      text(actual),
      text(expected),
      `transcripts differ\n--- go\n${text(expected)}\n--- ours\n${
        text(actual)
      }\n`,
    );
  });
}
