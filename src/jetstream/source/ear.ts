/**
 * Receives for somebody else.
 *
 * @module
 */

import type { Receiver, Subscription } from "../../account/mod.ts";
import type { Message } from "../../protocol/mod.ts";

/** Hands on what comes, also what another account lets us have. */
export class Ear implements Receiver {
  readonly seesImports = true;
  readonly sends = false;
  readonly #hear: (subscription: Subscription, message: Message) => void;

  constructor(hear: (subscription: Subscription, message: Message) => void) {
    this.#hear = hear;
  }

  deliver(subscription: Subscription, message: Message): boolean {
    subscription.delivered++;
    this.#hear(subscription, message);
    return true;
  }
}
