import { assertEquals } from "@std/assert";
import { CONSUMER_CONFIG, STREAM_CONFIG } from "../../../src/jetstream/mod.ts";

Deno.test("a stream's configuration is written in Go's order, without what Go omits", () => {
  assertEquals(
    STREAM_CONFIG.write({ ...STREAM_CONFIG.zero(), name: "A", max_msgs: -1 }),
    '{"name":"A","retention":"limits","max_consumers":0,"max_msgs":-1,' +
      '"max_bytes":0,"max_age":0,"max_msgs_per_subject":0,"discard":"old",' +
      '"storage":"file","num_replicas":0,"compression":"none",' +
      '"allow_direct":false,"mirror_direct":false,"sealed":false,' +
      '"deny_delete":false,"deny_purge":false,"allow_rollup_hdrs":false,' +
      '"consumer_limits":{},"allow_msg_ttl":false}',
  );
});

Deno.test("a consumer's configuration is written in Go's order", () => {
  assertEquals(
    CONSUMER_CONFIG.write({ ...CONSUMER_CONFIG.zero(), max_deliver: -1 }),
    '{"deliver_policy":"all","ack_policy":"none","max_deliver":-1,' +
      '"replay_policy":"instant","num_replicas":0}',
  );
});

Deno.test("the largest integers survive", () => {
  const config = { ...STREAM_CONFIG.zero(), max_age: 9223372036854775807 };
  const text = STREAM_CONFIG.write(config);
  assertEquals(text.includes('"max_age":9223372036854775807,'), true);
});

Deno.test("metadata is written in the order of its keys", () => {
  const metadata = new Map([["b", "2"], ["a", "1"]]);
  const text = STREAM_CONFIG.write({ ...STREAM_CONFIG.zero(), metadata });
  assertEquals(text.endsWith('"metadata":{"a":"1","b":"2"}}'), true);
});
