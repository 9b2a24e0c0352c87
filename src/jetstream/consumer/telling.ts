/**
 * What a consumer tells of its deliveries.
 *
 * @module
 */

import type { MessageReader } from "../../store/mod.ts";
import type { AdvisedDelivery } from "./contract.ts";
import type { ModeOwner } from "./mode.ts";

const NANOS_PER_MILLI = 1_000_000;

/** Why messages are given up that have left the stream. */
export const GONE = {
  deleted: "Unacknowledged message was deleted",
  limits: "Message deleted by stream limits",
} as const;

/** Whose deliveries they are. */
export interface Teller extends ModeOwner {
  readonly store: Pick<MessageReader, "lastSequence">;
  /** How logs name it. */
  readonly label: string;
}

/** Gives the advisories and warnings of one consumer their names. */
export class Telling {
  readonly #owner: Teller;
  /** Per cent of acknowledgements that are measured. */
  samples = 0;

  constructor(owner: Teller) {
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

  /** An acknowledgement may be of what the stream does not have. */
  beyond(sequence: number): void {
    const { host, store: { lastSequence }, label } = this.#owner;
    if (sequence <= lastSequence) return;
    host.logger.warn(
      `JetStream consumer '${label}' ACK sequence ${sequence} past last stream sequence of ${lastSequence}`,
    );
  }

  /** @param text what stands where a delay should */
  badDelay(text: string): void {
    const { host, label } = this.#owner;
    host.logger.warn(
      `JetStream consumer '${label}' bad NAK delay value: ${
        JSON.stringify(text)
      }`,
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

  /**
   * Tells of an acknowledgement, if it is among the samples.
   * @param delivered wall clock, milliseconds
   */
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
