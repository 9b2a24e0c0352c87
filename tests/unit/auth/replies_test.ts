import { assert, assertEquals, assertFalse } from "@std/assert";
import { ReplyGrants } from "../../../src/auth/mod.ts";

function grantsAt(limits: { max: number; expires: number }) {
  const clock = {
    time: 0,
    utcOffset: () => 0,
    now: () => clock.time,
    nowNanos: () => 0n,
    monotonic: () => clock.time,
  };
  return { clock, grants: new ReplyGrants(limits, clock) };
}

Deno.test("a reply may be answered so often and no more", () => {
  const { grants } = grantsAt({ max: 2, expires: 0 });
  grants.grant("a");
  assertEquals([1, 2, 3].map(() => grants.use("a")), [true, true, false]);
  assertFalse(grants.use("b"));
});

Deno.test("a reply that is asked for again may be answered anew", () => {
  const { clock, grants } = grantsAt({ max: 1, expires: 100 });
  grants.grant("a");
  grants.grant("b");
  clock.time = 90;
  grants.grant("a");
  clock.time = 2000;
  grants.grant("c");
  clock.time = 2050;
  assert(grants.use("c"));
  assertFalse(grants.use("a"));
  assertFalse(grants.use("b"));
});
