/** Whose turn it is, on a clock and a loop that the test moves. */

import { assert, assertEquals } from "@std/assert";
import { FlushQueue } from "../../../../src/connection/mod.ts";
import {
  type Deliverer,
  Dispatcher,
} from "../../../../src/jetstream/consumer/dispatcher.ts";

/** Delivers until nothing is left; a message takes `cost` milliseconds. */
class Consumer implements Deliverer {
  queued = false;

  constructor(
    public left: number,
    readonly clock: { now: number },
    readonly cost = 0.1,
  ) {}

  takeTurn(quantum: number): boolean {
    const delivered = Math.min(quantum, this.left);
    this.left -= delivered;
    this.clock.now += delivered * this.cost;
    return this.left > 0;
  }
}

function world() {
  const clock = { now: 0, monotonic: () => clock.now };
  const waiting: (() => void)[] = [];
  const queue = new FlushQueue({
    next: () => new Promise<void>((resolve) => waiting.push(resolve)),
  });
  /** Lets the event loop look at all sockets. */
  const turn = async () => {
    for (const resolve of waiting.splice(0)) resolve();
    for (let i = 0; i < 5; i++) await Promise.resolve();
  };
  return {
    clock,
    queue,
    waiting,
    turn,
    dispatcher: new Dispatcher(queue, clock),
  };
}

Deno.test("dispatcher - who has much to deliver waits until others had their turn", async () => {
  const { clock, queue, waiting, turn, dispatcher } = world();
  const consumer = new Consumer(1000, clock);
  queue.begin();
  dispatcher.ready(consumer);
  queue.end();
  const first = 1000 - consumer.left;
  assert(first > 0 && first < 200, `${first} with the batch`);
  // However long it takes, nothing more before the loop has turned.
  for (let i = 0; i < 20; i++) await Promise.resolve();
  assertEquals([consumer.left, waiting.length], [1000 - first, 1]);
  let turns = 0;
  for (; consumer.left > 0; turns++) {
    const before = consumer.left;
    await turn();
    assert(before - consumer.left <= 128, "too much in one turn");
  }
  assert(turns >= 7, `${turns} turns`);
  assertEquals(waiting.length, 0);
});

Deno.test("dispatcher - all have their turn", async () => {
  const { clock, queue, turn, dispatcher } = world();
  const consumers = [500, 500, 500].map((left) => new Consumer(left, clock));
  queue.begin();
  for (const each of consumers) dispatcher.ready(each);
  queue.end();
  for (let i = 0; i < 4; i++) await turn();
  const left = consumers.map((each) => each.left);
  assert(Math.max(...left) - Math.min(...left) <= 256, left.join());
});

Deno.test("dispatcher - a hundred messages, which many ask for at once, go out at once", () => {
  const { clock, queue, waiting, dispatcher } = world();
  const consumer = new Consumer(100, clock, 0.001);
  queue.begin();
  dispatcher.ready(consumer);
  queue.end();
  assertEquals([consumer.left, waiting.length], [0, 0]);
});
