/**
 * Which client a consumer is pinned to.
 *
 * @module
 */

import { Base62 } from "../../account/mod.ts";
import { formatTime, ZERO_TIME } from "../json/time.ts";
import type { ModeOwner } from "./mode.ts";
import type { RequestGroup } from "./wait_queue.ts";

const PIN_LENGTH = 22;
const NANOS_PER_MILLI = 1_000_000;

/** One pin for all groups of a consumer. Times are monotonic milliseconds. */
export class Pins {
  readonly #owner: ModeOwner;
  readonly #letters: Base62;
  #current = "";
  #since = ZERO_TIME;
  #group = "";
  /** When the pin is taken away unless it is used. */
  #endsAt = Infinity;

  constructor(owner: ModeOwner) {
    this.#owner = owner;
    this.#letters = new Base62(owner.host.random);
  }

  /** Who has it; empty: nobody. */
  get current(): string {
    return this.#current;
  }

  /** RFC 3339. */
  get since(): string {
    return this.#since;
  }

  get endsAt(): number {
    return this.#endsAt;
  }

  /** Gives it to who made a request. */
  assign(group: RequestGroup, now: number): void {
    const { host, streamName, name } = this.#owner;
    this.#current = this.#letters.draw(PIN_LENGTH);
    this.#since = formatTime(host.clock.nowNanos());
    group.pin = this.#current;
    this.prolong(group.group, now);
    host.consumers.advisories.pinned(
      streamName,
      name,
      group.group,
      this.#current,
    );
  }

  /** Who has it has made another request. */
  prolong(group: string, now: number): void {
    if (this.#endsAt === Infinity) this.#group = group;
    this.#endsAt = now + this.#owner.config.priority_timeout / NANOS_PER_MILLI;
    this.#owner.rearm();
  }

  /** Takes it away without a word. */
  drop(): void {
    this.#current = "";
    this.#since = ZERO_TIME;
    this.#endsAt = Infinity;
  }

  /** Takes it away and tells of it. */
  unpin(group: string, reason: "timeout" | "admin"): void {
    const { host, streamName, name } = this.#owner;
    this.drop();
    host.consumers.advisories.unpinned(streamName, name, group, reason);
    this.#owner.ready();
  }

  onEvent(now: number): void {
    if (now < this.#endsAt) return;
    const unused = this.#current !== "";
    if (unused) this.unpin(this.#group, "timeout");
    else this.drop();
  }
}
