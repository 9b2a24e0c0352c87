/**
 * How messages leave a consumer: pushed, or pulled by requests.
 *
 * @module
 */

import type { ConsumerConfig } from "../types/consumer_config.ts";
import type { StreamHost } from "../stream/contract.ts";
import type { Destination } from "./destination.ts";
import type { Outlet } from "./outlet.ts";
import type { Backlog, DeliveryState } from "./state/mod.ts";

/** Why a consumer does not deliver on. */
export const Halt = {
  /** There is nothing (more) to deliver, or it must not be. */
  idle: 0,
  /** Too much waits for acknowledgement. */
  stalled: 1,
  /** More will come without anybody's doing. */
  soon: 2,
} as const;

/** A value of `Halt`. */
export type Halt = typeof Halt[keyof typeof Halt];

/** What a mode needs of its consumer. */
export interface ModeOwner {
  readonly streamName: string;
  readonly name: string;
  /** Replaced as a whole on update. */
  readonly config: ConsumerConfig;
  readonly host: StreamHost;
  readonly state: DeliveryState;
  readonly backlog: Backlog;
  readonly outlet: Outlet;
  /** There may be something to deliver or to send. */
  ready(): void;
  /** The next event is nearer than it was. */
  rearm(): void;
  /** It has been used, which puts off its deletion. */
  touched(): void;
}

/** Times are monotonic milliseconds. */
export interface Mode {
  /** Whether somebody wants messages. */
  readonly isReady: boolean;
  /** When to call {@link onEvent}; Infinity: never. */
  readonly nextEvent: number;
  /** Does what came in since the last turn. */
  begin(now: number): void;
  /** Milliseconds until a message of `size` bytes may go out. */
  delay(size: number, now: number): number;
  /** Whether somebody wants messages who has to catch up first. */
  readonly isHeldUp: boolean;
  /** Whether the last claim ended a request instead: another one may succeed. */
  readonly hasEnded: boolean;
  /** Who gets a message of `size` bytes; null: nobody. */
  claim(size: number, now: number): Destination | null;
  /** The message has gone to whom it was claimed for. */
  sent(destination: Destination, now: number): void;
  /** It could not be delivered. */
  failed(destination: Destination, now: number): void;
  /** No more is delivered for now. */
  rest(halt: Halt, now: number): void;
  onEvent(now: number): void;
  /** Ends, for good or with the server; requests are told why. */
  close(deleted: boolean): void;
}

/** Sequences in a status: how far the consumer is. */
export function idleHeartbeat(
  { deliveredConsumer, next }: DeliveryState,
): string {
  return `100 Idle Heartbeat\r\nNats-Last-Consumer: ${deliveredConsumer}\r\n` +
    `Nats-Last-Stream: ${next - 1}`;
}
