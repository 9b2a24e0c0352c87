/**
 * Consumers that ask for acknowledgements under the longer subjects.
 *
 * @module
 */

import { type JetStreamScenario, scenario } from "../../jetstream/compare.ts";

export const CONSUMER_FLAGS_CONFIG = `
host: 127.0.0.1
port: -1
jetstream { store_dir: "{{dir}}", domain: hub, max_mem: 64M, max_file: 64M }
feature_flags { js_ack_fc_v2: true }
`;

const SECOND = 1_000_000_000;

export const CONSUMER_FLAGS: readonly JetStreamScenario[] = [
  scenario(
    "acknowledgements and flow control under the longer subjects",
    {
      positive: ["consumers/ack-subject-v2", "consumers/flow-control"],
      edge: ["consumers/ack-subject-v2"],
    },
    async (session) => {
      await session.create();
      await session.store("a", "b", "c");
      await session.consumer("c");
      await session.listen("in");
      await session.pull("c", "in", { batch: 2 });
      const [first, second] = await session.take("in", 2);
      await session.ack(first, "+ACK", true);
      await session.ack(second, "-NAK", true);
      await session.state("c");
      // The shorter ones are understood all the same.
      const numbers = (second?.reply ?? "").split(".").slice(6).join(".");
      await session.publish(
        `$JS.ACK.${session.stream}.c.${numbers}`,
        "",
        { reply: session.inbox("in") },
      );
      await session.take("in");
      await session.state("c");
      const to = `${session.stream}.to`;
      await session.listen("to", to);
      await session.consumer("p", {
        deliver_subject: to,
        ack_policy: "flow_control",
        max_ack_pending: 3,
        flow_control: true,
        idle_heartbeat: SECOND,
      });
      const pushed = await session.take("to", 4);
      await session.publish(pushed[3]?.reply ?? "", "", {
        headers: "Nats-Last-Consumer: 2\r\nNats-Last-Stream: 2",
      });
      await session.pause(50);
      await session.state("p");
    },
  ),
];
