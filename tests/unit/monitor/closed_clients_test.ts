/** The ring of those who left. */

import { assertEquals } from "@std/assert";
import {
  ClosedClients,
  type ConnectionFacts,
} from "../../../src/monitor/mod.ts";
import { capability } from "../../tools/capability.ts";

/** Numbers of the records that a ring keeps after `count` were added. */
function kept(capacity: number, count: number): number[] {
  const ring = new ClosedClients(capacity);
  const records = Array.from(
    { length: count },
    (_, id) => ({ id }) as ConnectionFacts,
  );
  for (const record of records) ring.add(record);
  assertEquals(ring.total, count);
  return ring.list().map(({ id }) => id);
}

capability(
  "the ring lists the oldest first and forgets it first",
  {
    positive: ["client-protocol/closed-connection-ring"],
    edge: ["client-protocol/closed-connection-ring"],
  },
  () => {
    assertEquals(kept(3, 2), [0, 1]);
    assertEquals(kept(3, 3), [0, 1, 2]);
    assertEquals(kept(3, 7), [4, 5, 6]);
    assertEquals(kept(0, 5), []);
  },
);
