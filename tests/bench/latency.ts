/**
 * Benchmarks of waiting: request and reply, and connecting.
 *
 * @module
 */

import { encode, messageSize } from "./frames.ts";
import { Link } from "./link.ts";
import type { Measurement, Scale, Scenario } from "./scenario.ts";
import type { BenchServer } from "./server.ts";
import { percentile } from "./statistics.ts";

const PAYLOAD = "x".repeat(16);

/** Connections that are being opened at the same time at full rate. */
const CONNECTING_AT_ONCE = 32;

/** Milliseconds between bursts of connections at a given rate. */
const BURST_INTERVAL = 10;

/** Small: these links read little, and there are many of them. */
const READ_BYTES = 1024;

/** All benchmarks of waiting. */
export const LATENCY: readonly Scenario[] = [
  {
    name: "request-reply",
    about: "1 requester, 1 responder, one request at a time, 16 B",
    run: requestReply,
  },
  {
    name: "connect",
    about:
      "connections with CONNECT, PING and PONG: at a given rate, and at full rate",
    run: connect,
  },
];

async function requestReply(
  server: BenchServer,
  scale: Scale,
): Promise<Measurement[]> {
  using requester = await Link.open(server.port);
  using responder = await Link.open(server.port);
  await requester.write(encode("SUB _INBOX.a 1\r\n"));
  await requester.synchronize();
  await responder.write(encode("SUB service.a 1\r\n"));
  await responder.synchronize();
  const request = encode(`PUB service.a _INBOX.a 16\r\n${PAYLOAD}\r\n`);
  const reply = encode(`PUB _INBOX.a 16\r\n${PAYLOAD}\r\n`);
  const requestBytes = messageSize("service.a", "1 _INBOX.a", PAYLOAD.length);
  const replyBytes = messageSize("_INBOX.a", "1", PAYLOAD.length);
  const once = async () => {
    const begin = performance.now();
    await requester.write(request);
    await responder.receiveExactly(requestBytes);
    await responder.write(reply);
    await requester.receiveExactly(replyBytes);
    return (performance.now() - begin) * 1000;
  };
  await timed(scale.warmUpOneByOne, once);
  const cpu = server.cpuSeconds();
  const latencies = await timed(scale.duration, once);
  const spent = server.cpuSeconds() - cpu;
  return [
    latency("request-reply p50", percentile(latencies, 0.5), "µs"),
    latency("request-reply p99", percentile(latencies, 0.99), "µs"),
    latency("request-reply CPU", spent * 1e6 / latencies.length, "µs/request"),
  ];
}

/** Repeats for `duration` ms, at least once; returns the results. */
async function timed(
  duration: number,
  once: () => Promise<number>,
): Promise<number[]> {
  const deadline = performance.now() + duration;
  const results: number[] = [];
  do results.push(await once()); while (performance.now() < deadline);
  return results;
}

async function connect(
  server: BenchServer,
  scale: Scale,
): Promise<Measurement[]> {
  await atFullRate(server.port, scale.warmUp);
  const rated = await atRate(server.port, scale.connectRate, scale.duration);
  const cpu = server.cpuSeconds();
  const full = await atFullRate(server.port, scale.duration);
  const spent = server.cpuSeconds() - cpu;
  return [
    {
      table: "latency",
      label: `connections taken of ${scale.connectRate}/s`,
      unit: "conn/s",
      moreIsBetter: true,
      value: rated.perSecond,
    },
    latency(
      `connecting p99 at ${scale.connectRate}/s`,
      percentile(rated.latencies, 0.99),
      "ms",
    ),
    {
      table: "latency",
      label: "connections at full rate",
      unit: "conn/s",
      moreIsBetter: true,
      value: full.perSecond,
    },
    latency("connecting CPU", spent * 1e6 / full.count, "µs/conn"),
  ];
}

/** Opens and closes one connection; returns how long that took, ms. */
async function connectOnce(port: number): Promise<number> {
  const begin = performance.now();
  using _link = await Link.open(port, READ_BYTES);
  return performance.now() - begin;
}

/** Opens `rate` connections per second in small bursts for `duration` ms. */
async function atRate(
  port: number,
  rate: number,
  duration: number,
): Promise<{ perSecond: number; latencies: number[] }> {
  const perBurst = rate * BURST_INTERVAL / 1000;
  const bursts = Math.max(1, Math.round(duration / BURST_INTERVAL));
  const begin = performance.now();
  const pending: Promise<number>[] = [];
  for (let burst = 0; burst < bursts; burst++) {
    const late = performance.now() - begin - burst * BURST_INTERVAL;
    if (late < 0) await new Promise((resolve) => setTimeout(resolve, -late));
    for (let i = 0; i < perBurst; i++) pending.push(connectOnce(port));
  }
  const latencies = await Promise.all(pending);
  const elapsed = Math.max(
    performance.now() - begin,
    bursts * BURST_INTERVAL,
  );
  return { perSecond: latencies.length / elapsed * 1000, latencies };
}

async function atFullRate(
  port: number,
  duration: number,
): Promise<{ perSecond: number; count: number }> {
  const begin = performance.now();
  const latencies = await Promise.all(
    Array.from(
      { length: CONNECTING_AT_ONCE },
      () => timed(duration, () => connectOnce(port)),
    ),
  );
  const count = latencies.flat().length;
  return { count, perSecond: count / (performance.now() - begin) * 1000 };
}

function latency(label: string, value: number, unit: string): Measurement {
  return { table: "latency", label, unit, moreIsBetter: false, value };
}
