/**
 * The HTTP port: answers HTTP/1.1 requests that come over any transport.
 *
 * @module
 */

import type { Transport } from "./ports.ts";

/** One request. A body, should there be one, is not read. */
export interface HttpRequest {
  readonly method: string;
  /** Decoded path, starting with a slash. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/**
 * What to answer. Bytes and short texts are sent with their length, long texts
 * in pieces.
 */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Text is read only as fast as the client takes it. */
  readonly body: AsyncIterable<string> | Uint8Array;
}

/** Answers one request. What it throws becomes a 500. */
export type HttpHandler = (
  request: HttpRequest,
) => HttpResponse | Promise<HttpResponse>;

/** Serves the connections that it is handed. */
export interface HttpServer {
  /** Takes over a connection; closes it in the end. */
  serve(transport: Transport): void;
  /** Drops all connections. */
  close(): void;
}

/** How patient a server is. */
export interface HttpServerOptions {
  /** Milliseconds within which the headers of a request must arrive. */
  readonly headersTimeout: number;
  /** Bytes that the headers of a request may have. */
  readonly maxHeaderSize: number;
}

/** The platform's HTTP. */
export interface HttpEngine {
  server(handler: HttpHandler, options: HttpServerOptions): HttpServer;
}
