/**
 * Streams with consumers in virtual time.
 *
 * @module
 */

import {
  AlarmClock,
  consumerFactory,
  Dispatcher,
} from "../../../../src/jetstream/consumer/mod.ts";
import { Consumer } from "../../../../src/jetstream/consumer/consumer.ts";
import {
  CONSUMER_CONFIG,
  type ConsumerConfig,
} from "../../../../src/jetstream/types/consumer_config.ts";
import {
  ACCOUNT_LIMITS,
  type ConsumerInfo,
} from "../../../../src/jetstream/types/infos.ts";
import type { Stream } from "../../../../src/jetstream/stream/stream.ts";
import type { AccountStores } from "../../../../src/store/mod.ts";
import { type Seen, StreamWorld } from "../stream/world.ts";

/** Something that was told, in words. */
export type Told = readonly unknown[];

/** An account whose member pulls, acknowledges and listens. */
export class ConsumerWorld extends StreamWorld {
  readonly told: Told[] = [];

  constructor(parts: { stores?: AccountStores; domain?: string } = {}) {
    super(parts);
    const tell = (what: string) => (...details: unknown[]) =>
      void this.told.push([what, ...details.slice(1)]);
    this.factory = consumerFactory;
    this.consumerHost = {
      context: this.accountContext,
      dispatcher: new Dispatcher(this.flushQueue, this.clock),
      alarms: new AlarmClock(this.clock, this.timers),
      longAckSubjects: false,
      accountLimits: () => ACCOUNT_LIMITS.zero(),
      replyTarget: (subject) => ({ account: this.account, subject }),
      advisories: {
        consumerChanged: tell("changed"),
        paused: tell("paused"),
        refused: tell("refused"),
        terminated: tell("terminated"),
        exceeded: tell("exceeded"),
        acknowledged: tell("acknowledged"),
        pinned: tell("pinned"),
        unpinned: tell("unpinned"),
      },
    };
  }

  /** Creates or updates a consumer; explicit acknowledgements unless told otherwise. */
  consumer(
    stream: Stream,
    name: string,
    fields: Partial<ConsumerConfig> = {},
  ): Consumer {
    this.flushQueue.begin();
    try {
      const config = {
        ...CONSUMER_CONFIG.zero(),
        durable_name: name,
        ack_policy: "explicit",
        ...fields,
      } as const;
      const made = stream.createConsumer(config, "", false);
      if (made instanceof Consumer) return made;
    } finally {
      this.flushQueue.end();
    }
    throw new Error(`${name} is no consumer`);
  }

  /** Asks for messages; gives back what comes at once. */
  pull(consumer: Consumer, body: unknown = {}): Seen[] {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const { streamName, name } = consumer;
    return this.ask(`$JS.API.CONSUMER.MSG.NEXT.${streamName}.${name}`, text);
  }

  /** Acknowledges; gives back what comes at once. */
  ack({ reply }: Pick<Seen, "reply">, body = ""): Seen[] {
    return this.ask(reply, body, {}, "_INBOX.acked");
  }

  /** What has come since the last time. */
  take(): Seen[] {
    return this.seen.splice(0);
  }
}

/** The numbers of an information. */
export function figures(info: ConsumerInfo): readonly number[] {
  return [
    info.delivered.consumer_seq,
    info.delivered.stream_seq,
    info.ack_floor.consumer_seq,
    info.ack_floor.stream_seq,
    info.num_ack_pending,
    info.num_redelivered,
    info.num_pending,
  ];
}
