/**
 * Acknowledgements of every kind and what follows from them, or from their
 * absence.
 *
 * @module
 */

import { shortHash } from "../../../../src/account/mod.ts";
import { type JetStreamScenario, scenario } from "../../jetstream/compare.ts";
import type { Fields, Received, Session } from "../../jetstream/session.ts";

const MILLISECOND = 1_000_000;
const SECOND = 1000 * MILLISECOND;

const both = (...rows: string[]) => {
  const ids = rows.map((row) => `consumers/${row}`);
  return { positive: ids, edge: ids };
};

const FIVE = ["a", "b", "c", "d", "e"];

/** A stream with five messages, a pull consumer and an inbox. */
async function begin(
  session: Session,
  consumer: Fields = {},
  stream: Fields = {},
): Promise<void> {
  await session.create(stream);
  await session.store(...FIVE);
  await session.consumer("c", consumer);
  await session.listen("in");
}

/** Asks for messages and writes them down. */
async function fetch(
  session: Session,
  count: number,
  within?: number,
): Promise<Received[]> {
  await session.pull("c", "in", { batch: count, expires: 5 * SECOND });
  return await session.take("in", count, within);
}

/** Listens to what a stream's consumers tell. */
async function advisories(session: Session): Promise<void> {
  await session.listen(
    "told",
    `$JS.EVENT.ADVISORY.CONSUMER.*.${session.stream}.>`,
  );
}

/** The subject of a delivery with some of its numbers changed. */
function altered(
  delivery: Received | undefined,
  change: (numbers: string[]) => string[],
): Received {
  const tokens = (delivery?.reply ?? "").split(".");
  const reply = [...tokens.slice(0, 4), ...change(tokens.slice(4))].join(".");
  return { subject: "", headers: "", body: "", reply };
}

const VERBS = [
  "",
  "+ACK",
  "+OK",
  "+ACK ",
  "+ACKx",
  "+O",
  "ack",
  "+WPI",
  "+WPIx",
  "-NAK",
  "-NA",
  "+TERM",
  "+TERMINATE",
  "+NXT",
];

const NAK_ARGUMENTS = [
  ' {"delay":1}',
  " 1ms",
  " soon",
  ' {"delay":"1ms"}',
  ' {"other":1}',
  " {",
  "   ",
  "x",
  " -5s",
];

export const CONSUMER_ACKS: readonly JetStreamScenario[] = [
  scenario(
    "every verb that an acknowledgement may have, and some more",
    both("empty-ack-ok", "ack-ack", "wpi"),
    async (session) => {
      await begin(session);
      await session.store(...VERBS.map((_, i) => `v${i}`));
      for (const verb of VERBS) {
        session.note(`verb ${JSON.stringify(verb)}`);
        const [delivery] = await fetch(session, 1);
        await session.publish(delivery?.reply ?? "", verb, {
          reply: session.inbox("told"),
        });
        await session.settle();
        await session.state("c");
      }
    },
  ),
  scenario(
    "acknowledgements are acknowledged once they have happened",
    both("ack-ack"),
    async (session) => {
      await begin(session);
      const [first, second] = await fetch(session, 2);
      await session.ack(first, "+ACK", true);
      await session.ack(first, "+ACK", true);
      await session.ack(second, "+WPI", true);
      await session.ack(second, "-NAK", true);
      await session.ack(second, "odd", true);
      await session.ack(second, "+TERM", true);
      await session.state("c");
      await session.listen("answers");
      // Nothing like it was delivered.
      for (
        const change of [
          (n: string[]) => ["1", "4", ...n.slice(2)],
          (n: string[]) => ["1", "999", ...n.slice(2)],
          (n: string[]) => ["1", "x", ...n.slice(2)],
        ]
      ) {
        await session.publish(altered(first, change).reply, "", {
          reply: session.inbox("answers"),
        });
        await session.sync();
        await session.quiet("answers", 80);
      }
      await session.publish(altered(first, () => ["1"]).reply, "", {
        reply: session.inbox("answers"),
      });
      await session.take("answers");
      await session.publish(altered(first, (n) => [...n, "7"]).reply, "", {
        reply: session.inbox("answers"),
      });
      await session.take("answers");
    },
  ),
  scenario(
    "acknowledgements under the longer subjects",
    both("ack-subject-v2", "ack-subject-v1"),
    async (session) => {
      await begin(session);
      const deliveries = await fetch(session, 3);
      await session.listen("answers");
      const hash = shortHash("$G");
      for (const [i, more] of [[], ["x"], ["x", "y"]].entries()) {
        const numbers = (deliveries[i]?.reply ?? "").split(".").slice(4);
        const subject = [
          "$JS.ACK._",
          hash,
          session.stream,
          "c",
          ...numbers,
          ...more,
        ].join(".");
        await session.publish(subject, "", { reply: session.inbox("answers") });
        await session.sync();
        await session.quiet("answers", 100);
      }
      await session.state("c");
    },
  ),
  scenario(
    "the floor moves with the lowest that is missing",
    both("explicit-floor"),
    async (session) => {
      await begin(session);
      const deliveries = await fetch(session, 5);
      for (const i of [1, 3, 0, 4, 2]) {
        await session.ack(deliveries[i]);
        await session.state("c");
      }
    },
  ),
  scenario(
    "one acknowledgement for all before it",
    both("ack-all"),
    async (session) => {
      await begin(session, { ack_policy: "all", ack_wait: 300 * MILLISECOND });
      const deliveries = await fetch(session, 4);
      await session.ack(deliveries[1], "+ACK", true);
      await session.state("c");
      await session.ack(deliveries[0], "+ACK", true);
      await session.state("c");
      await fetch(session, 2, 1000);
      await session.state("c");
      await session.ack(deliveries[3], "+ACK", true);
      await session.state("c");
    },
  ),
  scenario(
    "without acknowledgements nothing waits for them",
    both("ack-policy", "delivered-msg"),
    async (session) => {
      await begin(session, { ack_policy: "none" });
      const [first] = await fetch(session, 3);
      await session.listen("answers");
      await session.publish(first?.reply ?? "", "", {
        reply: session.inbox("answers"),
      });
      await session.take("answers");
      await session.state("c");
    },
  ),
  scenario(
    "refused messages come again at once, behind nothing else",
    both("nak-nak-delay-ns-nak-5s", "direct-to-one-order", "out-of-range-nak"),
    async (session) => {
      await begin(session);
      await advisories(session);
      const [first, second, third] = await fetch(session, 3);
      await session.ack(second, "-NAK");
      await session.ack(first, "-NAK");
      await session.take("told", 2);
      await session.ack(third);
      await session.ack(third, "-NAK");
      await session.quiet("told");
      const again = await fetch(session, 3);
      await session.state("c");
      await session.ack(first);
      await session.ack(again[1], "-NAK");
      await session.take("told");
      await session.state("c");
      await session.ack(
        altered(first, (n) => ["1", "1", "99", ...n.slice(3)]),
        "-NAK",
      );
      await session.quiet("told");
      await fetch(session, 1);
    },
  ),
  scenario(
    "refused messages come again when they are wanted again",
    both("nak-nak-delay-ns-nak-5s"),
    async (session) => {
      await begin(session, { ack_wait: 400 * MILLISECOND });
      await advisories(session);
      const [first, second] = await fetch(session, 2);
      await session.ack(first, "-NAK 200ms");
      await session.ack(second, '-NAK {"delay": 100000000}');
      await session.take("told", 2);
      await session.pull("c", "in", { batch: 2, no_wait: true });
      await session.take("in", 2);
      await fetch(session, 2);
      await session.state("c");
    },
  ),
  scenario(
    "delays that are none",
    both("nak-nak-delay-ns-nak-5s"),
    async (session) => {
      await begin(session);
      await session.pull("c", "in", { batch: 100, expires: 10 * SECOND });
      await session.take("in", 5);
      let [latest] = await session.take("in", 0);
      await session.store("z");
      [latest] = await session.take("in");
      for (const argument of NAK_ARGUMENTS) {
        session.note(argument);
        await session.ack(latest, `-NAK${argument}`);
        [latest] = await session.take("in");
      }
    },
  ),
  scenario(
    "what is not acknowledged in time comes again",
    both("ack-wait-2", "ack-wait", "direct-to-one-order"),
    async (session) => {
      await begin(session, { ack_wait: 250 * MILLISECOND });
      await fetch(session, 3);
      await session.pause(100);
      await session.state("c");
      const again = await fetch(session, 4, 2000);
      await session.state("c");
      await session.ack(again[0]);
      await session.ack(again[2]);
      await session.pause(400);
      await session.pull("c", "in", { batch: 5, no_wait: true });
      await session.take("in", 5, 1000);
      await session.state("c");
    },
  ),
  scenario(
    "who works on is not hurried",
    both("wpi"),
    async (session) => {
      await begin(session, { ack_wait: 300 * MILLISECOND });
      const [first] = await fetch(session, 1);
      await session.pull("c", "in", { batch: 1, expires: 5 * SECOND });
      await session.take("in");
      for (let i = 0; i < 4; i++) {
        await session.pause(150);
        await session.ack(first, "+WPI", true);
      }
      await session.pull("c", "in", { batch: 2, no_wait: true });
      await session.take("in", 2);
      await session.state("c");
      await fetch(session, 1, 1000);
    },
  ),
  scenario(
    "waits by a list",
    both("backoff", "ack-wait-2"),
    async (session) => {
      await begin(session, {
        backoff: [300, 700].map((wait) => wait * MILLISECOND),
        max_deliver: 4,
        filter_subject: `${session.prefix}.a`,
      });
      await session.pull("c", "in", { batch: 4, expires: 10 * SECOND });
      await session.take("in");
      let last = performance.now();
      for (let i = 0; i < 3; i++) {
        await session.take("in");
        const now = performance.now();
        session.note(`${Math.round((now - last) / 400)}`);
        last = now;
      }
      await session.state("c");
    },
  ),
  scenario(
    "messages are given up after so many deliveries",
    both("max-deliver", "max-deliver-2"),
    async (session) => {
      await begin(session, { max_deliver: 2, ack_wait: 200 * MILLISECOND });
      await advisories(session);
      await fetch(session, 2);
      await fetch(session, 2, 1000);
      await session.pause(350);
      await session.state("c");
      await fetch(session, 1);
      await session.take("told", 2);
      await session.state("c");
    },
  ),
  scenario(
    "one delivery only",
    both("max-deliver", "max-deliver-2"),
    async (session) => {
      await begin(session, { max_deliver: 1, ack_wait: 200 * MILLISECOND });
      await advisories(session);
      const [first] = await fetch(session, 2);
      await session.gather("told", 2);
      await session.state("c");
      await session.ack(first, "+ACK", true);
      await session.state("c");
    },
  ),
  scenario(
    "refused as often as it may be delivered",
    both("max-deliver-2", "nak-nak-delay-ns-nak-5s"),
    async (session) => {
      await begin(session, { max_deliver: 2 });
      await advisories(session);
      await session.pull("c", "in", { batch: 10, expires: 10 * SECOND });
      const [first] = await session.take("in", 5);
      await session.ack(first, "-NAK");
      const [again] = await session.take("in");
      await session.ack(again, "-NAK");
      await session.quiet("in");
      await session.take("told", 3);
      await session.state("c");
    },
  ),
  scenario(
    "terminated messages never come again",
    both("term-term-reason"),
    async (session) => {
      await begin(session, { ack_wait: 200 * MILLISECOND });
      await advisories(session);
      const [first, second, third] = await fetch(session, 3);
      await session.ack(first, "+TERM", true);
      await session.ack(second, "+TERM  because of this ", true);
      await session.ack(third);
      await session.take("told", 2);
      await session.ack(third, "+TERM late", true);
      await session.take("told");
      await session.pause(300);
      await session.state("c");
      await fetch(session, 2);
    },
  ),
  scenario(
    "an acknowledgement that asks for the next",
    both("nxt-nxt-5-nxt"),
    async (session) => {
      await begin(session);
      await session.store("f", "g", "h");
      const [first] = await fetch(session, 1);
      const next = async (delivery: Received | undefined, body: string) => {
        await session.publish(delivery?.reply ?? "", body, {
          reply: session.inbox("in"),
        });
        await session.settle();
      };
      await next(first, "+NXT");
      const [second] = await session.take("in");
      await next(second, "+NXT 2");
      const [, third] = await session.take("in", 2);
      await next(third, '+NXT {"batch": 2, "no_wait": true}');
      const [, fourth] = await session.take("in", 2);
      await next(fourth, "+NXTx");
      await session.take("in");
      await session.publish(fourth?.reply ?? "", "+NXT");
      await session.quiet("in");
      await session.state("c");
    },
  ),
  scenario(
    "no more than so many unacknowledged",
    both("max-ack-pending", "direct-to-one-order"),
    async (session) => {
      await begin(session, { max_ack_pending: 2 });
      await session.pull("c", "in", { batch: 10, expires: 10 * SECOND });
      const [first, second] = await session.take("in", 2);
      await session.quiet("in");
      await session.ack(first, "-NAK");
      await session.take("in");
      await session.quiet("in");
      await session.ack(second);
      await session.take("in");
      await session.quiet("in");
      await session.tryConsumer("c", { max_ack_pending: 4 });
      await session.take("in", 2);
      await session.state("c");
    },
  ),
  scenario(
    "messages that are deleted while they wait",
    both("deleted-pending"),
    async (session) => {
      await begin(session, { max_ack_pending: 2 });
      await advisories(session);
      await session.pull("c", "in", { batch: 10, expires: 10 * SECOND });
      const [first] = await session.take("in", 2);
      await session.done(`STREAM.MSG.DELETE.${session.stream}`, { seq: 2 });
      await session.take("told");
      await session.take("in");
      await session.state("c");
      await session.ack(first, "-NAK");
      await session.take("told");
      await session.take("in");
      await session.done(`STREAM.MSG.DELETE.${session.stream}`, { seq: 5 });
      await session.quiet("told");
      await session.state("c");
    },
  ),
  scenario(
    "messages that limits take away while they wait",
    both("deleted-pending"),
    async (session) => {
      await begin(session, {}, { max_msgs: 5 });
      await advisories(session);
      await fetch(session, 3);
      await session.store("f", "g");
      await session.gather("told", 2);
      await session.pause(50);
      await session.state("c");
      await session.messages();
    },
  ),
  scenario(
    "samples of how long acknowledgements take",
    both("sampling-metric", "sample-freq"),
    async (session) => {
      await begin(session, { sample_freq: "100%" });
      await session.listen(
        "metrics",
        `$JS.EVENT.METRIC.CONSUMER.ACK.${session.stream}.c`,
      );
      const [first, second, third] = await fetch(session, 3);
      await session.ack(first);
      await session.take("metrics");
      await session.ack(second, "+TERM");
      await session.ack(third, "-NAK");
      const [again] = await fetch(session, 1);
      await session.ack(again);
      await session.take("metrics");
      await session.ack(again);
      await session.quiet("metrics");
      await session.tryConsumer("c", { sample_freq: "0" });
      const [fourth] = await fetch(session, 1);
      await session.ack(fourth);
      await session.quiet("metrics");
    },
  ),
];
