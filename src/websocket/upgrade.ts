/**
 * Turns a connection that speaks HTTP into one that carries frames.
 *
 * @module
 */

import type { Clock, Timers, Transport } from "../runtime/mod.ts";
import { type Agreement, negotiate, type UpgradeTerms } from "./negotiate.ts";
import {
  BadRequest,
  hasToken,
  headEnd,
  parseHead,
  type RequestHead,
} from "./request.ts";

/** Bytes that the head of a request may have; Go's limit. */
const HEAD_MAX = (1 << 20) + 4096;
const HEAD_START = 2048;

const TOO_LARGE = new BadRequest("431 Request Header Fields Too Large");

const STATUS_TEXT = {
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
} as const;

/** A connection that may carry frames now. */
export type Upgraded = Agreement;

/** What an upgrade needs of its surroundings. */
export interface UpgradeSetting {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Milliseconds for the request to arrive; 0: any. */
  readonly timeout: number;
  /** Told why a request was refused. */
  readonly onRefused: (reason: string) => void;
}

/**
 * Answers requests until one is for an upgrade.
 * @returns null when the connection ended without; it is closed then
 */
export async function acceptUpgrade(
  transport: Transport,
  terms: UpgradeTerms,
  { clock, timers, timeout, onRefused }: UpgradeSetting,
): Promise<Upgraded | null> {
  const deadline = timeout > 0
    ? timers.after(timeout, () => transport.close())
    : null;
  try {
    return await negotiateWith(transport, terms, clock, onRefused);
  } catch {
    // Broken, or closed for being late: there is nobody to tell.
    transport.close();
    return null;
  } finally {
    deadline?.cancel();
  }
}

async function negotiateWith(
  transport: Transport,
  terms: UpgradeTerms,
  clock: Clock,
  onRefused: (reason: string) => void,
): Promise<Upgraded | null> {
  const reader = new HeadReader(transport);
  for (;;) {
    const head = await reader.next();
    const request = typeof head === "string" ? parseHead(head) : head;
    if (request === null || request instanceof BadRequest) {
      if (request !== null) await write(transport, badRequest(request));
      transport.close();
      return null;
    }
    const outcome = negotiate(request, terms);
    if ("answer" in outcome) {
      if (reader.hasMore) {
        onRefused("client sent data before handshake is complete");
        transport.close();
        return null;
      }
      await write(transport, outcome.answer);
      return outcome;
    }
    onRefused(outcome.reason);
    const last = endsConnection(request);
    await write(transport, refusal(outcome.status, request, last, clock.now()));
    if (!last) continue;
    transport.close();
    return null;
  }
}

/** Reads heads, one after the other. */
class HeadReader {
  readonly #transport: Transport;
  #buffer = new Uint8Array(HEAD_START);
  #filled = 0;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Whether more has arrived than the heads that were given out. */
  get hasMore(): boolean {
    return this.#filled > 0;
  }

  /** The next head, one char per byte; null at the end of the stream. */
  async next(): Promise<string | BadRequest | null> {
    let searched = 0;
    for (;;) {
      const end = headEnd(this.#buffer.subarray(0, this.#filled), searched);
      if (end > HEAD_MAX || (end < 0 && this.#filled >= HEAD_MAX)) {
        return TOO_LARGE;
      }
      if (end >= 0) return this.#take(end);
      searched = this.#filled;
      if (!await this.#read()) return null;
    }
  }

  #take(end: number): string {
    const head = latin1(this.#buffer.subarray(0, end));
    this.#buffer.copyWithin(0, end, this.#filled);
    this.#filled -= end;
    return head;
  }

  async #read(): Promise<boolean> {
    if (this.#filled === this.#buffer.length) {
      const larger = new Uint8Array(this.#buffer.length * 2);
      larger.set(this.#buffer);
      this.#buffer = larger;
    }
    const count = await this.#transport.read(
      this.#buffer.subarray(this.#filled),
    );
    this.#filled += count ?? 0;
    return count !== null;
  }
}

/** Whether no further request can follow, as a body would have to be read. */
function endsConnection(request: RequestHead): boolean {
  const { headers, minorVersion } = request;
  const length = headers.get("content-length")?.[0] ?? "0";
  if (Number(length) !== 0 || headers.has("transfer-encoding")) return true;
  return hasToken(request, "connection", "close") ||
    (minorVersion === 0 && !hasToken(request, "connection", "keep-alive"));
}

/** What Go's HTTP server answers to what it does not understand. */
function badRequest({ status, detail }: BadRequest): string {
  const text = detail === "" ? status : `${status}: ${detail}`;
  return `HTTP/1.1 ${text}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
    `Connection: close\r\n\r\n${text}`;
}

function refusal(
  status: keyof typeof STATUS_TEXT,
  { method, minorVersion }: RequestHead,
  last: boolean,
  now: number,
): string {
  const text = STATUS_TEXT[status];
  const lines = [
    `HTTP/1.${Math.min(1, minorVersion)} ${status} ${text}`,
    "Content-Type: text/plain; charset=utf-8",
    "Sec-Websocket-Version: 13",
    "X-Content-Type-Options: nosniff",
    `Date: ${new Date(now).toUTCString()}`,
    `Content-Length: ${text.length + 1}`,
    ...(last && minorVersion >= 1 ? ["Connection: close"] : []),
    ...(!last && minorVersion === 0 ? ["Connection: keep-alive"] : []),
  ];
  const body = method === "HEAD" ? "" : `${text}\n`;
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

async function write(transport: Transport, text: string): Promise<void> {
  let rest: Uint8Array = Uint8Array.from(text, (char) => char.charCodeAt(0));
  while (rest.length > 0) rest = rest.subarray(await transport.write(rest));
}

const STEP = 4096;

function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += STEP) {
    text += String.fromCharCode(...bytes.subarray(at, at + STEP));
  }
  return text;
}
