/**
 * What a benchmark is, and how large.
 *
 * @module
 */

import type { FlowTime } from "./flow.ts";
import type { BenchServer } from "./server.ts";

/** Table in which a measurement stands. */
export type Table =
  | "throughput"
  | "cpu"
  | "generator"
  | "latency"
  | "footprint";

/** One number that a scenario found out about one server. */
export interface Measurement {
  readonly table: Table;
  readonly label: string;
  readonly unit: string;
  /** Whether more is better. */
  readonly moreIsBetter: boolean;
  readonly value: number;
}

/** How large a benchmark is. */
export interface Scale extends FlowTime {
  /**
   * Milliseconds of warm-up where one thing is done at a time: so few are in a
   * while that code is compiled late.
   */
  readonly warmUpOneByOne: number;
  /** Subscriptions among which the matching scenario publishes. */
  readonly matchedSubscriptions: number;
  /** Idle connections whose memory is measured. */
  readonly idleConnections: number;
  /** Subscriptions whose memory is measured. */
  readonly idleSubscriptions: number;
  /** Accounts of a server that has many. */
  readonly accounts: number;
  /** Clients that prove their passwords at the same time. */
  readonly provingClients: number;
  /** Connections per second that a server should sustain. */
  readonly connectRate: number;
  /** Messages of a stream that is consumed, or waited for. */
  readonly streamMessages: number;
  /** Messages of a stream that is recovered and removed. */
  readonly largeStream: number;
  /** Subjects of a stream that has many. */
  readonly streamSubjects: number;
  /** Consumers of a stream that has many. */
  readonly streamConsumers: number;
  /** Messages of which a consumer waits for the acknowledgements. */
  readonly streamPending: number;
  /** Clients that publish to a stream at the same time. */
  readonly streamPublishers: number;
  /** Bytes that what is published to a stream may take. */
  readonly freshMemory: number;
  /** Milliseconds for garbage to be collected before memory is measured. */
  readonly settle: number;
}

/** Sizes that mean something. */
export const FULL: Scale = {
  warmUp: 600,
  warmUpOneByOne: 4_000,
  duration: 1500,
  matchedSubscriptions: 100_000,
  idleConnections: 10_000,
  idleSubscriptions: 1_000_000,
  accounts: 10_000,
  provingClients: 1_000,
  connectRate: 1_000,
  streamMessages: 300_000,
  largeStream: 1_000_000,
  streamSubjects: 1_000_000,
  streamConsumers: 10_000,
  streamPending: 1_000_000,
  streamPublishers: 100,
  freshMemory: 8 * 2 ** 30,
  settle: 3_000,
};

/** Sizes that only show that a benchmark works. */
export const TINY: Scale = {
  warmUp: 0,
  warmUpOneByOne: 0,
  duration: 20,
  matchedSubscriptions: 100,
  idleConnections: 20,
  idleSubscriptions: 200,
  accounts: 20,
  provingClients: 5,
  connectRate: 200,
  streamMessages: 1_000,
  largeStream: 2_000,
  streamSubjects: 2_000,
  streamConsumers: 20,
  streamPending: 2_000,
  streamPublishers: 5,
  freshMemory: 0,
  settle: 0,
};

/** A benchmark. Each run gets a server that was started for it. */
export interface Scenario {
  readonly name: string;
  /** What it does, for the list of benchmarks. */
  readonly about: string;
  /** Configuration of its servers; undefined: none. */
  readonly config?: (scale: Scale) => string;
  run(server: BenchServer, scale: Scale): Promise<Measurement[]>;
}
