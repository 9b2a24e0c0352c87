/** Orders of connections, against a plain sort. */

import { assert, assertEquals, assertFalse } from "@std/assert";
import type { ConnectionFacts } from "../../../src/monitor/mod.ts";
import { Pacer } from "../../../src/monitor/mod.ts";
import {
  isSortKey,
  sortConnections,
  type SortKey,
} from "../../../src/monitor/connection_order.ts";
import { capability } from "../../tools/capability.ts";

const PLAIN: ConnectionFacts = {
  id: 0,
  type: "nats",
  host: "",
  port: 0,
  started: 0,
  lastActivity: 0,
  hasOnlyConnected: false,
  stopped: undefined,
  reason: undefined,
  rtt: 0,
  pending: 0,
  messagesIn: 0,
  messagesOut: 0,
  bytesIn: 0,
  bytesOut: 0,
  stalls: 0,
  subscriptionCount: 0,
  name: "",
  lang: "",
  version: "",
  tls: null,
  peerCertificates: [],
  tlsFirst: false,
  user: "",
  account: "",
  jwt: "",
  issuer: "",
  tags: [],
  nameTag: "",
  accountTag: "",
  proxy: "",
  mqttClient: "",
  subscriptions: () => [],
};

const PORTS = {
  clock: { monotonic: () => 0 },
  timers: { sleep: () => Promise.resolve() },
};

async function order(
  facts: readonly Partial<ConnectionFacts>[],
  key: SortKey,
): Promise<number[]> {
  const connections = facts.map((each, id) => ({ ...PLAIN, id, ...each }));
  const sorted = await sortConnections(
    connections,
    key,
    1_000,
    new Pacer(PORTS),
  );
  return sorted.map(({ id }) => id);
}

capability(
  "each key has its direction",
  { positive: ["monitoring/sort-options"] },
  async () => {
    const ascending = [1, 2, 0];
    const descending = [0, 2, 1];
    const values = [9, 1, 5];
    const by = (field: keyof ConnectionFacts) =>
      values.map((value) => ({ [field]: value }));
    assertEquals(await order(by("subscriptionCount"), "subs"), descending);
    assertEquals(await order(by("pending"), "pending"), descending);
    assertEquals(await order(by("messagesOut"), "msgs_to"), descending);
    assertEquals(await order(by("messagesIn"), "msgs_from"), descending);
    assertEquals(await order(by("bytesOut"), "bytes_to"), descending);
    assertEquals(await order(by("bytesIn"), "bytes_from"), descending);
    assertEquals(await order(by("lastActivity"), "last"), descending);
    assertEquals(await order(by("lastActivity"), "idle"), ascending);
    assertEquals(await order(by("started"), "uptime"), descending);
    assertEquals(await order(by("stopped"), "stop"), descending);
    assertEquals(await order(by("rtt"), "rtt"), descending);
    assertEquals(await order(by("id"), "start"), [1, 5, 9]);
    const reasons = ["c", "a", "b"].map((reason) => ({ reason }));
    assertEquals(await order(reasons, "reason"), ascending);
  },
);

capability(
  "many are sorted as few are, and equals keep their order",
  { edge: ["monitoring/sort-options"] },
  async () => {
    const facts = Array.from(
      { length: 5_000 },
      (_, i) => ({ pending: (i * 7919) % 101 }),
    );
    const expected = facts.map((each, id) => ({ ...each, id }))
      .sort((a, b) => b.pending - a.pending).map(({ id }) => id);
    assertEquals(await order(facts, "pending"), expected);
    assertEquals(await order([], ""), []);
    assert(isSortKey(""));
    assertFalse(isSortKey("toString"));
  },
);
