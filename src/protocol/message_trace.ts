/**
 * What became of one message on its way through the server.
 *
 * Whoever takes part in the way of a message that carries a trace tells the
 * trace of it; nobody else knows that there are traces.
 *
 * @module
 */

import type { Message } from "./message.ts";

/** Header with the subject to which the trace goes. Its case counts. */
export const TRACE_DEST_HEADER = "Nats-Trace-Dest";
/** The header's value where nobody may trace the message any more; no subject. */
export const TRACE_DISABLED = "trace disabled";

/** Which kind of connection a message came from or went to, as traces number them. */
export const TraceKind = {
  client: 0,
  router: 1,
  gateway: 2,
  system: 3,
  leafnode: 4,
  jetStream: 5,
  account: 6,
} as const;
export type TraceKind = typeof TraceKind[keyof typeof TraceKind];

/** Why somebody who was subscribed did not get the message, or will not be traced. */
export const TraceFailure = {
  remoteCannotTraceOnly:
    "Not delivered because remote does not support message tracing",
  remoteCannotTrace:
    "Message delivered but remote does not support message tracing so no trace event generated from there",
  noEcho: "Not delivered because of no echo",
  publishDenied: "Not delivered because publish denied for this subject",
  subscriptionDenied: "Not delivered because subscription denies this subject",
  subscriptionClosed: "Not delivered because subscription is closed",
  clientClosed: "Not delivered because client is closed",
  autoUnsubscribed: "Not delivered because auto-unsubscribe exceeded",
  slowConsumer:
    "Not delivered because fast producer not stalled and consumer is slow",
} as const;
export type TraceFailure = typeof TraceFailure[keyof typeof TraceFailure];

/** Type and time of an event; nanoseconds since the epoch. */
interface TraceEventBase<Type extends string> {
  readonly type: Type;
  ts: bigint;
}

/** The message came in. */
export interface IngressEvent extends TraceEventBase<"in"> {
  readonly kind: TraceKind;
  readonly cid: number;
  /** What the connection calls itself; undefined: nothing. */
  readonly name: string | undefined;
  readonly acc: string;
  readonly subj: string;
  /** Why it went no further. */
  error: string | undefined;
}

/** A mapping of the account gave it another subject. */
export interface MappingEvent extends TraceEventBase<"sm"> {
  readonly to: string;
}

/** It is seen in another account, which imports the stream. */
export interface StreamExportEvent extends TraceEventBase<"se"> {
  readonly acc: string;
  readonly to: string;
}

/** It went to another account, whose service was imported. */
export interface ServiceImportEvent extends TraceEventBase<"si"> {
  readonly acc: string;
  readonly from: string;
  readonly to: string;
}

/** A stream took it, or refused. */
export interface JetStreamEvent extends TraceEventBase<"js"> {
  readonly stream: string;
  /** Subject under which it is kept; undefined: not kept. */
  subject: string | undefined;
  nointerest: true | undefined;
  error: string | undefined;
}

/** Somebody got it, or was to get it. */
export interface EgressEvent extends TraceEventBase<"eg"> {
  readonly kind: TraceKind;
  readonly cid: number;
  readonly name: string | undefined;
  /** Set for connections to other servers, which trace it further. */
  readonly hop: string | undefined;
  /** Account of the receiver if it is not that of the ingress. */
  readonly acc: string | undefined;
  readonly sub: string | undefined;
  readonly queue: string | undefined;
  readonly error: string | undefined;
}

/** Field names and their order are those of the JSON; texts, not byte strings. */
export type TraceEvent =
  | IngressEvent
  | MappingEvent
  | StreamExportEvent
  | ServiceImportEvent
  | JetStreamEvent
  | EgressEvent;

/** Who got the message; texts. */
export interface TraceReceiver {
  readonly kind: TraceKind;
  readonly cid: number;
  readonly name: string;
  readonly account: string;
  /** For clients only. */
  readonly subscription?: string;
  readonly queue?: string | null;
}

/** The message as it came in. */
export interface TracedRequest {
  /** Texts, by the names as they were written. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** Header block and payload together, bytes. */
  readonly size: number;
}

/** What a trace begins with. */
export interface TraceStart {
  readonly request: TracedRequest;
  readonly ingress: Omit<IngressEvent, "type" | "ts" | "error">;
  /** Whether nobody shall get the message. */
  readonly only: boolean;
  /** Place in the tree of servers, from the server before; empty: the first. */
  readonly hop: string;
}

/** A stream's part in a trace; the trace waits for its end. */
export interface JetStreamTrace {
  /** The stream decided to keep the message under that subject (text), or that nobody is interested. */
  stored(subject: string, noInterest: boolean): void;
  /** All is done; `error` is empty if it went well. To be called once. */
  finish(error: string): void;
}

/** Collects events from ingress on, and hands itself over when all is said. */
export class MessageTrace {
  readonly request: TracedRequest;
  readonly events: TraceEvent[];
  /** Whether nobody shall get the message: only other servers, to trace it on. */
  readonly only: boolean;
  readonly #ingress: IngressEvent;
  readonly #hop: string;
  readonly #now: () => bigint;
  readonly #complete: (trace: MessageTrace) => void;
  #hops = 0;
  /** Parts of the way that are not done: the distribution, and streams. */
  #open = 1;

  constructor(
    { request, ingress, only, hop }: TraceStart,
    now: () => bigint,
    complete: (trace: MessageTrace) => void,
  ) {
    this.request = request;
    this.only = only;
    this.#hop = hop;
    this.#now = now;
    this.#complete = complete;
    const { kind, cid, name, acc, subj } = ingress;
    this.#ingress = {
      type: "in",
      ts: now(),
      kind,
      cid,
      name,
      acc,
      subj,
      error: undefined,
    };
    this.events = [this.#ingress];
  }

  /** Servers to which the message went on. */
  get hops(): number {
    return this.#hops;
  }

  /** The message goes no further. */
  refused(error: string): void {
    this.#ingress.error = error;
  }

  mapped(to: string): void {
    this.events.push({ type: "sm", ts: this.#now(), to });
  }

  streamExport(acc: string, to: string): void {
    this.events.push({ type: "se", ts: this.#now(), acc, to });
  }

  serviceImport(acc: string, from: string, to: string): void {
    this.events.push({ type: "si", ts: this.#now(), acc, from, to });
  }

  /** @param hop what {@link nextHop} gave for a connection to another server */
  egress(
    { kind, cid, name, account, subscription, queue }: TraceReceiver,
    error?: TraceFailure,
    hop?: string,
  ): void {
    this.events.push({
      type: "eg",
      ts: this.#now(),
      kind,
      cid,
      name: name || undefined,
      hop,
      acc: account === this.#ingress.acc ? undefined : account,
      sub: subscription,
      queue: queue || undefined,
      error,
    });
  }

  /** A stream of that name takes the message in; `finish` must follow. */
  jetStream(stream: string): JetStreamTrace {
    const event: JetStreamEvent = {
      type: "js",
      ts: this.#now(),
      stream,
      subject: undefined,
      nointerest: undefined,
      error: undefined,
    };
    this.events.push(event);
    this.#open++;
    return {
      stored: (subject, noInterest) => {
        event.subject = subject || undefined;
        event.nointerest = noInterest || undefined;
        event.ts = this.#now();
      },
      finish: (error) => {
        event.error = error || undefined;
        this.finish();
      },
    };
  }

  /** The place of another server to which the message goes: `1`, or `1.2` behind `1`. */
  nextHop(): string {
    this.#hops++;
    return this.#hop === "" ? `${this.#hops}` : `${this.#hop}.${this.#hops}`;
  }

  /** One part of the way is done: the distribution, or that of a stream. */
  finish(): void {
    if (--this.#open === 0) this.#complete(this);
  }
}

/** Bytes that both headers have at their end, colon included. */
const TAIL = 12;
const COLON = 0x3a;
const PARENT = bytesOf("traceparent:");
const DEST = bytesOf(`${TRACE_DEST_HEADER}:`).subarray(-TAIL);
/** By how much to go on when a byte stands at the end of the window. */
const SHIFTS = shifts([PARENT, DEST]);

/**
 * Whether a header block may ask for a trace; false is certain. Looks at one
 * byte in nine or so, since all messages with headers pay for it.
 */
export function mayAskForTrace(message: Message): boolean {
  const { bytes } = message.chunk;
  const end = message.bodyStart + message.headerSize;
  let at = message.bodyStart + TAIL - 1;
  while (at < end) {
    const byte = bytes[at] as number;
    if (
      byte === COLON &&
      (endsWith(bytes, at, PARENT) || endsWith(bytes, at, DEST))
    ) return true;
    at += SHIFTS[byte] as number;
  }
  return false;
}

/** Compares without regard to case, which is enough for a suspicion. */
function endsWith(bytes: Uint8Array, at: number, tail: Uint8Array): boolean {
  for (let i = 0; i < TAIL - 1; i++) {
    const byte = bytes[at - TAIL + 1 + i] as number;
    if ((byte | 0x20) !== ((tail[i] as number) | 0x20)) return false;
  }
  return true;
}

/** Horspool's table for some words of `TAIL` bytes, in any case. */
function shifts(words: readonly Uint8Array[]): Uint8Array {
  const table = new Uint8Array(256).fill(TAIL);
  for (const word of words) {
    for (let i = 0; i < TAIL - 1; i++) {
      const byte = word[i] as number;
      for (const each of [byte | 0x20, byte & ~0x20]) {
        table[each] = Math.min(table[each] as number, TAIL - 1 - i);
      }
    }
  }
  return table;
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}
