/**
 * Steps that speak with JetStream: requests whose answers are recorded, fields
 * in the order in which they came.
 *
 * @module
 */

import { client, expect, lines, send, type Step } from "./scenario.ts";

/** Body of a request: text as it is, everything else as JSON. */
export type Body = string | Readonly<Record<string, unknown>>;

/** How a request is made. */
export interface RequestOptions {
  /** Further headers, one a line, without line ends. */
  readonly headers?: readonly string[];
  /** Milliseconds that the answer may take. */
  readonly within?: number;
}

/** Names of inboxes are unique in the process, and the same for both servers. */
let requests = 0;

/** A client that can make requests. */
export function jetStreamClient(
  on: string,
  fields: Readonly<Record<string, unknown>> = {},
): Step[] {
  return [
    ...client(on, { headers: true, no_responders: true, ...fields }),
    lines(on, `SUB _INBOX.${on}.> inbox`),
  ];
}

/** Makes a request and records everything up to its answer. */
export function called(
  on: string,
  subject: string,
  body: Body = "",
  { headers = [], within = 4_000 }: RequestOptions = {},
): Step[] {
  const reply = `_INBOX.${on}.${++requests}`;
  return [
    send(on, publication(subject, reply, body, headers)),
    expect(on, `${reply} inbox`, within),
  ];
}

/** The same for the API. @param name what stands behind `$JS.API.` */
export function api(
  on: string,
  name: string,
  body: Body = "",
  options: RequestOptions = {},
): Step[] {
  return called(on, `$JS.API.${name}`, body, options);
}

/** Publishes into a stream and records the acknowledgement. */
export function published(
  on: string,
  subject: string,
  body: Body = "",
  options: RequestOptions = {},
): Step[] {
  return called(on, subject, body, options);
}

function publication(
  subject: string,
  reply: string,
  body: Body,
  headers: readonly string[],
): string {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const size = new TextEncoder().encode(text).length;
  if (headers.length === 0) {
    return `PUB ${subject} ${reply} ${size}\r\n${text}\r\n`;
  }
  const block = ["NATS/1.0", ...headers, "", ""].join("\r\n");
  const total = block.length + size;
  return `HPUB ${subject} ${reply} ${block.length} ${total}\r\n${block}${text}\r\n`;
}
