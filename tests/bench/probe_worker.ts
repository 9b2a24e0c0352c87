/**
 * Sends one message after another through a server to itself, in a thread of
 * its own, and keeps the longest time that one took.
 *
 * In: a port, then any number of `"take"`. Out: `"ready"`, then for each take
 * the longest time since the one before, milliseconds. What is under way when
 * it is asked for counts.
 *
 * @module
 */

/// <reference lib="deno.worker" />

import { encode, messageSize } from "./frames.ts";
import { Link } from "./link.ts";

const SUBJECT = "probe";
/** Milliseconds between messages. */
const PAUSE = 1;

let longest = 0;
let asked = false;

self.onmessage = ({ data }: MessageEvent<number | "take">) => {
  if (typeof data === "number") void probe(data);
  else asked = true;
};

function answer(): void {
  asked = false;
  self.postMessage(longest);
  longest = 0;
}

async function probe(port: number): Promise<never> {
  const link = await Link.open(port, 1024);
  await link.write(encode(`SUB ${SUBJECT} 1\r\n`));
  await link.synchronize();
  const message = encode(`PUB ${SUBJECT} 1\r\nx\r\n`);
  const size = messageSize(SUBJECT, "1", 1);
  let arrived = () => {};
  // The server's PINGs, which come in between, are not worth telling apart.
  void link.count(() => {
    if (link.received >= size) arrived();
  });
  self.postMessage("ready");
  for (;;) {
    const arrival = new Promise<void>((resolve) => arrived = resolve);
    link.received = 0;
    const begin = performance.now();
    await link.write(message);
    await arrival;
    longest = Math.max(longest, performance.now() - begin);
    if (asked) answer();
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}
