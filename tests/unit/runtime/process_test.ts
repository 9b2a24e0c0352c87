import {
  assert,
  assertEquals,
  assertGreater,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { denoRuntime } from "../../../src/runtime/mod.ts";

const { process, timers, workers } = denoRuntime();

Deno.test("a signal reaches its handlers until they are removed", async () => {
  const heard: string[] = [];
  const removeFirst = process.onSignal("SIGUSR2", () => heard.push("first"));
  const removeSecond = process.onSignal("SIGUSR2", () => heard.push("second"));
  const heardOf = async (count: number) => {
    process.kill(process.pid, "SIGUSR2");
    for (let i = 0; i < 1000 && heard.length < count; i++) {
      await timers.sleep(10);
    }
  };
  await heardOf(2);
  removeFirst();
  await heardOf(3);
  removeSecond();
  assertEquals(heard, ["first", "second", "second"]);
});

Deno.test("programs are run to their end", async () => {
  const script = `console.log("out"); console.error("err"); Deno.exit(3)`;
  assertEquals(
    await process.run(Deno.execPath(), ["eval", script]),
    { code: 3, stdout: "out\n", stderr: "err\n" },
  );
  await assertRejects(() => process.run("/does/not/exist", []), Error);
});

Deno.test("the process tells about itself", () => {
  assertEquals(process.pid, Deno.pid);
  assertEquals(process.hostname(), Deno.hostname());
  assertEquals(process.workingDirectory(), Deno.cwd());
  assertEquals(process.name, "nats-server");
  assertGreater(process.residentMemory(), 1_000_000);
  assertGreater(process.cpuTime(), 0);
  assertGreater(process.cores, 0);
  assertEquals(process.env("A_NAME_THAT_IS_NOT_SET"), undefined);
  assertThrows(() => process.kill(2 ** 30, "SIGTERM"), Error);
});

Deno.test("a worker answers requests in their order", async () => {
  const worker = workers.start(
    new URL("./doubling_worker.ts", import.meta.url),
  );
  assertEquals(
    await Promise.all([1, 2, 3].map((n) => worker.request(n))),
    [2, 4, 6],
  );
  worker.close();
  const error = await assertRejects(() => worker.request(4), Error);
  assertEquals(error.message, "worker is closed");
});

Deno.test("a worker that breaks fails its requests", async () => {
  const worker = workers.start(
    new URL("./doubling_worker.ts", import.meta.url),
  );
  const error = await assertRejects(() => worker.request("text"), Error);
  assertStringIncludes(error.message, "not a number");
  await assertRejects(() => worker.request(1), Error);
  assert(error.message.startsWith("worker failed"));
});
