import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { denoRuntime } from "../../../src/runtime/mod.ts";

const { clock, random, timers } = denoRuntime();

Deno.test("a timer fires once, after its delay", async () => {
  const start = clock.monotonic();
  const fired: number[] = [];
  timers.after(20, () => fired.push(clock.monotonic() - start));
  await timers.sleep(60);
  assertEquals(fired.length, 1);
  assertGreaterOrEqual(fired[0], 19);
});

Deno.test("a cancelled timer does not fire, and may be cancelled again", async () => {
  const fired: string[] = [];
  const pending = [
    timers.after(5, () => fired.push("after")),
    timers.every(5, () => fired.push("every")),
    timers.soon(() => fired.push("soon")),
  ];
  for (const timer of pending) timer.cancel();
  await timers.sleep(20);
  for (const timer of pending) timer.cancel();
  assertEquals(fired, []);
});

Deno.test("a repeating timer fires until cancelled", async () => {
  let fired = 0;
  const timer = timers.every(2, () => {
    fired++;
    if (fired === 3) timer.cancel();
  });
  for (let i = 0; i < 1000 && fired < 3; i++) await timers.sleep(5);
  await timers.sleep(20);
  assertEquals(fired, 3);
});

Deno.test("soon runs after the code and the promises that are ready", async () => {
  const order: string[] = [];
  const done = new Promise<void>((resolve) => {
    timers.soon(() => {
      order.push("soon");
      resolve();
    });
  });
  Promise.resolve().then(() => order.push("promise"));
  order.push("code");
  await done;
  assertEquals(order, ["code", "promise", "soon"]);
});

Deno.test("a delay beyond the platform's limit does not fire at once", async () => {
  let fired = false;
  const timer = timers.after(60 * 24 * 3_600_000, () => fired = true);
  await timers.sleep(20);
  timer.cancel();
  assertEquals(fired, false);
});

Deno.test("timers to come don't keep a process alive", async () => {
  const module = new URL("../../../src/runtime/mod.ts", import.meta.url);
  const script = `
    import { denoRuntime } from ${JSON.stringify(module.href)};
    const { timers } = denoRuntime();
    timers.after(60_000, () => {});
    timers.every(60_000, () => {});
    timers.after(2 ** 40, () => {});
    console.log("started");
  `;
  const { stdout, code } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", script],
    signal: AbortSignal.timeout(20_000),
  }).output();
  assertEquals([code, new TextDecoder().decode(stdout)], [0, "started\n"]);
});

Deno.test("wall clock readings agree and monotonic time does not go back", () => {
  const nanos = clock.nowNanos();
  assert(Math.abs(Number(nanos / 1_000_000n) - clock.now()) < 1_000);
  assert(Number.isInteger(clock.now()));
  let last = clock.monotonic();
  for (let i = 0; i < 1_000; i++) {
    const next = clock.monotonic();
    assertGreaterOrEqual(next, last);
    last = next;
  }
  assertEquals(
    clock.utcOffset(0),
    -new Date(0).getTimezoneOffset(),
  );
});

Deno.test("random bytes fill targets of any size, integers stay below their bound", () => {
  const bytes = new Uint8Array(200_000);
  random.fill(bytes);
  for (const part of [bytes.subarray(0, 32), bytes.subarray(-32)]) {
    assert(part.some((byte) => byte !== 0));
  }
  random.fill(new Uint8Array(0));
  const seen = new Set<number>();
  for (let i = 0; i < 1_000; i++) seen.add(random.below(4));
  assertEquals([...seen].sort(), [0, 1, 2, 3]);
});
