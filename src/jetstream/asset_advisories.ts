/**
 * Events of streams and consumers.
 *
 * @module
 */

import type { Account } from "../account/mod.ts";
import type { Advisories, EventFields } from "./advisories.ts";
import type { AdvisedDelivery, ConsumerAdvisories } from "./consumer/mod.ts";
import { ZERO_TIME } from "./json/time.ts";
import type { StreamAdvisories } from "./stream/contract.ts";

const EVENT_OF = { create: "CREATED", delete: "DELETED", modify: "UPDATED" };

/** Tells of the streams and consumers of an account. */
export class AssetAdvisories implements StreamAdvisories, ConsumerAdvisories {
  readonly #account: Account;
  readonly #advisories: Advisories;
  readonly #domain: string | undefined;

  /** @param domain empty: none */
  constructor(account: Account, advisories: Advisories, domain: string) {
    this.#account = account;
    this.#advisories = advisories;
    this.#domain = domain || undefined;
  }

  streamChanged(stream: string, action: "create" | "delete" | "modify"): void {
    const event = `STREAM.${EVENT_OF[action]}.${stream}`;
    const domain = this.#domain;
    this.#advise(event, "stream_action", () => ({ stream, action, domain }));
  }

  batchAbandoned(
    stream: string,
    batch: string,
    reason: "timeout" | "large" | "incomplete" | "unsupported",
  ): void {
    const event = `STREAM.BATCH_ABANDONED.${stream}`;
    const type = "stream_batch_abandoned";
    const fields = { stream, domain: this.#domain, batch, reason };
    this.#advise(event, type, () => fields);
    this.#advisories.advise(null, event, type, () => ({
      account: this.#account.name,
      ...fields,
    }));
  }

  consumerChanged(
    stream: string,
    consumer: string,
    action: "create" | "delete",
  ): void {
    const event = `CONSUMER.${EVENT_OF[action]}.${stream}.${consumer}`;
    this.#advise(event, "consumer_action", () => ({
      stream,
      consumer,
      action,
      domain: this.#domain,
    }));
  }

  paused(
    stream: string,
    consumer: string,
    until: string | null,
    paused: boolean,
  ): void {
    this.#advise(
      `CONSUMER.PAUSE.${stream}.${consumer}`,
      "consumer_pause",
      () => ({
        stream,
        consumer,
        paused,
        pause_until: until ?? ZERO_TIME,
        domain: this.#domain,
      }),
    );
  }

  refused(stream: string, consumer: string, delivery: AdvisedDelivery): void {
    this.#advise(`CONSUMER.MSG_NAKED.${stream}.${consumer}`, "nak", () => ({
      stream,
      consumer,
      ...deliveryFields(delivery),
      domain: this.#domain,
    }));
  }

  terminated(
    stream: string,
    consumer: string,
    delivery: AdvisedDelivery,
    reason: string,
  ): void {
    const event = `CONSUMER.MSG_TERMINATED.${stream}.${consumer}`;
    this.#advise(event, "terminated", () => ({
      stream,
      consumer,
      ...deliveryFields(delivery),
      reason: reason || undefined,
      domain: this.#domain,
    }));
  }

  exceeded(
    stream: string,
    consumer: string,
    streamSequence: number,
    deliveries: number,
  ): void {
    const event = `CONSUMER.MAX_DELIVERIES.${stream}.${consumer}`;
    this.#advise(event, "max_deliver", () => ({
      stream,
      consumer,
      stream_seq: streamSequence,
      deliveries,
      domain: this.#domain,
    }));
  }

  acknowledged(
    stream: string,
    consumer: string,
    delivery: AdvisedDelivery,
    delay: number,
  ): void {
    const metric = `CONSUMER.ACK.${stream}.${consumer}`;
    const { consumerSequence, streamSequence, deliveries } = delivery;
    this.#advisories.measure(this.#account, metric, "consumer_ack", () => ({
      stream,
      consumer,
      consumer_seq: consumerSequence,
      stream_seq: streamSequence,
      ack_time: delay,
      deliveries,
      domain: this.#domain,
    }));
  }

  pinned(stream: string, consumer: string, group: string, pin: string): void {
    const event = `CONSUMER.PINNED.${stream}.${consumer}`;
    this.#advise(event, "consumer_group_pinned", () => ({
      account: this.#account.name,
      stream,
      consumer,
      domain: this.#domain,
      group,
      pinned_id: pin,
    }));
  }

  unpinned(
    stream: string,
    consumer: string,
    group: string,
    reason: "timeout" | "admin",
  ): void {
    const event = `CONSUMER.UNPINNED.${stream}.${consumer}`;
    this.#advise(event, "consumer_group_unpinned", () => ({
      account: this.#account.name,
      stream,
      consumer,
      domain: this.#domain,
      group,
      reason,
    }));
  }

  #advise(event: string, type: string, fields: () => EventFields): void {
    this.#advisories.advise(this.#account, event, type, fields);
  }
}

function deliveryFields(
  { consumerSequence, streamSequence, deliveries }: AdvisedDelivery,
): EventFields {
  return {
    consumer_seq: consumerSequence,
    stream_seq: streamSequence,
    deliveries,
  };
}
