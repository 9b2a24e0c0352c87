/**
 * Streams with a bit of everything that ends up in a file.
 *
 * @module
 */

import type { Arrival, GoStore } from "./go_store.ts";

const MESSAGES = 260;
const SUBJECTS = 30;
const POLL_EVERY = 20;
const FOLLOWED_WITHIN = 10_000;
const WORDS = "the same words come again and again and again, so they shrink ";

/** What a stream and its consumers look like from outside. */
export interface Sight {
  readonly streams: readonly unknown[];
  readonly consumers: readonly unknown[];
  /** By stream and sequence: subject, header, payload, time. */
  readonly messages: ReadonlyMap<string, string>;
}

/** Makes the streams `S` and, which follows it, `A`. */
export async function fill(store: GoStore, compression: string): Promise<void> {
  const config = {
    storage: "file",
    retention: "limits",
    discard: "old",
    num_replicas: 1,
    max_msgs: -1,
    max_age: 0,
    compression,
  };
  await store.api("STREAM.CREATE.S", {
    ...config,
    name: "S",
    subjects: ["s.>"],
    // For blocks of 32 kB, of which the first are gone at the end.
    max_bytes: 100_000,
    allow_msg_ttl: true,
    allow_msg_schedules: true,
    allow_rollup_hdrs: true,
  });
  await store.api("STREAM.CREATE.A", {
    ...config,
    name: "A",
    max_bytes: -1,
    sources: [{ name: "S", filter_subject: "s.1" }],
  });
  await store.request("s.1", "first");
  await followed(store, 1);
  for (let i = 1; i <= MESSAGES; i++) {
    await store.request(`s.${i % SUBJECTS}`, bodyOf(i), headerOf(i));
  }
  await followed(store, 1 + Math.ceil(MESSAGES / SUBJECTS));
  await store.request(
    "s.schedule",
    "later",
    "NATS/1.0\r\nNats-Schedule: @at 2099-01-01T00:00:00Z\r\n" +
      "Nats-Schedule-Target: s.target\r\n\r\n",
  );
  await remove(store);
  await consume(store);
}

/** Waits until `A` has taken so many messages from `S`. */
async function followed(store: GoStore, messages: number): Promise<void> {
  for (let waited = 0; waited < FOLLOWED_WITHIN; waited += POLL_EVERY) {
    const { state } = await store.api("STREAM.INFO.A");
    if ((state as { messages: number }).messages === messages) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_EVERY));
  }
  throw new Error(`A does not follow S\n${store.log()}`);
}

function bodyOf(i: number): string {
  const size = i % 7 === 0 ? 0 : (i * 37) % 1500;
  return (WORDS.repeat(30) + i).slice(-size - 1).slice(0, size);
}

function headerOf(i: number): string {
  if (i % 3 !== 0) return "";
  const ttl = i % 9 === 0 ? `Nats-TTL: ${i}h\r\n` : "";
  return `NATS/1.0\r\nNumber: ${i}\r\n${ttl}\r\n`;
}

/** Some in the middle, some erased, the last one. */
async function remove(store: GoStore): Promise<void> {
  for (let seq = 150; seq < 262; seq += seq % 5 === 0 ? 1 : 9) {
    await store.api("STREAM.MSG.DELETE.S", { seq, no_erase: seq % 2 === 0 });
  }
  await store.api("STREAM.MSG.DELETE.S", { seq: 262 }).catch(() => undefined);
  await store.request("s.last", "the last");
}

/** Two consumers: one with gaps in what it acknowledged, one without. */
async function consume(store: GoStore): Promise<void> {
  for (const name of ["C", "D"]) {
    await store.api(`CONSUMER.DURABLE.CREATE.S.${name}`, {
      stream_name: "S",
      config: {
        durable_name: name,
        ack_policy: "explicit",
        deliver_policy: "all",
        ack_wait: 3600e9,
      },
    });
  }
  const delivered = await next(store, "C", 20);
  for (const [i, { reply }] of delivered.entries()) {
    if ([0, 1, 4, 7, 19].includes(i)) await store.request(reply, "+ACK");
    if ([2, 8].includes(i)) await store.request(reply, "-NAK");
  }
  await next(store, "C", 2);
  for (const { reply } of await next(store, "D", 5)) {
    await store.request(reply, "+ACK");
  }
}

/** The next `batch` messages of a consumer of `S`. */
async function next(
  store: GoStore,
  consumer: string,
  batch: number,
): Promise<Arrival[]> {
  const { promise, resolve } = Promise.withResolvers<Arrival[]>();
  const arrived: Arrival[] = [];
  const inbox = await store.listen((arrival) => {
    arrived.push(arrival);
    if (arrived.length === batch) resolve(arrived);
  });
  const request = JSON.stringify({ batch, expires: 5e9 });
  await store.publish(
    `$JS.API.CONSUMER.MSG.NEXT.S.${consumer}`,
    request,
    "",
    inbox,
  );
  return await promise;
}

/** Looks at both streams, their consumers and all messages. */
export async function look(store: GoStore): Promise<Sight> {
  const streams: unknown[] = [];
  const messages = new Map<string, string>();
  for (const name of ["S", "A"]) {
    const info = await store.api(`STREAM.INFO.${name}`, {
      deleted_details: true,
      subjects_filter: ">",
    });
    const state = info.state as { first_seq: number; last_seq: number };
    streams.push({ config: info.config, state });
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const answer = await store.request(
        `$JS.API.STREAM.MSG.GET.${name}`,
        JSON.stringify({ seq }),
      );
      const { message } = JSON.parse(answer.payload);
      if (message !== undefined) {
        messages.set(`${name} ${seq}`, JSON.stringify(message));
      }
    }
  }
  const consumers: unknown[] = [];
  for (const name of ["C", "D"]) {
    const info = await store.api(`CONSUMER.INFO.S.${name}`);
    const { delivered, ack_floor, num_ack_pending, num_redelivered } = info;
    const config = info.config;
    consumers.push({
      config,
      // Times of last activity are not stored.
      delivered: sequences(delivered),
      ackFloor: sequences(ack_floor),
      num_ack_pending,
      num_redelivered,
    });
  }
  return { streams, consumers, messages };
}

function sequences(position: unknown): unknown {
  const { consumer_seq, stream_seq } = position as Record<string, unknown>;
  return { consumer_seq, stream_seq };
}
