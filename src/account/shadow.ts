/**
 * Shadows: subscriptions in an exporter's account on behalf of subscriptions
 * in an importer's.
 *
 * @module
 */

import type { Message } from "../protocol/mod.ts";
import { subjectToText } from "../subject/mod.ts";
import type { StreamImport } from "./stream_import.ts";
import { type Producer, type Receiver, Subscription } from "./subscription.ts";

/** Whether the message that is being delivered came by a service import. */
export interface Border {
  readonly isBeingCrossed: boolean;
}

/** Delivers what the exporter's account has for a subscription elsewhere. */
class Shadow implements Receiver {
  readonly subscription: Subscription;
  readonly seesImports = false;
  readonly sends: boolean;
  readonly #source: StreamImport;
  readonly #receiver: Receiver;
  readonly #border: Border;

  constructor(
    source: StreamImport,
    subject: string,
    { receiver, queue, sid }: Subscription,
    border: Border,
  ) {
    this.#source = source;
    this.#receiver = receiver;
    this.sends = receiver.sends;
    this.#border = border;
    this.subscription = new Subscription(this, subject, queue, sid);
  }

  deliver(
    subscription: Subscription,
    message: Message,
    producer: Producer,
  ): boolean {
    // A request is for the service, not for those who import streams of it.
    if (this.#border.isBeingCrossed) return false;
    // What is routed by another subject keeps its own wherever it goes.
    const seen = message.route === "" ? this.#source.seen(message) : message;
    const { trace } = message;
    if (trace === null) {
      return this.#receiver.deliver(subscription, seen, producer);
    }
    const { importer, allowTrace } = this.#source;
    trace.streamExport(importer.name, subjectToText(seen.subject()));
    if (!allowTrace && trace.only) return true;
    // `seen` may be the very message that others get after this one.
    if (!allowTrace) seen.trace = null;
    const delivered = this.#receiver.deliver(subscription, seen, producer);
    seen.trace = trace;
    return delivered;
  }

  /** Ends the shadow. */
  remove(): void {
    this.subscription.closed = true;
    this.#source.exporter.subscriptions.remove(this.subscription);
  }
}

/** The shadows of an account's subscriptions. */
export class Shadows {
  readonly imports: readonly StreamImport[];
  readonly #border: Border;
  /** Null until there are some: many accounts have no members. */
  #shadows: Map<Subscription, readonly Shadow[]> | null = null;

  constructor(imports: readonly StreamImport[], border: Border) {
    this.imports = imports;
    this.#border = border;
  }

  /** Subscribes in the accounts of all exporters that have something for it. */
  cast(subscription: Subscription): void {
    const shadows: Shadow[] = [];
    for (const source of this.imports) {
      const subject = source.shadowSubject(subscription.subject);
      if (subject === null) continue;
      const shadow = new Shadow(source, subject, subscription, this.#border);
      source.exporter.subscriptions.insert(shadow.subscription);
      shadows.push(shadow);
    }
    if (shadows.length === 0) return;
    this.#shadows ??= new Map();
    this.#shadows.set(subscription, shadows);
  }

  /** Ends what `cast` began. */
  remove(subscription: Subscription): void {
    for (const shadow of this.#shadows?.get(subscription) ?? []) {
      shadow.remove();
    }
    this.#shadows?.delete(subscription);
  }

  /** Ends all shadows; returns the subscriptions that had some. */
  removeAll(): Subscription[] {
    const subscriptions = [...this.#shadows?.keys() ?? []];
    for (const subscription of subscriptions) this.remove(subscription);
    return subscriptions;
  }
}
