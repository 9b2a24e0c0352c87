/** Messages that displace very many others, and what comes right behind them. */

import { assertEquals } from "@std/assert";
import { type Implementation, startPeer } from "../../tools/oracle.ts";
import { jetStreamServer } from "../scenarios/jetstream/fixtures.ts";
import { Session } from "./session.ts";

const MANY = 30_000;
/** Published at once: Go's streams refuse what they can't take in. */
const BATCH = 3000;
const BEHIND = 9000;

async function fill(session: Session, subject: string): Promise<void> {
  const plain = `PUB ${subject} 1\r\nx\r\n`;
  for (let i = 0; i < MANY; i += BATCH) {
    await session.send(plain.repeat(BATCH - 1));
    await session.ask(subject, "x");
  }
}

/** All that is told of a rollup and of what is sent together with it. */
async function rollUp(
  implementation: Implementation,
  storage: string,
): Promise<string[]> {
  await using peer = await startPeer(implementation, jetStreamServer(""));
  const session = await Session.open(peer, 1);
  await session.create({
    storage,
    allow_rollup_hdrs: true,
    allow_atomic: true,
    max_msgs_per_subject: MANY,
    discard: "new",
    discard_new_per_subject: true,
  });
  await session.consumer("c", { filter_subject: "s1.a" });
  await session.ask("s1.b", "x");
  await fill(session, "s1.a");
  // The one more that there is no room for is refused, rollup or not.
  const full = await session.ask("s1.a", "x", "Nats-Rollup: sub");
  await session.done("STREAM.PURGE.S1", { filter: "s1.a", keep: MANY - 1 });
  await session.listen("in");
  const reply = session.inbox("in");
  const last = MANY + 2;
  const headers = {
    reply,
    headers: `Nats-Expected-Last-Sequence: ${last + BEHIND}`,
  };
  await session.publish("s1.a", "new", { reply, headers: "Nats-Rollup: sub" });
  await session.send(`PUB s1.a ${reply} 1\r\nx\r\n`.repeat(BEHIND));
  await session.publish("s1.a", "x", headers);
  await session.publish("s1.a", "x", headers);
  const answers = await session.read("in", 1 + BEHIND + 2, 20_000);
  await fill(session, "s1.c");
  const batch = (sequence: number, more: string) =>
    `Nats-Batch-Id: b\r\nNats-Batch-Sequence: ${sequence}${more}`;
  await session.publish("s1.c", "x", {
    headers: batch(1, "\r\nNats-Rollup: sub"),
  });
  const committed = await session.ask(
    "s1.c",
    "x",
    batch(2, "\r\nNats-Batch-Commit: 1"),
  );
  const told = [full, ...answers, committed].map(({ body }) => body);
  await session.state("c");
  const { state } = await session.done("STREAM.INFO.S1", {
    subjects_filter: ">",
  });
  const { messages, last_seq, num_subjects, subjects } = state as Record<
    string,
    unknown
  >;
  const left = JSON.stringify({ messages, last_seq, num_subjects, subjects });
  session.close();
  return [...told, ...session.transcript, left];
}

for (const storage of ["memory", "file"]) {
  Deno.test(`large rollups - what comes behind finds them done, ${storage}`, async () => {
    const theirs = await rollUp("go", storage);
    assertEquals(await rollUp("ours", storage), theirs);
  });
}
