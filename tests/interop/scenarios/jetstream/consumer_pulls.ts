/**
 * Requests for messages and every status that they can end with.
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

/** A stream with messages, a pull consumer and an inbox. */
async function begin(
  session: Session,
  messages: readonly string[] = [],
  consumer: Fields = {},
  stream: Fields = {},
): Promise<void> {
  await session.create(stream);
  await session.store(...messages);
  await session.consumer("c", consumer);
  await session.listen("in");
}

const THREE = ["a", "b", "c"];

/** Bodies of requests to a consumer without messages, one after the other. */
const BODIES: readonly string[] = [
  "",
  "2",
  "x",
  '"3"',
  "{}",
  "{",
  '{"batch":"1"}',
  '{"batch":1,"expires":"1s"}',
  '{"batch":1.5}',
  '{"no_wait":true}',
  '{"no_wait":1}',
  '{"batch":1,"no_wait":true,"expires":20000000}',
  '{"batch":1,"expires":20000000,"idle_heartbeat":15000000}',
  '{"batch":1,"idle_heartbeat":15000000}',
  '{"batch":-1,"no_wait":true}',
  '{"batch":0,"no_wait":true}',
  '{"batch":1,"unknown":true,"no_wait":true}',
  '{"BATCH":1,"No_Wait":true}',
  '{"batch":1,"min_pending":5}',
  '{"batch":1,"min_ack_pending":5}',
  '{"batch":1,"id":"x"}',
  '{"batch":1,"priority":10}',
  '{"batch":1,"priority":-1}',
  '{"batch":1,"group":"g","no_wait":true}',
];

export const CONSUMER_PULLS: readonly JetStreamScenario[] = [
  scenario(
    "what a request may say",
    both("400-bad-request-json-err-heartbeat-value-too", "404-no-messages"),
    async (session) => {
      await begin(session);
      for (const [i, body] of BODIES.entries()) {
        session.note(body);
        const sid = `in${i}`;
        await session.listen(sid);
        await session.pull("c", sid, body);
        await session.quiet(sid, 160);
        await session.unlisten(sid);
      }
      await session.state("c");
    },
  ),
  scenario(
    "requests by number, and without a word",
    both("delivered-msg", "ack-subject-v1"),
    async (session) => {
      await begin(session, ["a", "b", "c", "d"]);
      await session.pull("c", "in");
      await session.take("in");
      await session.pull("c", "in", "2");
      await session.take("in", 2);
      await session.pull("c", "in", "{}");
      await session.take("in");
      await session.quiet("in");
      await session.state("c");
    },
  ),
  scenario(
    "a request without room to wait is over when there is nothing",
    both("404-no-messages", "no-wait-expires"),
    async (session) => {
      await begin(session, THREE);
      await session.pull("c", "in", { batch: 2, no_wait: true });
      await session.take("in", 2);
      await session.pull("c", "in", { batch: 5, no_wait: true });
      await session.take("in", 2);
      await session.pull("c", "in", { batch: 5, no_wait: true });
      await session.take("in");
      await session.pull("c", "in", {
        batch: 2,
        no_wait: true,
        expires: 150 * MILLISECOND,
      });
      await session.take("in");
      await session.pull("c", "in", {
        batch: 3,
        no_wait: true,
        expires: 2 * SECOND,
      });
      await session.quiet("in");
      await session.store("d");
      await session.take("in", 2);
      await session.quiet("in");
    },
  ),
  scenario(
    "a request without room to wait stands behind others",
    both("408-requests-pending"),
    async (session) => {
      await begin(session, [], { max_ack_pending: 1 });
      await session.store("a", "b");
      await session.pull("c", "in", { batch: 3, expires: 5 * SECOND });
      await session.take("in");
      await session.listen("other");
      await session.pull("c", "other", { batch: 1, no_wait: true });
      await session.take("other");
      await session.state("c");
    },
  ),
  scenario(
    "requests expire",
    both(
      "408-request-timeout-nats-pending-messages-nats-pending",
      "expired-by-clock",
    ),
    async (session) => {
      await begin(session, ["a"]);
      await session.pull("c", "in", {
        batch: 3,
        expires: 200 * MILLISECOND,
        max_bytes: 1000,
      });
      await session.take("in", 2);
      await session.pull("c", "in", { batch: 2, expires: 100 * MILLISECOND });
      await session.take("in");
      await session.state("c");
    },
  ),
  scenario(
    "heartbeats while a request waits",
    both("100-idle-heartbeat-nats-last-consumer-nats-last"),
    async (session) => {
      await begin(session, ["a"]);
      await session.pull("c", "in", {
        batch: 3,
        expires: 500 * MILLISECOND,
        idle_heartbeat: 200 * MILLISECOND,
      });
      await session.take("in", 4);
    },
  ),
  scenario(
    "more than a consumer lets ask for",
    both(
      "409-exceeded-maxrequestbatch-of-n-exceeded-maxrequestexpires-of",
      "max-batch-max-expires-max-bytes",
    ),
    async (session) => {
      await begin(session, [], {
        max_batch: 5,
        max_expires: 1500 * MILLISECOND,
        max_bytes: 100,
        max_waiting: 2,
      });
      await session.pull("c", "in", { batch: 6 });
      await session.take("in");
      await session.pull("c", "in", { batch: 1, expires: 1501 * MILLISECOND });
      await session.take("in");
      await session.pull("c", "in", { batch: 1, max_bytes: 101 });
      await session.take("in");
      await session.pull("c", "in", { batch: 1 });
      await session.pull("c", "in", { batch: 1 });
      await session.pull("c", "in", { batch: 1 });
      await session.take("in");
      await session.pull("c", "in", {
        batch: 1,
        expires: SECOND,
        idle_heartbeat: 400 * MILLISECOND,
      });
      await session.quiet("in");
      await session.state("c");
    },
  ),
  scenario(
    "requests by bytes",
    both(
      "max-bytes",
      "409-message-size-exceeds-maxbytes-pending-hdrs",
      "409-batch-completed-pending-hdrs",
    ),
    async (session) => {
      await begin(session);
      const messages = ["a", "b", "c", "d", "e"].map((
        token,
      ) => [token, "x".repeat(100)] as const);
      await session.store(...messages);
      await session.pull("c", "in", { batch: 1, max_bytes: 1000 });
      await session.take("in", 2);
      await session.pull("c", "in", { batch: 5, max_bytes: 320 });
      await session.take("in", 2);
      await session.quiet("in");
      await session.pull("c", "in", { batch: 5, max_bytes: 50 });
      await session.take("in");
      await session.state("c");
    },
  ),
  scenario(
    "bytes that are just enough",
    both("max-bytes"),
    async (session) => {
      await begin(session);
      const { stream, prefix } = session;
      // Subject, acknowledgement subject with its 19 digits, body.
      const size = `${prefix}.a`.length +
        `$JS.ACK.${stream}.c.1.1.1.${"9".repeat(19)}.1`.length + 10;
      await session.store(["a", "0123456789"], ["b", "0123456789"]);
      await session.pull("c", "in", { batch: 5, max_bytes: size });
      await session.take("in");
      await session.quiet("in");
      await session.pull("c", "in", { batch: 5, max_bytes: size - 1 });
      await session.take("in");
    },
  ),
  scenario(
    "requests are served in turn",
    both("round-robin"),
    async (session) => {
      await begin(session);
      for (const sid of ["one", "two", "three"]) {
        await session.listen(sid);
        await session.pull("c", sid, { batch: 2, expires: 5 * SECOND });
        await session.sync();
      }
      await session.pause(50);
      for (const token of ["a", "b", "c", "d", "e"]) {
        await session.store(token);
        await session.pause(20);
      }
      for (const sid of ["one", "two", "three"]) await session.take(sid);
      for (const sid of ["one", "two"]) await session.take(sid);
      await session.quiet("three");
      await session.state("c");
    },
  ),
  scenario(
    "requests that nobody listens for any more",
    both("interest-loss"),
    async (session) => {
      await begin(session);
      await session.listen("gone");
      await session.pull("c", "gone", { batch: 5, expires: 5 * SECOND });
      await session.sync();
      await session.state("c");
      await session.unlisten("gone");
      await session.state("c");
      await session.pull("c", "in", { batch: 1, expires: 5 * SECOND });
      await session.store("a");
      await session.take("in");
      await session.pull("c", "nobody", { batch: 1 });
      await session.sync();
      await session.pause(50);
      await session.state("c");
    },
  ),
  scenario(
    "who asks a push consumer, and who asks for too new a server",
    both("409-consumer-is-push-based", "412-required-api-level"),
    async (session) => {
      await begin(session, ["a"]);
      await session.consumer("p", { deliver_subject: `${session.stream}.to` });
      await session.pull("p", "in", { batch: 1 });
      await session.take("in");
      await session.pull("p", "in", "{");
      await session.take("in");
      const level = (value: string) => `Nats-Required-Api-Level: ${value}`;
      await session.pull("c", "in", { batch: 1 }, level("99"));
      await session.take("in");
      await session.pull("c", "in", { batch: 1 }, level("x"));
      await session.take("in");
      await session.pull("p", "in", { batch: 1 }, level("99"));
      await session.take("in");
      await session.pull("c", "in", { batch: 1 }, level("0"));
      await session.take("in");
    },
  ),
  scenario(
    "requests end with their consumer",
    both("409-consumer-deleted-409-leadership-change-409-server"),
    async (session) => {
      await begin(session);
      await session.pull("c", "in", { batch: 3, expires: 5 * SECOND });
      await session.pull("c", "in", { batch: 1 });
      await session.sync();
      await session.pause(30);
      await session.api(`CONSUMER.DELETE.${session.stream}.c`);
      await session.take("in", 2);
      await session.pull("c", "in", { batch: 1 });
      await session.take("in");
      await session.consumer("c");
      await session.pull("c", "in", { batch: 1 });
      await session.sync();
      await session.pause(30);
      await session.done(`STREAM.DELETE.${session.stream}`);
      await session.take("in");
    },
  ),
  scenario(
    "a request waits while too much is unacknowledged",
    both("expired-by-clock", "max-ack-pending"),
    async (session) => {
      await begin(session, THREE, { max_ack_pending: 1 });
      await session.pull("c", "in", { batch: 1 });
      const [first] = await session.take("in");
      await session.pull("c", "in", {
        batch: 2,
        no_wait: true,
        expires: 2 * SECOND,
      });
      await session.quiet("in");
      await session.ack(first);
      const [second] = await session.take("in");
      await session.ack(second);
      await session.take("in");
      await session.quiet("in");
      await session.state("c");
    },
  ),
  scenario(
    "overflow: only when there is more to do",
    both("overflow", "400-bad-request-not-a-overflow-priority-consumer"),
    async (session) => {
      await begin(session, ["a", "b"], {
        priority_policy: "overflow",
        priority_groups: ["g"],
      });
      await session.pull("c", "in", { batch: 1 });
      await session.take("in");
      await session.pull("c", "in", { batch: 1, group: "h" });
      await session.take("in");
      await session.pull("c", "in", { batch: 1, group: "g", id: "x" });
      await session.take("in");
      await session.listen("some");
      await session.pull("c", "some", {
        batch: 5,
        group: "g",
        min_pending: 3,
        expires: 5 * SECOND,
      });
      await session.quiet("some");
      await session.store("c");
      await session.take("some");
      await session.quiet("some");
      await session.listen("more");
      await session.pull("c", "more", {
        batch: 5,
        group: "g",
        min_ack_pending: 2,
        expires: 5 * SECOND,
      });
      await session.quiet("more");
      await session.pull("c", "in", { batch: 1, group: "g" });
      await session.take("in");
      await session.take("more");
      await session.quiet("some");
      await session.state("c");
    },
  ),
  scenario(
    "prioritized: the lowest number first",
    both("round-robin", "priority-groups-priority-policy-priority-timeout"),
    async (session) => {
      await begin(session, [], {
        priority_policy: "prioritized",
        priority_groups: ["g"],
      });
      for (
        const [sid, priority] of [["low", 5], ["high", 1], ["also", 1]] as const
      ) {
        await session.listen(sid);
        await session.pull("c", sid, {
          batch: 2,
          group: "g",
          priority,
          expires: 5 * SECOND,
        });
        await session.sync();
      }
      for (const token of ["a", "b", "c", "d", "e"]) {
        await session.pause(20);
        await session.store(token);
      }
      await session.take("high", 2);
      await session.take("also", 2);
      await session.take("low");
      await session.pull("c", "in", { batch: 1, group: "g", priority: 10 });
      await session.take("in");
    },
  ),
  scenario(
    "pinned: one client until it is silent",
    both(
      "pinned-client",
      "only-first-group-tracked",
      "423-nats-pin-id-mismatch-423-nats-wrong",
    ),
    async (session) => {
      await begin(session, ["a", "b", "c", "d"], {
        priority_policy: "pinned_client",
        priority_groups: ["g", "h"],
        priority_timeout: 400 * MILLISECOND,
      });
      await session.listen(
        "pins",
        `$JS.EVENT.ADVISORY.CONSUMER.*.${session.stream}.c`,
      );
      await session.listen("one");
      await session.listen("two");
      const ask = (sid: string, more: Fields = {}) =>
        session.pull("c", sid, {
          batch: 1,
          group: "g",
          expires: 5 * SECOND,
          ...more,
        });
      await ask("one");
      const [first] = await session.take("one");
      const pin = /Nats-Pin-Id: (\w+)/.exec(first?.headers ?? "")?.[1] ?? "";
      await session.take("pins");
      await ask("two");
      await session.quiet("two");
      await ask("one", { id: "wrong" });
      await session.take("one");
      await ask("one", { id: pin });
      await session.take("one");
      await session.api(`CONSUMER.INFO.${session.stream}.c`);
      await session.take("two", 1, 2000);
      await session.take("pins", 2);
      await ask("one", { id: pin });
      await session.take("one");
    },
  ),
  scenario(
    "pinned: taken away by an administrator",
    both("pinned-client", "423-nats-pin-id-mismatch-423-nats-wrong"),
    async (session) => {
      await begin(session, ["a", "b"], {
        priority_policy: "pinned_client",
        priority_groups: ["g"],
        priority_timeout: 60 * SECOND,
      });
      const { stream } = session;
      await session.listen("pins", `$JS.EVENT.ADVISORY.CONSUMER.*.${stream}.c`);
      await session.pull("c", "in", { batch: 1, group: "g" });
      const [first] = await session.take("in");
      await session.take("pins");
      const pin = /Nats-Pin-Id: (\w+)/.exec(first?.headers ?? "")?.[1] ?? "";
      await session.api(`CONSUMER.UNPIN.${stream}.c`, { group: "g" });
      await session.api(`CONSUMER.UNPIN.${stream}.c`, { group: "x" });
      await session.api(`CONSUMER.UNPIN.${stream}.none`, { group: "g" });
      await session.take("pins");
      await session.pull("c", "in", { batch: 1, group: "g", id: pin });
      await session.take("in");
      await session.pull("c", "in", { batch: 1, group: "g" });
      await session.take("in");
      await session.take("pins");
    },
  ),
  scenario(
    "pinned: bytes that do not suffice give the pin away",
    both("pinned-client", "max-bytes"),
    async (session) => {
      await begin(session, ["a", "b"], {
        priority_policy: "pinned_client",
        priority_groups: ["g"],
      });
      await session.pull("c", "in", { batch: 1, group: "g", max_bytes: 10 });
      await session.take("in");
      await session.listen("two");
      await session.pull("c", "two", {
        batch: 2,
        group: "g",
        max_bytes: 10_000,
      });
      await session.take("two", 3);
      await session.state("c");
    },
  ),
];
