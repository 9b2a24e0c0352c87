/**
 * Throughput: publishers write batches as fast as the server takes them,
 * receivers count, until exactly the expected bytes have arrived everywhere.
 *
 * @module
 */

import { type Batch, encode } from "./frames.ts";
import { type Credentials, Link } from "./link.ts";
import { ReceiverGroup } from "./receiver_group.ts";
import { type BenchServer, cpuSecondsOf } from "./server.ts";
import { within } from "./within.ts";

/** Milliseconds after its duration by which a load must have arrived. */
const TAIL_MAX = 30_000;

/** Connections that together get each message of every batch once. */
export interface GroupPlan {
  /** Protocol text of the subscriptions, one connection per element. */
  readonly members: readonly string[];
  /** Bytes that the group gets for one batch of one publisher. */
  readonly bytesPerBatch: number;
  /** Bytes that may be under way to it; undefined: as much as any server bears. */
  readonly window?: number;
}

/** A load. */
export interface FlowPlan {
  /** What each publisher writes again and again; one connection per element. */
  readonly publishers: readonly Batch[];
  readonly groups: readonly GroupPlan[];
  /** Who all connections are; undefined: nobody in particular. */
  readonly user?: Credentials;
  /** Deliveries per published message; 1 when nobody receives. */
  readonly deliveries: number;
  /** Default: plain connections of `user`. */
  readonly open?: (server: BenchServer) => Promise<Link>;
}

/** How long to load a server. */
export interface FlowTime {
  /** Milliseconds of load before the measured part; 0: none. */
  readonly warmUp: number;
  /** Milliseconds of measured load; the arrival of its tail comes on top. */
  readonly duration: number;
}

/** What a load gave. */
export interface FlowResult {
  /** Messages delivered (published, when nobody receives). */
  readonly messages: number;
  readonly seconds: number;
  /** CPU seconds that the server used. */
  readonly serverCpu: number;
  /** CPU seconds that the generator used. */
  readonly generatorCpu: number;
}

/** Loads a server: once to warm it up, then measured. */
export async function runFlow(
  server: BenchServer,
  plan: FlowPlan,
  time: FlowTime,
): Promise<FlowResult> {
  using stack = new DisposableStack();
  const plain = () => Link.open(server.port, undefined, plan.user);
  const open = plan.open ?? plain;
  const groups: ReceiverGroup[] = [];
  for (const { members, bytesPerBatch, window } of plan.groups) {
    const links: Link[] = [];
    for (const subscriptions of members) {
      const link = stack.use(await open(server));
      await link.write(encode(subscriptions));
      await link.synchronize();
      links.push(link);
    }
    groups.push(new ReceiverGroup(links, bytesPerBatch, window));
  }
  const publishers: Publisher[] = [];
  for (const batch of plan.publishers) {
    const link = stack.use(await open(server));
    publishers.push({
      link,
      bytes: link.pack(batch.bytes),
      messages: batch.messages,
    });
  }
  const counting = Promise.all(groups.map((group) => group.count()));
  const measured = measure(server, plan, time, publishers, groups);
  const result = await Promise.race([measured, counting.then(() => measured)]);
  stack.dispose();
  await counting;
  return result;
}

interface Publisher {
  readonly link: Link;
  /** As they go over the wire, again and again. */
  readonly bytes: Uint8Array;
  readonly messages: number;
}

async function measure(
  server: BenchServer,
  plan: FlowPlan,
  time: FlowTime,
  publishers: readonly Publisher[],
  groups: readonly ReceiverGroup[],
): Promise<FlowResult> {
  if (time.warmUp > 0) await load(publishers, groups, time.warmUp);
  const serverBefore = server.cpuSeconds();
  const generatorBefore = cpuSecondsOf(Deno.pid);
  const begin = performance.now();
  const published = await load(publishers, groups, time.duration);
  return {
    messages: published * plan.deliveries,
    seconds: (performance.now() - begin) / 1000,
    serverCpu: server.cpuSeconds() - serverBefore,
    generatorCpu: cpuSecondsOf(Deno.pid) - generatorBefore,
  };
}

/** Publishes for `duration` ms and sees all of it arrive; returns messages. */
async function load(
  publishers: readonly Publisher[],
  groups: readonly ReceiverGroup[],
  duration: number,
): Promise<number> {
  const deadline = performance.now() + duration;
  const limit = duration + TAIL_MAX;
  for (const group of groups) group.reset();
  const published = await within(
    Promise.all(publishers.map((one) => publish(one, groups, deadline))),
    limit,
    "the server did not take the load",
  );
  await within(
    Promise.all(groups.map((group) => group.settle())),
    limit,
    "the server did not deliver everything",
  );
  return published.reduce((sum, count) => sum + count, 0);
}

async function publish(
  { link, bytes, messages }: Publisher,
  groups: readonly ReceiverGroup[],
  deadline: number,
): Promise<number> {
  let published = 0;
  while (performance.now() < deadline || published === 0) {
    for (const group of groups) {
      while (group.full) await group.progress();
    }
    for (const group of groups) group.expectBatch();
    await link.writePacked(bytes);
    published += messages;
  }
  await link.synchronize();
  return published;
}
