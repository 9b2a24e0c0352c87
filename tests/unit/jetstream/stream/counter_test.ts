import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  addToCounter,
  counterText,
  parseIncrement,
} from "../../../../src/jetstream/stream/counter.ts";
import { encodeByteString } from "../../../../src/protocol/mod.ts";
import { StreamWorld } from "./world.ts";

function increment(world: StreamWorld, value: string, body = ""): unknown {
  return world.request("c.x", body, { "Nats-Incr": value });
}

Deno.test("counter - grows by any number, and tells its total", () => {
  const world = new StreamWorld();
  world.stream({ name: "C", subjects: ["c.>"], allow_msg_counter: true });
  assertEquals(increment(world, "5"), { stream: "C", seq: 1, val: "5" });
  assertEquals(increment(world, "-7"), { stream: "C", seq: 2, val: "-2" });
  const large = "1".repeat(60);
  assertEquals(increment(world, `+${large}`), {
    stream: "C",
    seq: 3,
    val: String(BigInt(large) - 2n),
  });
});

Deno.test("counter - what is no increment, or no counter", () => {
  const world = new StreamWorld();
  world.stream({ name: "C", subjects: ["c.>"], allow_msg_counter: true });
  world.stream({ name: "N", subjects: ["n"] });
  const codes = [
    increment(world, "x"),
    increment(world, "1", "payload"),
    world.request("c.x", "", {}),
    world.request("n", "", { "Nats-Incr": "1" }),
    world.request("c.x", "", { "Nats-Incr": "1", "Nats-Rollup": "sub" }),
    world.request("c.x", "", {
      "Nats-Incr": "1",
      "Nats-Expected-Last-Sequence": "0",
    }),
  ].map((answer) => (answer as { error: { err_code: number } }).error.err_code);
  assertEquals(codes, [10171, 10170, 10169, 10168, 10171, 10171]);
});

Deno.test("counter - a sourced total adds what it has grown by", () => {
  const message = (total: string, headers: string) => ({
    headers: `NATS/1.0\r\n${headers}\r\n`,
    payload: encodeByteString(`{"val":"${total}"}`),
  });
  const source = "Nats-Stream-Source: A 1 > > a.x\r\nNats-Incr: 99\r\n";
  const first = addToCounter(null, message("10", source), 99n, "c.x");
  assertEquals(first.value, "10");
  const second = addToCounter(first, message("25", source), 99n, "c.x");
  assertEquals(second.value, "25");
  assertEquals(
    second.headers,
    "NATS/1.0\r\nNats-Stream-Source: A 1 > > a.x\r\nNats-Incr: 15\r\n" +
      'Nats-Counter-Sources: {"A":{"a.x":"25"}}\r\n\r\n',
  );
});

Deno.test("counter - sums are exact", () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt(), { minLength: 1 }), (steps) => {
      let last = null;
      for (const step of steps) {
        last = addToCounter(
          last,
          { headers: "", payload: encodeByteString("{}") },
          step,
          "c",
        );
      }
      const total = steps.reduce((sum, step) => sum + step, 0n);
      assertEquals(last?.value, String(total));
      assertEquals(
        counterText(last?.payload ?? new Uint8Array()),
        String(total),
      );
    }),
    { seed: 2, numRuns: 200 },
  );
  assertEquals(parseIncrement("+-1"), undefined);
});
