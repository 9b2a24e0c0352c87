/**
 * Consumers whose clients are in another account than they.
 *
 * @module
 */

import { type JetStreamScenario, scenario } from "../../jetstream/compare.ts";

const MILLISECOND = 1_000_000;
const SECOND = 1000 * MILLISECOND;

/** `js` has the streams, `u` imports what it takes to consume. */
export const CONSUMER_ACCOUNTS_CONFIG = `
host: 127.0.0.1
port: -1
jetstream { store_dir: "{{dir}}", max_mem: 256M, max_file: 256M }
accounts {
  SYS: { users: [{ user: s, password: x }] }
  JS: {
    jetstream: enabled
    users: [{ user: js, password: x }]
    exports: [
      { service: "$JS.API.CONSUMER.>", response: stream }
      { service: "$JS.ACK.>" }
      { service: "$JS.FC.>" }
      { stream: "deliver.>" }
    ]
  }
  U: {
    users: [{ user: u, password: x }]
    imports: [
      { service: { account: JS, subject: "$JS.API.CONSUMER.>" } }
      { service: { account: JS, subject: "$JS.ACK.>" } }
      { service: { account: JS, subject: "$JS.FC.>" } }
      { stream: { account: JS, subject: "deliver.>" } }
    ]
  }
}
system_account: SYS
`;

export const JS_USER = { user: "js", pass: "x" };
const OTHER_USER = { user: "u", pass: "x" };

const both = (...rows: string[]) => {
  const ids = rows.map((row) => `consumers/${row}`);
  return { positive: ids, edge: ids };
};

export const CONSUMER_ACCOUNTS: readonly JetStreamScenario[] = [
  scenario(
    "requests from another account",
    both("delivered-msg", "expired-by-clock"),
    async (session) => {
      await session.create();
      await session.store("a", "b", "c");
      await session.consumer("c");
      const other = await session.as(OTHER_USER);
      await other.listen("in");
      await other.pull("c", "in", { batch: 2, expires: 5 * SECOND });
      const [first, second] = await other.take("in", 2);
      await other.ack(first, "+ACK", true);
      await other.ack(second, "-NAK", true);
      await session.state("c");
      await other.pull("c", "in", { batch: 5, expires: 300 * MILLISECOND });
      await other.take("in", 3);
      await other.pull("c", "in", { batch: 1, no_wait: true });
      await other.take("in");
      await other.pull("c", "in", "{");
      await other.take("in");
    },
  ),
  scenario(
    "interest that ends in another account",
    both("interest-loss", "408-interest-expired-pending-hdrs"),
    async (session) => {
      await session.create();
      await session.consumer("c");
      const other = await session.as(OTHER_USER);
      await other.listen("in");
      await other.pull("c", "in", { batch: 2, expires: 5 * SECOND });
      await other.sync();
      await session.pause(30);
      await session.state("c");
      await other.unlisten("in");
      await session.pause(30);
      await session.state("c");
      await session.listen("here");
      await session.pull("c", "here", { batch: 1, expires: 5 * SECOND });
      await session.store("a");
      await session.take("here");
      // Whoever looks closely sees that there was a reply to nobody.
      await session.listen("replies", "_R_.>");
      await other.listen("in");
      await other.pull("c", "in", { batch: 2, expires: 5 * SECOND });
      await other.sync();
      await session.pause(30);
      await other.unlisten("in");
      await session.store("b");
      await session.take("replies");
    },
  ),
  scenario(
    "messages that are pushed to another account",
    both("interest", "flow-control"),
    async (session) => {
      await session.create();
      const to = `deliver.${session.stream}`;
      await session.consumer("c", {
        deliver_subject: to,
        flow_control: true,
        idle_heartbeat: 300 * MILLISECOND,
      });
      const other = await session.as(OTHER_USER);
      await other.listen("to", to);
      await session.pause(50);
      await session.state("c");
      await session.store("a", "b");
      const [first] = await other.take("to", 2);
      await other.ack(first, "+ACK", true);
      await other.take("to");
      await session.state("c");
      await other.unlisten("to");
      await session.pause(30);
      await session.state("c");
    },
  ),
];
