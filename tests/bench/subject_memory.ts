/**
 * Memory that the subscription index needs besides the subscriptions.
 *
 * `deno run -A --v8-flags=--expose-gc tests/bench/subject_memory.ts`
 * Budget: 250 bytes per subscription with a million distinct subjects.
 *
 * @module
 */

import {
  bytesToSubject,
  type IndexedSubscription,
  SubscriptionIndex,
} from "../../src/subject/mod.ts";
import { print } from "../tools/print.ts";

const SUBSCRIPTIONS = 1_000_000;
const encoder = new TextEncoder();

/** A subject as the server makes it: flat, one byte per char. */
function flat(text: string): string {
  const bytes = encoder.encode(text);
  return bytesToSubject(bytes, 0, bytes.length);
}

function collectGarbage(): void {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) throw new Error("Run with --v8-flags=--expose-gc");
  gc();
  gc();
}

/** Bytes on the heap and in typed arrays. */
function memoryUsed(): number {
  collectGarbage();
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

function measure(
  name: string,
  make: (i: number) => IndexedSubscription,
): void {
  const subscriptions = Array.from(
    { length: SUBSCRIPTIONS },
    (_, i) => make(i),
  );
  const before = memoryUsed();
  const index = new SubscriptionIndex({ seed: 7 });
  const start = performance.now();
  for (const subscription of subscriptions) index.insert(subscription);
  const each = (performance.now() - start) * 1e6 / SUBSCRIPTIONS;
  const bytes = (memoryUsed() - before) / index.count;
  print(
    `${name}: ${bytes.toFixed(0)} bytes, ${each.toFixed(0)} ns to insert`,
  );
}

measure("literal subjects", (i) => ({
  subject: flat(`orders.region${i % 10}.${i}`),
  queue: null,
}));
measure("literal subjects with a queue group", (i) => ({
  subject: flat(`service.${i}.request`),
  queue: "workers",
}));
measure("inbox wildcards", (i) => ({
  subject: flat(`_INBOX.${i.toString(36).padStart(22, "Z")}.*`),
  queue: null,
}));
