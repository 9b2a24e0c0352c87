import { assert, assertEquals } from "@std/assert";
import { type BatchEnd, FlushQueue } from "../../../src/connection/mod.ts";

function recorder() {
  const calls: string[] = [];
  const waiting: (() => void)[] = [];
  const queue = new FlushQueue<{ flush(): void; lagging: boolean }>({
    next: () => new Promise((resolve) => waiting.push(resolve)),
  });
  /** Lets the event loop turn once; false if nobody waits for it. */
  const turn = async () => {
    const next = waiting.shift();
    next?.();
    await new Promise((resolve) => setTimeout(resolve));
    return next !== undefined;
  };
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
  return { calls, turn, queue, connection, end };
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

Deno.test("flush queue - a batch with very many receivers takes several turns", async () => {
  const { calls, turn, queue, connection } = recorder();
  queue.begin();
  for (let i = 0; i < 600; i++) queue.add(connection(String(i)));
  queue.end();
  const first = calls.length;
  assert(first > 0 && first < 300);
  let done = false;
  const waiting = queue.postponed?.then(() => done = true);
  await turn();
  assert(calls.length > first && calls.length < 600);
  assertEquals(done, false);
  while (await turn());
  await waiting;
  assertEquals(done, true);
  assertEquals(calls, Array.from({ length: 600 }, (_, i) => `flush ${i}`));
});

Deno.test("flush queue - a small batch does not wait for a large one before it", async () => {
  const { calls, turn, queue, connection } = recorder();
  queue.begin();
  for (let i = 0; i < 600; i++) queue.add(connection(String(i)));
  queue.end();
  const first = calls.length;
  queue.begin();
  queue.add(connection("small"));
  queue.end();
  assertEquals(calls.slice(first), ["flush small"]);
  assertEquals(queue.postponed, null);
  queue.begin();
  queue.end();
  assertEquals(queue.postponed, null);
  while (await turn());
  assertEquals(calls.length, 601);
});

Deno.test("flush queue - large batches in a row are served in order", async () => {
  const { calls, turn, queue, connection } = recorder();
  for (const name of ["a", "b"]) {
    queue.begin();
    for (let i = 0; i < 300; i++) queue.add(connection(name));
    queue.end();
    assertEquals(queue.postponed === null, false);
  }
  while (await turn());
  assertEquals(calls.length, 600);
  assertEquals(queue.postponed, null);
});

Deno.test("flush queue - long work goes on when the loop has turned, as a batch", async () => {
  const calls: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const queue = new FlushQueue<{ flush(): void; lagging: boolean }>({
    next: () => promise,
  });
  const connection = {
    flush: () => void calls.push("flush"),
    lagging: false,
  };
  queue.later(() => {
    queue.add(connection);
    calls.push("work");
  });
  await Promise.resolve();
  assertEquals(calls, []);
  resolve();
  await promise;
  await Promise.resolve();
  assertEquals(calls, ["work", "flush"]);
});
