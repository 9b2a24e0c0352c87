/**
 * An endpoint by HTTP: how it reads a request and what it answers.
 *
 * @module
 */

import type { HttpResponse } from "../runtime/mod.ts";
import { writeDocument } from "./document.ts";
import { type MonitoredServer, MonitorError } from "./monitored_server.ts";
import { Pacer } from "./pacer.ts";
import { Query } from "./query.ts";

/** Answers requests of one path. */
export type Endpoint = (
  server: MonitoredServer,
  parameters: URLSearchParams,
) => Promise<HttpResponse>;

/** A path that answers with a document. */
export interface EndpointOptions<Options> {
  /** Under which requests are counted; undefined: they are not. */
  readonly counter?: string;
  /** Whether requests with bad parameters count too. */
  readonly countsAll?: boolean;
  /** Blanks per level (default 2). */
  readonly indent?: string;
  /** @throws MonitorError for bad parameters */
  readonly read: (query: Query) => Options;
  /** @throws MonitorError for what there is not */
  readonly make: (
    server: MonitoredServer,
    options: Options,
    pacer: Pacer,
  ) => unknown;
}

export const JSON_HEADERS: Readonly<Record<string, string>> = {
  "Content-Type": "application/json",
  "Access-Control-Allow-Origin": "*",
};

const TEXT_HEADERS: Readonly<Record<string, string>> = {
  "Content-Type": "text/plain; charset=utf-8",
};

/** An endpoint that answers with a document, or with 400 and the reason. */
export function documentEndpoint<Options>(
  { counter, countsAll = false, indent = "  ", read, make }: EndpointOptions<
    Options
  >,
): Endpoint {
  return async (server, parameters) => {
    const count = () => countRequest(server, counter);
    if (countsAll) count();
    try {
      const options = read(new Query(parameters));
      if (!countsAll) count();
      const pacer = new Pacer(server);
      const document = await make(server, options, pacer);
      const body = writeDocument(document, indent, pacer);
      return { status: 200, headers: JSON_HEADERS, body };
    } catch (error) {
      if (!(error instanceof MonitorError)) throw error;
      return textResponse(400, error.message);
    }
  };
}

export function countRequest(
  { httpRequests }: MonitoredServer,
  counter: string | undefined,
): void {
  if (counter === undefined) return;
  httpRequests.set(counter, (httpRequests.get(counter) ?? 0) + 1);
}

/** A short text, plain unless the headers say otherwise. */
export function textResponse(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = TEXT_HEADERS,
): HttpResponse {
  return { status, headers, body: piece(text) };
}

async function* piece(text: string): AsyncGenerator<string> {
  yield text;
}
