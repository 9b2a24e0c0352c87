/**
 * Where messages and requests come into a stream.
 *
 * @module
 */

import { type Receiver, Subscription } from "../../account/mod.ts";
import { subjectFromText } from "../../subject/mod.ts";
import { DirectGet, LastBySubject } from "./direct_get.ts";
import type { Stream } from "./stream.ts";

/** Queue group of all who answer direct requests for a stream. */
const DIRECT_GROUP = "_sys_";
const DIRECT_PREFIX = "$JS.API.DIRECT.GET.";

/** Keeps the subscriptions of a stream as its configuration wants them. */
export class Doors {
  readonly #stream: Stream;
  readonly #open = new Map<string, Subscription>();
  #lastSid = 0;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  /** Opens and closes what has changed. */
  adjust(): void {
    const wanted = this.#wanted();
    for (const [key, subscription] of this.#open) {
      if (wanted.has(key)) continue;
      this.#stream.host.account.unsubscribe(subscription);
      this.#open.delete(key);
    }
    for (const [key, subscription] of wanted) {
      if (this.#open.has(key)) continue;
      this.#stream.host.account.subscribe(subscription);
      this.#open.set(key, subscription);
    }
  }

  /** Nothing comes in any more. */
  close(): void {
    this.#stream.host.account.unsubscribeAll([...this.#open.values()]);
    this.#open.clear();
  }

  #wanted(): Map<string, Subscription> {
    const { config, ingest } = this.#stream;
    const wanted = new Map<string, Subscription>();
    if (config.mirror === null) {
      for (const text of config.subjects) {
        const subject = subjectFromText(text);
        wanted.set(subject, this.#subscription(ingest, subject, null));
      }
    }
    if (config.allow_direct) this.#addDirect(config.name, wanted);
    const { isCaughtUp } = this.#stream.copies;
    if (config.mirror_direct && config.mirror !== null && isCaughtUp) {
      this.#addDirect(config.mirror.name, wanted);
    }
    return wanted;
  }

  #addDirect(name: string, wanted: Map<string, Subscription>): void {
    const subject = DIRECT_PREFIX + subjectFromText(name);
    const bySubject = `${subject}.>`;
    wanted.set(
      ` ${subject}`,
      this.#subscription(new DirectGet(this.#stream), subject, DIRECT_GROUP),
    );
    wanted.set(
      ` ${bySubject}`,
      this.#subscription(
        new LastBySubject(this.#stream, bySubject.length - 1),
        bySubject,
        DIRECT_GROUP,
      ),
    );
  }

  #subscription(
    receiver: Receiver,
    subject: string,
    queue: string | null,
  ): Subscription {
    return new Subscription(receiver, subject, queue, String(++this.#lastSid));
  }
}
