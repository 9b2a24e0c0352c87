/**
 * Where consumers begin, what befalls their streams, and how they end.
 *
 * @module
 */

import { type JetStreamScenario, scenario } from "../../jetstream/compare.ts";
import type { Fields, Received, Session } from "../../jetstream/session.ts";

const MILLISECOND = 1_000_000;
const SECOND = 1000 * MILLISECOND;

const both = (...rows: string[]) => {
  const ids = rows.map((row) => `consumers/${row}`);
  return { positive: ids, edge: ids };
};

async function fetch(
  session: Session,
  consumer: string,
  count: number,
): Promise<Received[]> {
  await session.pull(consumer, "in", { batch: count, no_wait: true });
  return await session.take("in", count, 1000);
}

/** Everything that a consumer still has, up to the end. */
async function drain(session: Session, consumer: string): Promise<void> {
  await session.pull(consumer, "in", { batch: 100, no_wait: true });
  for (;;) {
    const [next] = await session.take("in", 1, 1500);
    if (next === undefined || next.headers !== "") return;
  }
}

const START_POLICIES: readonly (readonly [string, Fields])[] = [
  ["all", { deliver_policy: "all" }],
  ["last", { deliver_policy: "last" }],
  ["new", { deliver_policy: "new" }],
  ["seq1", { deliver_policy: "by_start_sequence", opt_start_seq: 1 }],
  ["seq4", { deliver_policy: "by_start_sequence", opt_start_seq: 4 }],
  ["seq99", { deliver_policy: "by_start_sequence", opt_start_seq: 99 }],
  ["old", {
    deliver_policy: "by_start_time",
    opt_start_time: "2001-01-01T00:00:00Z",
  }],
  ["late", {
    deliver_policy: "by_start_time",
    opt_start_time: "2101-01-01T00:00:00Z",
  }],
];

/** Begins every kind of consumer, and drains it. */
async function startAll(session: Session, filter: Fields): Promise<void> {
  for (const [name, fields] of START_POLICIES) {
    session.note(`${name} ${JSON.stringify(filter)}`);
    await session.consumer(name, { ...fields, ...filter });
    await session.state(name);
    await drain(session, name);
    await session.state(name);
    await session.done(`CONSUMER.DELETE.${session.stream}.${name}`);
  }
}

const starts = [
  scenario(
    "where consumers begin",
    both(
      "start-selection",
      "deliver-policy",
      "opt-start-seq-opt-start-time",
      "num-pending",
    ),
    async (session) => {
      await session.create();
      await session.listen("in");
      await startAll(session, {});
      await session.store("a", "b", "a", "c", "b", "a");
      await session.done(`STREAM.MSG.DELETE.${session.stream}`, { seq: 3 });
      const p = session.prefix;
      await startAll(session, {});
      await startAll(session, { filter_subject: `${p}.a` });
      await startAll(session, { filter_subjects: [`${p}.b`, `${p}.c`] });
      await startAll(session, { filter_subject: `${p}.none` });
      await session.done(`STREAM.PURGE.${session.stream}`);
      await startAll(session, {});
    },
  ),
  scenario(
    "the last of every subject",
    both("start-selection", "deliver-policy"),
    async (session) => {
      await session.create();
      await session.listen("in");
      const p = session.prefix;
      const last = (name: string, ...filters: string[]) =>
        session.consumer(name, {
          deliver_policy: "last_per_subject",
          filter_subjects: filters,
        });
      await last("empty", `${p}.>`);
      await session.store("a", "b", "a", "c", "b", "a", "d");
      await last("all", `${p}.>`);
      await last("some", `${p}.a`, `${p}.c`);
      await last("none", `${p}.x`);
      for (const name of ["empty", "all", "some", "none"]) {
        session.note(name);
        await session.state(name);
        await fetch(session, name, 2);
        await session.state(name);
      }
      await session.store("a", "c", "x");
      for (const name of ["empty", "all", "some", "none"]) {
        session.note(name);
        await drain(session, name);
        await session.state(name);
      }
    },
  ),
  scenario(
    "the last of every subject when there is only one",
    both("start-selection"),
    async (session) => {
      await session.create({ max_msgs_per_subject: 1 });
      await session.listen("in");
      await session.store("a", "b", "a", "c");
      await session.consumer("c", {
        deliver_policy: "last_per_subject",
        filter_subject: `${session.prefix}.>`,
      });
      await session.state("c");
      await drain(session, "c");
      await session.state("c");
    },
  ),
  scenario(
    "from a time on",
    both("start-selection", "opt-start-seq-opt-start-time"),
    async (session) => {
      await session.create();
      await session.listen("in");
      await session.store("a", "b");
      await session.pause(60);
      const middle = new Date().toISOString();
      await session.pause(60);
      await session.store("c", "a", "d");
      for (const filter of [{}, { filter_subject: `${session.prefix}.d` }]) {
        const name = `c${Object.keys(filter).length}`;
        await session.consumer(name, {
          deliver_policy: "by_start_time",
          opt_start_time: middle,
          ...filter,
        });
        await session.state(name);
        await drain(session, name);
      }
    },
  ),
  scenario(
    "what a consumer has before it",
    both("num-pending", "consumerinfo"),
    async (session) => {
      await session.create();
      await session.listen("in");
      const p = session.prefix;
      await session.consumer("all");
      await session.consumer("some", { filter_subject: `${p}.*.x` });
      await session.store("a.x", "b.y", "a.x", "c.x");
      for (const name of ["all", "some"]) await session.state(name);
      await fetch(session, "some", 1);
      await fetch(session, "all", 1);
      await session.done(`STREAM.MSG.DELETE.${session.stream}`, { seq: 3 });
      for (const name of ["all", "some"]) await session.state(name);
      await session.done(`STREAM.PURGE.${session.stream}`, {
        filter: `${p}.c.x`,
      });
      for (const name of ["all", "some"]) await session.state(name);
      await session.tryConsumer("some", { filter_subject: `${p}.b.*` });
      await session.state("some");
      await session.store("b.z", "a.x");
      for (const name of ["all", "some"]) {
        await drain(session, name);
        await session.state(name);
      }
    },
  ),
];

const changes = [
  scenario(
    "other filters",
    both("filter-change", "filter-subject-filter-subjects"),
    async (session) => {
      await session.create();
      await session.listen("in");
      const p = session.prefix;
      await session.store("a", "b", "c", "a", "b", "c");
      await session.consumer("c", { filter_subject: `${p}.a` });
      await fetch(session, "c", 1);
      await session.tryConsumer("c", { filter_subjects: [`${p}.b`, `${p}.c`] });
      await session.state("c");
      await drain(session, "c");
      await session.tryConsumer("c", { filter_subject: `${p}.>` });
      await session.state("c");
      await session.store("d");
      await drain(session, "c");
    },
  ),
  scenario(
    "purges",
    both("purge-effects"),
    async (session) => {
      await session.create();
      await session.listen("in");
      const p = session.prefix;
      const names = ["all", "a", "other"];
      await session.store("a", "b", "a", "b", "a");
      await session.consumer("all");
      await session.consumer("a", { filter_subject: `${p}.a` });
      await session.consumer("other", {
        filter_subjects: [`${p}.b`, `${p}.x`],
      });
      for (const name of names) await fetch(session, name, 2);
      for (
        const request of [{ filter: `${p}.a`, keep: 1 }, { seq: 4 }, {
          filter: `${p}.b`,
        }, {}]
      ) {
        session.note(JSON.stringify(request));
        await session.done(`STREAM.PURGE.${session.stream}`, request);
        for (const name of names) await session.state(name);
        await session.messages();
      }
      await session.store("a", "b");
      for (const name of names) {
        await drain(session, name);
        await session.state(name);
      }
    },
  ),
  scenario(
    "back and ahead",
    both("reset-api"),
    async (session) => {
      await session.create();
      await session.listen("in");
      await session.store("a", "b", "c", "d", "e");
      const { stream } = session;
      await session.consumer("c");
      const [first] = await fetch(session, "c", 3);
      await session.ack(first);
      const reset = (name: string, body: unknown) =>
        session.api(`CONSUMER.RESET.${stream}.${name}`, body);
      await reset("c", "");
      await fetch(session, "c", 2);
      await reset("c", { seq: 1 });
      await fetch(session, "c", 1);
      await reset("c", { seq: 4 });
      await session.state("c");
      await fetch(session, "c", 2);
      await reset("c", {});
      await reset("c", { seq: 100 });
      await reset("c", '{"seq":');
      await reset("c", { seq: -1 });
      await session.consumer("s", {
        deliver_policy: "by_start_sequence",
        opt_start_seq: 3,
      });
      await reset("s", { seq: 2 });
      await reset("s", { seq: 3 });
      await session.consumer("t", {
        deliver_policy: "by_start_time",
        opt_start_time: "2101-01-01T00:00:00Z",
      });
      await reset("t", { seq: 2 });
      await session.consumer("n", { deliver_policy: "new" });
      await reset("n", { seq: 2 });
      await reset("n", {});
      await session.api(
        `CONSUMER.RESET.${stream}.n`,
        "",
        "Nats-Required-Api-Level: 99",
      );
      await session.api(
        `CONSUMER.RESET.${stream}.n`,
        "",
        "Nats-Stream-Identity: x",
      );
    },
  ),
  scenario(
    "a work queue lets go of what is acknowledged",
    both("wq-exclusivity", "max-deliver-2"),
    async (session) => {
      await session.create({ retention: "workqueue" });
      await session.listen("in");
      await session.store("a", "b", "c", "d");
      await session.consumer("c", {
        max_deliver: 1,
        ack_wait: 200 * MILLISECOND,
      });
      const [first, second, third] = await fetch(session, "c", 3);
      await session.ack(second, "+ACK", true);
      await session.messages();
      await session.ack(first, "+TERM");
      await session.messages();
      await session.pause(350);
      await session.messages();
      await session.state("c");
      await session.ack(third, "+ACK", true);
      await session.messages();
      await session.done(`CONSUMER.DELETE.${session.stream}.c`);
      await session.pause(60);
      await session.messages();
      await session.consumer("c");
      await drain(session, "c");
    },
  ),
  scenario(
    "messages stay as long as somebody is interested",
    both("delete", "ack-policy"),
    async (session) => {
      await session.create({ retention: "interest" });
      await session.listen("in");
      const p = session.prefix;
      await session.store("early");
      await session.messages();
      await session.consumer("one");
      await session.consumer("two", { ack_policy: "all" });
      await session.consumer("some", { filter_subject: `${p}.b` });
      await session.consumer("none", { ack_policy: "none" });
      await session.store("a", "b", "c");
      const ones = await fetch(session, "one", 3);
      for (const each of ones) await session.ack(each);
      await session.messages();
      await fetch(session, "none", 3);
      const twos = await fetch(session, "two", 3);
      await session.ack(twos[2]);
      await session.pause(60);
      await session.messages();
      const [b] = await fetch(session, "some", 1);
      await session.ack(b);
      await session.pause(60);
      await session.messages();
      await session.store("a", "b");
      await session.pause(30);
      for (const name of ["one", "two", "none"]) {
        await session.done(`CONSUMER.DELETE.${session.stream}.${name}`);
        await session.pause(60);
        await session.messages();
      }
      await session.done(`CONSUMER.DELETE.${session.stream}.some`);
      await session.pause(60);
      await session.messages();
    },
  ),
];

const ends = [
  scenario(
    "consumers come and go, and are told of",
    both("delete", "create-api"),
    async (session) => {
      await session.create();
      const { stream } = session;
      await session.listen(
        "told",
        `$JS.EVENT.ADVISORY.CONSUMER.*.${stream}.>`,
      );
      await session.consumer("c");
      await session.take("told");
      await session.tryConsumer("c", { description: "new" });
      await session.quiet("told", 60);
      await session.api(`CONSUMER.NAMES.${stream}`);
      await session.api(`CONSUMER.LIST.${stream}`);
      await session.api(`CONSUMER.DELETE.${stream}.c`);
      await session.take("told");
      await session.api(`CONSUMER.DELETE.${stream}.c`);
      await session.api(`CONSUMER.INFO.${stream}.c`);
      await session.api(`CONSUMER.NAMES.${stream}`);
      await session.api(`CONSUMER.LIST.${stream}`);
    },
  ),
  scenario(
    "unused consumers go",
    both("ephemeral-cleanup", "inactive-threshold"),
    async (session) => {
      await session.create();
      const { stream } = session;
      await session.store("a");
      await session.listen("in");
      await session.listen(
        "told",
        `$JS.EVENT.ADVISORY.CONSUMER.DELETED.${stream}.>`,
      );
      const threshold = { inactive_threshold: 300 * MILLISECOND };
      const short = { durable_name: "", ...threshold };
      await session.consumer("pull", { ...short, name: "pull" });
      await session.take("told", 1, 2500);
      await session.consumer("push", {
        ...short,
        name: "push",
        deliver_subject: `${stream}.to`,
      });
      await session.take("told", 1, 1500);
      await session.listen("to", `${stream}.to`);
      await session.consumer("durable", {
        ...threshold,
        deliver_subject: `${stream}.to`,
      });
      await session.take("to");
      await session.quiet("told", 500);
      await session.unlisten("to");
      await session.take("told", 1, 1500);
      await session.consumer("used", { ...short, name: "used" });
      await session.pull("used", "in", {
        batch: 2,
        expires: 1500 * MILLISECOND,
      });
      await session.take("in");
      await session.quiet("told", 1000);
      await session.take("in");
      await session.consumer("working", {
        ...short,
        name: "working",
        ack_wait: SECOND,
      });
      await session.pull("working", "in", { batch: 1 });
      await session.take("in");
      await session.quiet("told", 1200);
    },
  ),
  scenario(
    "consumers kept in memory",
    both("mem-storage"),
    async (session) => {
      await session.create({ storage: "file" });
      await session.listen("in");
      await session.store("a", "b");
      await session.consumer("m", { mem_storage: true });
      await session.state("m");
      const [first] = await fetch(session, "m", 2);
      await session.ack(first);
      await session.state("m");
      await session.consumer("f");
      await session.state("f");
      await session.tryConsumer("f", { mem_storage: true });
    },
  ),
  scenario(
    "consumers of mirrors and sources, as their servers make them",
    both("direct-sourcing", "stream-identity"),
    async (session) => {
      await session.create();
      const { stream } = session;
      const to = `${stream}.to`;
      await session.listen("to", to);
      await session.store("a", "b");
      const direct = {
        durable_name: "",
        name: "d",
        direct: true,
        ack_policy: "none",
        deliver_subject: to,
        flow_control: true,
        idle_heartbeat: SECOND,
        deliver_policy: "all",
      };
      await session.tryConsumer("d", direct);
      await session.take("to", 2);
      await session.api(`CONSUMER.NAMES.${stream}`);
      await session.api(
        `CONSUMER.CREATE.${stream}.e`,
        session.consumerRequest("e", { ...direct, name: "e" }),
        "Nats-Stream-Identity: wrong",
      );
    },
  ),
];

export const CONSUMER_LIVES: readonly JetStreamScenario[] = [
  ...starts,
  ...changes,
  ...ends,
];
