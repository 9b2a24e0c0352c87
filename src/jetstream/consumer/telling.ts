/**
 * What a consumer tells of its deliveries.
 *
 * @module
 */

import type { AdvisedDelivery } from "./contract.ts";
import type { ModeOwner } from "./mode.ts";

const NANOS_PER_MILLI = 1_000_000;

/** Why messages are given up that have left the stream. */
export const GONE = {
  deleted: "Unacknowledged message was deleted",
  limits: "Message deleted by stream limits",
} as const;

/** Gives the advisories of one consumer their names. */
export class Telling {
  readonly #owner: ModeOwner;
  /** Per cent of acknowledgements that are measured. */
  samples = 0;

  constructor(owner: ModeOwner) {
    this.#owner = owner;
  }

  changed(action: "create" | "delete"): void {
    const { host, streamName, name } = this.#owner;
    host.consumers.advisories.consumerChanged(streamName, name, action);
  }

  paused(until: string | null, paused: boolean): void {
    const { host, streamName, name } = this.#owner;
    host.consumers.advisories.paused(streamName, name, until, paused);
  }

  refused(delivery: AdvisedDelivery): void {
    const { host, streamName, name } = this.#owner;
    host.consumers.advisories.refused(streamName, name, delivery);
  }

  terminated(
    { streamSequence, consumerSequence, deliveries }: AdvisedDelivery,
    reason: string,
  ): void {
    const { host, streamName, name } = this.#owner;
    host.consumers.advisories.terminated(
      streamName,
      name,
      { streamSequence, consumerSequence, deliveries },
      reason,
    );
  }

  /** Tells of the messages that were given up. */
  exceeded(): void {
    const { host, streamName, name, state } = this.#owner;
    for (const { sequence, deliveries } of state.exceeded.splice(0)) {
      host.consumers.advisories.exceeded(
        streamName,
        name,
        sequence,
        deliveries,
      );
    }
  }

  /** @param delivered wall clock, milliseconds */
  sample(reference: AdvisedDelivery, delivered: number): void {
    const { host, streamName, name } = this.#owner;
    const { samples } = this;
    if (samples <= 0) return;
    if (samples < 100 && host.random.below(100) > samples) return;
    const now = Number(host.clock.nowNanos()) / NANOS_PER_MILLI;
    const delay = Math.max(0, now - delivered) * NANOS_PER_MILLI;
    host.consumers.advisories.acknowledged(
      streamName,
      name,
      reference,
      Math.round(delay),
    );
  }
}
