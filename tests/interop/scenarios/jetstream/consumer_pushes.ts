/**
 * Consumers that deliver by themselves.
 *
 * @module
 */

import { type JetStreamScenario, scenario } from "../../jetstream/compare.ts";
import type { Fields, Session } from "../../jetstream/session.ts";

const MILLISECOND = 1_000_000;
const SECOND = 1000 * MILLISECOND;

const both = (...rows: string[]) => {
  const ids = rows.map((row) => `consumers/${row}`);
  return { positive: ids, edge: ids };
};

/** A stream and somebody who listens to `to`. */
async function begin(
  session: Session,
  messages: readonly string[] = [],
  stream: Fields = {},
): Promise<string> {
  await session.create(stream);
  await session.store(...messages);
  const to = `${session.stream}.to`;
  await session.listen("to", to);
  return to;
}

export const CONSUMER_PUSHES: readonly JetStreamScenario[] = [
  scenario(
    "messages are pushed as long as somebody listens",
    both("interest", "deliver-subject", "delivered-msg"),
    async (session) => {
      const to = await begin(session, ["a", "b"]);
      await session.consumer("c", { deliver_subject: to });
      await session.take("to", 2);
      await session.state("c");
      await session.store("c");
      await session.take("to");
      await session.unlisten("to");
      await session.store("d", "e");
      await session.pause(80);
      await session.state("c");
      await session.listen("to", to);
      await session.take("to", 2);
      await session.state("c");
    },
  ),
  scenario(
    "interest counts by subject and by group",
    both("deliver-group", "deliver-cycle-queue", "interest"),
    async (session) => {
      const to = await begin(session, ["a"]);
      await session.unlisten("to");
      await session.consumer("c", {
        deliver_subject: to,
        deliver_group: "g",
      });
      await session.listen("plain", to);
      await session.pause(60);
      await session.state("c");
      await session.quiet("plain");
      await session.listen("other", to, "h");
      await session.quiet("other");
      await session.listen("member", to, "g");
      await session.take("member");
      await session.take("plain");
      await session.take("other");
      await session.state("c");
      await session.consumer("w", { deliver_subject: `${to}.more` });
      await session.listen("wide", `${to}.*`);
      await session.quiet("wide");
      await session.state("w");
    },
  ),
  scenario(
    "a deliver subject must not be one of the stream's",
    both("deliver-cycle-queue", "deliver-subject"),
    async (session) => {
      await begin(session);
      const { prefix } = session;
      await session.tryConsumer("c", { deliver_subject: `${prefix}.x` });
      await session.tryConsumer("c", { deliver_subject: prefix });
    },
  ),
  scenario(
    "without acknowledgements all is pushed at once",
    both("ack-policy", "num-pending"),
    async (session) => {
      const to = await begin(session, ["a", "b", "c"]);
      await session.consumer("c", { deliver_subject: to, ack_policy: "none" });
      await session.take("to", 3);
      await session.state("c");
    },
  ),
  scenario(
    "pushed messages come again",
    both("ack-wait-2", "max-deliver-2"),
    async (session) => {
      const to = await begin(session, ["a", "b", "c"]);
      await session.listen(
        "told",
        `$JS.EVENT.ADVISORY.CONSUMER.*.${session.stream}.>`,
      );
      await session.consumer("c", {
        deliver_subject: to,
        ack_wait: 200 * MILLISECOND,
        max_deliver: 3,
      });
      await session.take("told");
      const first = await session.take("to", 3);
      await session.ack(first[1]);
      await session.take("to", 2, 1000);
      await session.take("to", 2, 1000);
      await session.take("told", 2, 1000);
      await session.state("c");
    },
  ),
  scenario(
    "headers only",
    both("headers-only", "headers-only-2"),
    async (session) => {
      const to = await begin(session, ["a"]);
      const { prefix } = session;
      await session.ask(`${prefix}.h`, "12345", "A: b\r\nC: d");
      await session.ask(`${prefix}.e`, "", "Only: this");
      await session.ask(`${prefix}.n`, "");
      await session.consumer("c", { deliver_subject: to, headers_only: true });
      await session.take("to", 4);
      await session.consumer("p", { headers_only: true });
      await session.listen("in");
      await session.pull("p", "in", { batch: 4, max_bytes: 500 });
      await session.take("in", 5);
    },
  ),
  scenario(
    "heartbeats when there is nothing to deliver",
    both("heartbeat", "flow-control-idle-heartbeat"),
    async (session) => {
      const to = await begin(session, ["a"]);
      await session.store("other");
      await session.consumer("c", {
        deliver_subject: to,
        idle_heartbeat: 200 * MILLISECOND,
        filter_subject: `${session.prefix}.a`,
      });
      await session.take("to", 3);
      await session.store("a");
      await session.take("to", 2);
      await session.unlisten("to");
      await session.pause(300);
      await session.listen("to", to);
      await session.take("to");
    },
  ),
  scenario(
    "flow control: asked for, answered, stalled",
    both("flow-control", "only-latest-fc-reply-counts"),
    async (session) => {
      const to = await begin(session);
      const body = "x".repeat(100_000);
      for (let i = 0; i < 40; i++) await session.store(["m", body]);
      await session.consumer("c", {
        deliver_subject: to,
        ack_policy: "none",
        flow_control: true,
        idle_heartbeat: 500 * MILLISECOND,
      });
      const counts: string[] = [];
      let request = "";
      // Bodies are long: only what is special is written down.
      const collect = async (until: RegExp) => {
        let messages = 0;
        for (;;) {
          const [next] = await session.read("to", 1, 2000);
          if (next === undefined) return counts.push(`${messages}, silence`);
          if (next.headers === "") messages++;
          else {
            const [status] = next.headers.split("\r\n");
            counts.push(`${messages} then ${status}`);
            messages = 0;
            if (next.reply !== "") request = next.reply;
            if (/Stalled/.test(next.headers)) counts.push("stalled");
            if (until.test(next.headers)) return;
          }
        }
      };
      await collect(/FlowControl/);
      await collect(/Heartbeat/);
      session.note(counts.splice(0).join("; "));
      await session.publish(`${request}x`);
      await session.publish(request);
      await collect(/FlowControl/);
      session.note(counts.splice(0).join("; "));
      await session.publish(request);
      await collect(/Heartbeat/);
      session.note(counts.splice(0).join("; "));
      await session.state("c");
    },
  ),
  scenario(
    "acknowledged by answers to flow control",
    both("fc-acks"),
    async (session) => {
      const to = await begin(session, ["a", "b", "c"]);
      await session.consumer("c", {
        deliver_subject: to,
        ack_policy: "flow_control",
        max_ack_pending: 2,
      });
      const received = await session.take("to", 3);
      await session.quiet("to");
      await session.state("c");
      const sequences = (consumer: number, stream: number) =>
        `Nats-Last-Consumer: ${consumer}\r\nNats-Last-Stream: ${stream}`;
      await session.publish(received[2]?.reply ?? "", "", {
        headers: sequences(1, 1),
      });
      const more = await session.take("to", 2);
      await session.state("c");
      await session.publish(more[1]?.reply ?? "", "", {
        headers: sequences(3, 3),
      });
      await session.pause(50);
      await session.state("c");
      await session.store("d");
      await session.take("to", 3, 2500);
      await session.state("c");
    },
  ),
  scenario(
    "no faster than so many bits a second",
    both("rate-limit", "rate-limit-bps"),
    async (session) => {
      const to = await begin(session, [], { max_msg_size: 1000 });
      const body = "x".repeat(900);
      for (let i = 0; i < 6; i++) await session.store(["m", body]);
      const start = performance.now();
      await session.consumer("c", {
        deliver_subject: to,
        ack_policy: "none",
        rate_limit_bps: 40_000,
      });
      await session.read("to", 6, 4000);
      session.note(`${Math.round((performance.now() - start) / 250)}`);
      await session.state("c");
    },
  ),
  scenario(
    "as far apart as they came in",
    both("replay-original", "replay-policy"),
    async (session) => {
      const to = await begin(session, ["a"]);
      await session.pause(400);
      await session.store("b");
      await session.pause(400);
      await session.store("c");
      await session.consumer("c", {
        deliver_subject: to,
        replay_policy: "original",
      });
      const start = performance.now();
      for (let i = 0; i < 3; i++) {
        await session.take("to");
        session.note(`${Math.round((performance.now() - start) / 400)}`);
      }
      await session.pause(300);
      await session.store("d");
      const later = performance.now();
      await session.take("to");
      session.note(`${Math.round((performance.now() - later) / 400)}`);
      await session.consumer("p", { replay_policy: "original" });
      await session.listen("in");
      await session.pull("p", "in", { batch: 2, expires: 5 * SECOND });
      const pulled = performance.now();
      await session.take("in", 2);
      session.note(`${Math.round((performance.now() - pulled) / 400)}`);
    },
  ),
  scenario(
    "paused and resumed",
    both("pause", "pause-until"),
    async (session) => {
      const to = await begin(session, ["a"]);
      const { stream } = session;
      await session.listen(
        "told",
        `$JS.EVENT.ADVISORY.CONSUMER.PAUSE.${stream}.>`,
      );
      const soon = (milliseconds: number) =>
        new Date(Date.now() + milliseconds).toISOString();
      await session.consumer("c", {
        deliver_subject: to,
        pause_until: soon(600),
        idle_heartbeat: 250 * MILLISECOND,
      });
      await session.take("told");
      await session.state("c");
      await session.take("to", 2, 700);
      await session.take("told");
      await session.take("to");
      await session.state("c");
      await session.done(`CONSUMER.DELETE.${stream}.c`);
      await session.consumer("d", {
        deliver_subject: to,
        filter_subject: `${session.prefix}.b`,
      });
      await session.api(`CONSUMER.PAUSE.${stream}.d`, {
        pause_until: soon(60_000),
      });
      await session.take("told");
      await session.store("b");
      await session.quiet("to", 50);
      await session.tryConsumer("d", {
        deliver_subject: to,
        filter_subject: `${session.prefix}.b`,
        description: "still paused",
      });
      await session.take("told");
      await session.api(`CONSUMER.PAUSE.${stream}.d`, {});
      await session.take("told");
      await session.store("b");
      session.note(`${(await session.read("to", 2)).length}`);
      await session.state("d");
      await session.api(`CONSUMER.PAUSE.${stream}.d`, {
        pause_until: "2020-01-01T00:00:00Z",
      });
      await session.take("told");
      await session.api(`CONSUMER.PAUSE.${stream}.none`, {});
    },
  ),
  scenario(
    "a paused consumer answers requests that do not wait",
    both("pause"),
    async (session) => {
      await begin(session, ["a"]);
      await session.consumer("c", { pause_until: "2124-01-01T00:00:00Z" });
      await session.listen("in");
      await session.pull("c", "in", { batch: 1, no_wait: true });
      await session.take("in");
      await session.pull("c", "in", {
        batch: 1,
        expires: 200 * MILLISECOND,
      });
      await session.take("in");
    },
  ),
  scenario(
    "another deliver subject",
    both("update-rules", "interest"),
    async (session) => {
      const to = await begin(session, ["a", "b"]);
      await session.consumer("c", { deliver_subject: to });
      await session.take("to", 2);
      await session.tryConsumer("c", { deliver_subject: `${to}.2` });
      await session.unlisten("to");
      await session.pause(50);
      await session.tryConsumer("c", { deliver_subject: `${to}.2` });
      await session.listen("to2", `${to}.2`);
      await session.take("to2", 2);
      await session.state("c");
    },
  ),
  scenario(
    "ordered consumers, as clients make them",
    both("consumerinfo", "heartbeat"),
    async (session) => {
      const to = await begin(session, ["a", "b", "c"]);
      const create = async (name: string, start: number) =>
        await session.done(`CONSUMER.CREATE.${session.stream}.${name}`, {
          stream_name: session.stream,
          config: {
            name,
            ack_policy: "none",
            deliver_policy: "by_start_sequence",
            opt_start_seq: start,
            deliver_subject: to,
            flow_control: true,
            idle_heartbeat: SECOND,
            max_deliver: 1,
            mem_storage: true,
            num_replicas: 1,
            inactive_threshold: 60 * SECOND,
          },
        });
      await create("o1", 1);
      await session.take("to", 3);
      await session.done(`CONSUMER.DELETE.${session.stream}.o1`);
      await create("o2", 3);
      await session.take("to");
      await session.store("d");
      await session.take("to");
      await session.api(`CONSUMER.INFO.${session.stream}.o2`);
    },
  ),
];
