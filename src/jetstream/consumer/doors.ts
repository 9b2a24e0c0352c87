/**
 * Subjects under which a consumer is spoken to.
 *
 * @module
 */

import { type Receiver, Subscription } from "../../account/mod.ts";
import { decodeByteString, type Message } from "../../protocol/mod.ts";
import type { Account } from "../../account/mod.ts";
import { headerValue } from "../stream/header_block.ts";
import { isSupportedLevel } from "../versioning.ts";
import { payloadStart } from "./ack_verb.ts";

const REQUIRED_LEVEL_HEADER = "Nats-Required-Api-Level";

/** Something that was said to a consumer, copied. Byte strings. */
export interface Spoken {
  readonly subject: string;
  readonly reply: string;
  /** Header block; empty: none. */
  readonly headers: string;
  readonly payload: Uint8Array;
}

/** What is done about it. */
export type Hear = (spoken: Spoken) => void;

/** Subscribes to some subjects for one purpose. */
export class Door implements Receiver {
  readonly seesImports = false;
  readonly sends = false;
  readonly #subscriptions: readonly Subscription[];
  readonly #hear: Hear;

  /** @param subjects byte strings */
  constructor(subjects: readonly string[], hear: Hear) {
    this.#subscriptions = subjects.map((subject, i) =>
      new Subscription(this, subject, null, String(i + 1))
    );
    this.#hear = hear;
  }

  open({ subscriptions }: Account): void {
    for (const each of this.#subscriptions) subscriptions.insert(each);
  }

  close({ subscriptions }: Account): void {
    subscriptions.removeBatch(this.#subscriptions);
  }

  deliver(_subscription: Subscription, message: Message): boolean {
    const start = payloadStart(message);
    const { bytes } = message.chunk;
    this.#hear({
      subject: message.subject(),
      reply: message.reply(),
      headers: decodeByteString(bytes, message.bodyStart, start),
      payload: bytes.slice(start, message.bodyEnd),
    });
    return true;
  }
}

/** Whether a client needs more than this server has. */
export function asksTooMuch({ headers }: Spoken): boolean {
  if (headers === "") return false;
  const level = headerValue(headers, REQUIRED_LEVEL_HEADER) ?? "";
  return level !== "" && !isSupportedLevel(level);
}
