/**
 * What a seed decides about a run.
 *
 * @module
 */

import type { SeededRandom } from "./ports/random.ts";

/** How the network behaves; probabilities are per event. */
export interface NetworkOptions {
  /** Milliseconds that everything takes at least. */
  readonly latencyMin: number;
  /** Mean of the exponentially distributed rest, milliseconds. */
  readonly latencyMean: number;
  /** Bytes per millisecond and connection. */
  readonly bandwidth: number;
  /** Bytes between a writer and the reader at the other end. */
  readonly buffer: number;
  /** Chance that a read or write moves fewer bytes than it could. */
  readonly partial: number;
  /** Chance that arriving bytes find their connection reset. */
  readonly reset: number;
  /** Chance that a connection is refused though somebody listens. */
  readonly refuse: number;
  /** Chance that a delivery takes `spikeDelay` longer. */
  readonly spike: number;
  /** Milliseconds. */
  readonly spikeDelay: number;
  /** Milliseconds after which an unanswered sender gives up. */
  readonly timeout: number;
}

/** How the disk behaves; probabilities are per call. */
export interface DiskOptions {
  /** Bytes that all files together may have. */
  readonly capacity: number;
  /** Mean duration of a sync, milliseconds. */
  readonly syncMean: number;
  /** Chance that a sync takes `syncSlow` instead. */
  readonly slowSync: number;
  /** Milliseconds. */
  readonly syncSlow: number;
  /** Chance that a write fails with EIO. */
  readonly writeError: number;
  /** Chance that a read fails with EIO. */
  readonly readError: number;
  /** Chance that a sync fails with EIO; what it covered is then lost on crash. */
  readonly syncError: number;
}

/** How far the hosts' wall clocks are off. */
export interface ClockOptions {
  /** Milliseconds, either way. */
  readonly skew: number;
  /** Milliseconds per millisecond, either way. */
  readonly drift: number;
}

/** Everything drawn from the seed before a run begins. */
export interface SimulationOptions {
  readonly network: NetworkOptions;
  readonly disk: DiskOptions;
  readonly clock: ClockOptions;
}

/** Parts of the options that a scenario sets itself. */
export interface OptionOverrides {
  readonly network?: Partial<NetworkOptions>;
  readonly disk?: Partial<DiskOptions>;
  readonly clock?: Partial<ClockOptions>;
}

/** A world without faults; what a scenario starts from to test one thing. */
export const CALM: SimulationOptions = {
  network: {
    latencyMin: 0.1,
    latencyMean: 0.1,
    bandwidth: 100_000,
    buffer: 64 * 1024,
    partial: 0,
    reset: 0,
    refuse: 0,
    spike: 0,
    spikeDelay: 0,
    timeout: 30_000,
  },
  disk: {
    capacity: 1024 ** 3,
    syncMean: 0.5,
    slowSync: 0,
    syncSlow: 0,
    writeError: 0,
    readError: 0,
    syncError: 0,
  },
  clock: { skew: 0, drift: 0 },
};

/**
 * Draws a world. Each fault is off in half of the runs, so that faults are met
 * alone and in every combination.
 *
 * Disk errors are not among them: a scenario that knows what its subject does
 * about them asks for them.
 */
export function drawOptions(random: SeededRandom): SimulationOptions {
  const maybe = (value: number) => random.chance(0.5) ? value : 0;
  return {
    network: {
      latencyMin: random.pick([0.05, 0.5, 5]),
      latencyMean: random.pick([0.05, 1, 20]),
      bandwidth: random.pick([1_000, 10_000, 1_000_000]),
      buffer: random.pick([4 * 1024, 64 * 1024, 1024 * 1024]),
      partial: maybe(random.pick([0.1, 0.5, 0.95])),
      reset: maybe(random.pick([0.0001, 0.001, 0.01])),
      refuse: maybe(0.1),
      spike: maybe(random.pick([0.001, 0.02])),
      spikeDelay: random.pick([50, 500, 3000]),
      timeout: random.pick([5_000, 30_000, 120_000]),
    },
    disk: {
      ...CALM.disk,
      syncMean: random.pick([0.2, 2, 20]),
      slowSync: maybe(0.01),
      syncSlow: random.pick([200, 2000]),
    },
    clock: {
      skew: maybe(random.pick([100, 10_000])),
      drift: maybe(0.0005),
    },
  };
}

/** Options with some parts replaced. */
export function override(
  options: SimulationOptions,
  overrides: OptionOverrides,
): SimulationOptions {
  return {
    network: { ...options.network, ...overrides.network },
    disk: { ...options.disk, ...overrides.disk },
    clock: { ...options.clock, ...overrides.clock },
  };
}
