/**
 * Backups and restorations chunk by chunk, and who is told of them.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { lasting } from "../harness/lasting.ts";
import { capability } from "../../tools/capability.ts";
import { type Implementation, startPeer } from "../../tools/oracle.ts";
import { PLAIN } from "../scenarios/jetstream/fixtures.ts";
import { type Fields, type Received, Session } from "./session.ts";
import { showDocument, showText } from "./show.ts";

const ROWS = [
  "jetstream-api/js-api-stream-restore-s",
  "jetstream-api/js-api-stream-snapshot-s",
  "jetstream-api/stream-restore-create-restore-complete-s",
  "jetstream-api/stream-snapshot-create-snapshot-complete-s",
  "streams/snapshot-flow",
  "streams/snapshot-format-v2",
  "streams/restore",
  "streams/v2-restore",
];

function compare(scenario: (session: Session) => Promise<void>): Promise<void> {
  return lasting(() => compareOnce(scenario));
}

async function compareOnce(
  scenario: (session: Session) => Promise<void>,
): Promise<void> {
  const play = async (implementation: Implementation) => {
    await using peer = await startPeer(implementation, PLAIN);
    const session = await Session.open(peer, 1);
    try {
      await scenario(session);
    } finally {
      session.close();
    }
    return session.transcript;
  };
  const [theirs, ours] = await Promise.all([play("go"), play("ours")]);
  assertEquals(ours, theirs);
}

/** A request for a restoration, and the pieces of the archive. */
interface Backup {
  readonly request: Fields;
  readonly chunks: readonly string[];
}

async function backup(session: Session, more: Fields = {}): Promise<Backup> {
  const { stream } = session;
  await session.listen("snap");
  const { config, state } = await session.done(`STREAM.SNAPSHOT.${stream}`, {
    deliver_subject: session.inbox("snap"),
    no_consumers: true,
    ...more,
  });
  const chunks: string[] = [];
  for (;;) {
    const [chunk] = await session.read("snap");
    if (chunk === undefined || chunk.body === "") {
      session.note(`end: ${showText(chunk?.headers ?? "none")}`);
      break;
    }
    chunks.push(chunk.body);
    session.note(chunk.reply.replace(/\.\w{22}\./, ".<id>."));
    if (chunk.reply !== "") await session.publish(chunk.reply);
  }
  await session.unlisten("snap");
  return { request: { config, state }, chunks };
}

/** Writes down events, sorted: those of a stream come in any order. */
async function told(session: Session, count: number): Promise<void> {
  const events = await session.read("told", count);
  for (const { subject, body } of events.sort(bySubject)) {
    const shown = showDocument(body)
      .replace(/"(bytes|blocks|client_id)":\d+/g, '"$1":0')
      .replace(/"host":"[^"]*"/g, '"host":"<host>"')
      .replace(/"server":\{.*?\}/g, '"server":{}')
      .replace(/"(start|end|rtt)":(\d+|"[^"]*")/g, '"$1":0')
      .replace(/"id":\d+/g, '"id":0');
    session.note(`${subject} ${shown}`);
  }
}

function bySubject(a: Received, b: Received): number {
  return a.subject < b.subject ? -1 : 1;
}

const ALL = "$JS.EVENT.ADVISORY.STREAM.>";

async function filled(session: Session): Promise<void> {
  await session.create({ storage: "file" });
  await session.store("a", "b", "c");
  await session.listen("told", ALL);
}

capability("a stream is backed up and restored in pieces", {
  positive: ROWS,
}, () =>
  compare(async (session) => {
    const { stream } = session;
    await filled(session);
    const { request, chunks } = await backup(session);
    await told(session, 2);
    await session.done(`STREAM.DELETE.${stream}`);
    await told(session, 1);
    const answer = await session.done(`STREAM.RESTORE.${stream}`, request);
    const target = String(answer["deliver_subject"]);
    session.note(target.replace(/\.\w+$/, ".<id>"));
    for (const chunk of [...chunks, ""]) {
      const { headers, body } = await session.ask(target, chunk);
      session.note(`${showText(headers)} ${showDocument(body)}`);
    }
    await told(session, 3);
    await session.messages();
    await session.quiet("told");
  }));

capability("a stream is backed up in full chunks and restored", {
  positive: ["streams/snapshot-flow", "streams/restore"],
  edge: ["streams/snapshot-flow", "streams/snapshot-format-v2"],
}, () =>
  compare(async (session) => {
    const { stream, prefix } = session;
    await session.create({ storage: "memory", allow_msg_ttl: true });
    // What can't be compressed, so that the number of chunks is the same.
    for (let i = 0; i < 5; i++) await session.ask(`${prefix}.a`, noise(900, i));
    await session.ask(`${prefix}.b`, "x", "A: b");
    await session.ask(`${prefix}.c`, "y", "Nats-TTL: 1h");
    await session.done(`STREAM.MSG.DELETE.${stream}`, { seq: 3 });
    const { request, chunks } = await backup(session, { chunk_size: 10 });
    await session.done(`STREAM.DELETE.${stream}`);
    const answer = await session.done(`STREAM.RESTORE.${stream}`, request);
    for (const chunk of [...chunks, ""]) {
      const { body } = await session.ask(
        String(answer["deliver_subject"]),
        chunk,
      );
      session.note(showDocument(body));
    }
    await session.messages();
    await session.api(`STREAM.MSG.GET.${stream}`, { seq: 6 });
    await session.api(`STREAM.MSG.GET.${stream}`, { seq: 7 });
  }));

capability("a backup that is cut off is not restored", {
  edge: ["streams/v2-restore", "streams/restore"],
}, () =>
  compare(async (session) => {
    const { stream } = session;
    await session.create({ storage: "file" });
    await session.store("a", "b", "c");
    const { request, chunks } = await backup(session);
    await session.done(`STREAM.DELETE.${stream}`);
    const answer = await session.done(`STREAM.RESTORE.${stream}`, request);
    const whole = chunks.join("");
    for (const chunk of [whole.slice(0, 0.7 * whole.length), ""]) {
      const { body } = await session.ask(
        String(answer["deliver_subject"]),
        chunk,
      );
      session.note(showDocument(body));
    }
    await session.api(`STREAM.INFO.${stream}`);
  }));

capability("a backup is given up when its chunks are not acknowledged", {
  edge: ["streams/snapshot-flow", "jetstream-api/js-api-stream-snapshot-s"],
}, () =>
  compare(async (session) => {
    const { stream, prefix } = session;
    await session.create({ storage: "file" });
    for (let i = 0; i < 9; i++) await session.ask(`${prefix}.a`, noise(900, i));
    await session.listen("told", "$JS.EVENT.ADVISORY.STREAM.*.*");
    await session.listen("snap");
    await session.done(`STREAM.SNAPSHOT.${stream}`, {
      deliver_subject: session.inbox("snap"),
      chunk_size: 1024,
      window_size: 3 * 1024,
    });
    const [first] = await session.read("snap");
    await session.publish(first?.reply ?? "none");
    for (const { headers, body } of await session.read("snap", 4, 7_000)) {
      session.note(`${showText(headers)} ${body.length}`);
    }
    await told(session, 2);
    // It is not held still any more.
    await session.done(`STREAM.PURGE.${stream}`);
    await session.messages();
    await session.quiet("snap");
  }));

capability("a restoration is given up when nothing comes any more", {
  edge: ["streams/restore", "jetstream-api/js-api-stream-restore-s"],
}, () =>
  compare(async (session) => {
    const { stream, prefix } = session;
    await filled(session);
    const { request, chunks } = await backup(session);
    await session.done(`STREAM.DELETE.${stream}`);
    await session.read("told", 3);
    const answer = await session.done(`STREAM.RESTORE.${stream}`, request);
    const target = String(answer["deliver_subject"]);
    const whole = chunks.join("");
    const { body } = await session.ask(target, whole.slice(0, 100));
    session.note(showDocument(body));
    await session.pause(5_500);
    await told(session, 1);
    await session.quiet("told");
    await session.publish(target, whole.slice(100), {
      reply: session.inbox("late"),
    });
    await session.listen("late");
    await session.quiet("late");
    await session.api(`STREAM.INFO.${stream}`);
    session.note((await session.ask(`${prefix}.x`)).headers);
    // Nothing is in the way of another attempt.
    await session.done(`STREAM.RESTORE.${stream}`, request);
  }));

capability("consumers are restored with their stream", {
  positive: ["streams/v2-restore", "stores/snapshot"],
}, () =>
  compare(async (session) => {
    const { stream, prefix } = session;
    await session.create({ storage: "memory", retention: "workqueue" });
    await session.store("a", "b", "c", "d");
    await session.consumer("C", { filter_subject: `${prefix}.*` });
    await session.listen("in");
    await session.pull("C", "in", { batch: 3 });
    const [, second] = await session.read("in", 3);
    await session.ack(second);
    await session.listen("told", "$JS.EVENT.ADVISORY.>");
    const { request, chunks } = await backup(session, { no_consumers: false });
    await session.done(`STREAM.DELETE.${stream}`);
    const answer = await session.done(`STREAM.RESTORE.${stream}`, request);
    for (const chunk of [...chunks, ""]) {
      await session.ask(String(answer["deliver_subject"]), chunk);
    }
    const events = await session.read("told", 99, 400);
    session.note(events.map(({ subject }) => subject).sort().join("\n"));
    await session.messages();
    await session.state("C");
    await session.pull("C", "in", { batch: 2, no_wait: true });
    await session.gather("in", 2);
  }));

capability("nobody waits for a backup", {
  edge: ["streams/snapshot-flow"],
}, () =>
  compare(async (session) => {
    await session.create({ storage: "file" });
    for (let i = 0; i < 5; i++) {
      await session.ask(`${session.prefix}.a`, noise(900, i));
    }
    await session.listen("told", "$JS.EVENT.ADVISORY.STREAM.*.*");
    await session.api(`STREAM.SNAPSHOT.${session.stream}`, {
      deliver_subject: "nobody.hears",
    });
    for (const { subject } of await session.read("told", 2, 6_000)) {
      session.note(subject);
    }
  }));

/** Text in which nothing repeats. */
function noise(length: number, seed: number): string {
  let state = seed + 1;
  return Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return String.fromCharCode(33 + state % 93);
  }).join("");
}

capability("a backup of nothing, with a check", {
  positive: [],
  edge: ["jetstream-api/stream-snapshot-create-snapshot-complete-s"],
}, () =>
  compare(async (session) => {
    await session.create({ storage: "file" });
    await session.listen("told", ALL);
    await backup(session, {
      jsck: true,
      chunk_size: 2_000,
      window_size: 9_000,
    });
    await told(session, 2);
    await session.api(`STREAM.SNAPSHOT.${session.stream}`);
    await session.api(`STREAM.SNAPSHOT.${session.stream}`, {});
    await session.quiet("told");
  }));

for (const pieces of [["garbage", ""], [""], ["x".repeat(400), "y", ""]]) {
  capability(`a restoration of ${pieces.length} pieces that are no archive`, {
    edge: ROWS.filter((row) => row.includes("restore")),
  }, () =>
    compare(async (session) => {
      const { stream } = session;
      await filled(session);
      const { request } = await backup(session);
      await session.read("told", 2);
      await session.done(`STREAM.DELETE.${stream}`);
      await session.read("told", 1);
      const answer = await session.done(`STREAM.RESTORE.${stream}`, request);
      const target = String(answer["deliver_subject"]);
      for (const piece of pieces) {
        await session.listen("answers");
        await session.publish(target, piece, {
          reply: session.inbox("answers"),
        });
        const [got] = await session.read("answers", 1, 1_000);
        if (got === undefined) break;
        session.note(`${showText(got.headers)} ${showDocument(got.body)}`);
        await session.unlisten("answers");
      }
      await told(session, 2);
      await session.api(`STREAM.INFO.${stream}`);
    }));
}
