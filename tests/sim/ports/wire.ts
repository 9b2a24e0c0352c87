/**
 * What connections ask of the network that carries them.
 *
 * @module
 */

import type { NetworkOptions } from "../options.ts";
import type { Scheduler } from "./scheduler.ts";

/** The way between any two addresses. */
export interface Wire {
  readonly scheduler: Scheduler;
  readonly options: NetworkOptions;
  /** Milliseconds that the next delivery takes. */
  latency(from: string, to: string): number;
  /** Milliseconds until a sender notices that a way has opened again. */
  retransmission(): number;
  /** Whether something sent now from one address would reach the other. */
  passes(from: string, to: string): boolean;
  /** Calls back once the way may be open. */
  whenPassable(from: string, to: string, action: () => void): void;
  /** Delivers once, if the way is open on arrival; nobody sends it again. */
  carryOnce(from: string, to: string, deliver: () => void): void;
  /** How many of `count` bytes a call moves. Hosts talk to themselves unharmed. */
  portion(from: string, to: string, count: number): number;
  /** Whether the connection breaks at this moment. */
  breaksNow(from: string, to: string): boolean;
}
