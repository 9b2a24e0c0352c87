/** Backups of one server are restored by the other. */

import { assertEquals } from "@std/assert";
import { capability } from "../../tools/capability.ts";
import { type Implementation, startPeer } from "../../tools/oracle.ts";
import { PLAIN } from "../scenarios/jetstream/fixtures.ts";
import { type Fields, Session } from "./session.ts";

const LAST = 40;

async function fill(session: Session, storage: string): Promise<void> {
  const { prefix, stream } = session;
  await session.create({ storage, allow_msg_ttl: true, first_seq: 5 });
  for (let i = 5; i <= LAST; i++) {
    const headers = i % 6 === 0 ? "Nats-TTL: 9000s\r\nMore: x" : "";
    await session.ask(`${prefix}.${i % 4}`, `${i} `.repeat(i * 10), headers);
  }
  for (const seq of [5, 6, 17, 18, LAST]) {
    await session.done(`STREAM.MSG.DELETE.${stream}`, { seq });
  }
  await session.consumer("C", { filter_subject: `${prefix}.1` });
  await session.consumer("E", {
    durable_name: "",
    name: "E",
    inactive_threshold: 3600e9,
  });
  await session.listen("in");
  for (const name of ["C", "E"]) {
    await session.pull(name, "in", { batch: 5 });
    const deliveries = await session.read("in", 5);
    for (const each of [0, 1, 3]) await session.ack(deliveries[each]);
    await session.ack(deliveries[2], "-NAK");
  }
}

/** All that can be seen of the stream. */
async function look(session: Session): Promise<unknown[]> {
  const { stream } = session;
  const { config, state } = await session.done(`STREAM.INFO.${stream}`, {
    deleted_details: true,
    subjects_filter: ">",
  });
  // What was deleted last leaves no time behind in a backup.
  const { last_ts: _, ...rest } = state as Fields;
  const seen: unknown[] = [config, rest];
  for (let seq = 1; seq <= LAST; seq++) {
    const answer = await session.ask(`$JS.API.STREAM.MSG.GET.${stream}`, {
      seq,
    });
    seen.push(answer.body);
  }
  for (const name of ["C", "E"]) {
    const info = await session.done(`CONSUMER.INFO.${stream}.${name}`);
    const { delivered, ack_floor } = info as Record<string, Fields>;
    seen.push(
      name,
      info["config"],
      [delivered, ack_floor].map((at) => [
        at?.["consumer_seq"],
        at?.["stream_seq"],
      ]),
      info["num_ack_pending"],
      info["num_pending"],
    );
  }
  return seen;
}

async function backup(session: Session): Promise<string[]> {
  await session.listen("snap");
  await session.done(`STREAM.SNAPSHOT.${session.stream}`, {
    deliver_subject: session.inbox("snap"),
    chunk_size: 2048,
  });
  const chunks: string[] = [];
  for (;;) {
    const [chunk] = await session.read("snap");
    if (chunk === undefined || chunk.body === "") return chunks;
    chunks.push(chunk.body);
    if (chunk.reply !== "") await session.publish(chunk.reply);
  }
}

async function restore(
  session: Session,
  config: unknown,
  chunks: readonly string[],
): Promise<void> {
  const answer = await session.done(`STREAM.RESTORE.${session.stream}`, {
    config,
    state: {},
  });
  const target = String(answer["deliver_subject"]);
  for (const chunk of chunks) {
    assertEquals((await session.ask(target, chunk)).body, "");
  }
  const { body } = await session.ask(target, "");
  assertEquals(JSON.parse(body).error, undefined);
}

async function exchange(
  from: Implementation,
  to: Implementation,
  storage: string,
): Promise<void> {
  await using giver = await startPeer(from, PLAIN);
  await using taker = await startPeer(to, PLAIN);
  const first = await Session.open(giver, 1);
  const second = await Session.open(taker, 1);
  try {
    await fill(first, storage);
    const before = await look(first);
    const chunks = await backup(first);
    await restore(second, before[0], chunks);
    assertEquals(await look(second), before);
    const stored = await second.ask("s1.1", "goes on");
    assertEquals(JSON.parse(stored.body), { stream: "S1", seq: LAST + 1 });
  } finally {
    first.close();
    second.close();
  }
}

for (const storage of ["file", "memory"]) {
  for (const [from, to] of [["go", "ours"], ["ours", "go"]] as const) {
    capability(`a backup of ${from} in ${storage} is restored by ${to}`, {
      positive: [
        "stores/snapshot",
        "streams/snapshot-format-v2",
        "streams/v2-restore",
      ],
    }, () => exchange(from, to, storage));
  }
}
