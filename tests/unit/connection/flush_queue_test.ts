import { assertEquals } from "@std/assert";
import { type BatchEnd, FlushQueue } from "../../../src/connection/mod.ts";

function recorder() {
  const calls: string[] = [];
  const queue = new FlushQueue<{ flush(): void; lagging: boolean }>();
  const connection = (name: string) => ({
    flush: () => void calls.push(`flush ${name}`),
    lagging: false,
  });
  const end = (name: string, then: () => void = () => {}): BatchEnd => ({
    onBatchEnd() {
      calls.push(`end ${name}`);
      then();
    },
  });
  return { calls, queue, connection, end };
}

Deno.test("flush queue - work at the end of a batch comes before the flush", () => {
  const { calls, queue, connection, end } = recorder();
  queue.begin();
  queue.add(connection("a"));
  queue.atEnd(end("store", () => queue.add(connection("b"))));
  assertEquals(calls, []);
  queue.end();
  assertEquals(calls, ["end store", "flush a", "flush b"]);
});

Deno.test("flush queue - the end of a batch can ask for another end", () => {
  const { calls, queue, connection, end } = recorder();
  queue.begin();
  queue.atEnd(
    end("stream", () => {
      queue.atEnd(end("mirror", () => queue.add(connection("a"))));
    }),
  );
  queue.end();
  assertEquals(calls, ["end stream", "end mirror", "flush a"]);
  queue.begin();
  queue.end();
  assertEquals(calls.length, 3);
});

Deno.test("flush queue - outside of a batch the turn is the batch", async () => {
  const { calls, queue, connection, end } = recorder();
  queue.atEnd(end("timer"));
  queue.add(connection("a"));
  assertEquals(calls, []);
  await Promise.resolve();
  assertEquals(calls, ["end timer", "flush a"]);
});

Deno.test("flush queue - inner batches wait for the outer one", () => {
  const { calls, queue, end } = recorder();
  queue.begin();
  queue.begin();
  queue.atEnd(end("store"));
  queue.end();
  assertEquals(calls, []);
  queue.end();
  assertEquals(calls, ["end store"]);
});
