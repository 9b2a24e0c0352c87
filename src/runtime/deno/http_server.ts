import * as http from "node:http";
import { clearTimeout, setTimeout } from "node:timers";
import type {
  HttpEngine,
  HttpHandler,
  HttpRequest,
  HttpResponse,
  HttpServer,
  HttpServerOptions,
} from "../http_port.ts";
import type { Transport } from "../ports.ts";
import { TransportDuplex } from "./tls_duplex.ts";

/** A body of at most so many characters is sent with its length. */
const WHOLE_BODY_MAX = 2048;

/** HTTP as the platform parses and writes it. */
export class DenoHttp implements HttpEngine {
  server(handler: HttpHandler, options: HttpServerOptions): HttpServer {
    return new InStreamHttpServer(handler, options);
  }
}

/**
 * Hands each transport as a new connection to a server of the platform that
 * never listens, so that plain, encrypted and in-process connections are
 * served alike.
 */
class InStreamHttpServer implements HttpServer {
  readonly #server: http.Server;
  readonly #options: HttpServerOptions;
  readonly #streams = new Set<TransportDuplex>();
  /** By the stream that has not brought the headers of a request yet. */
  readonly #slow = new Map<unknown, ReturnType<typeof setTimeout>>();

  constructor(handler: HttpHandler, options: HttpServerOptions) {
    this.#options = options;
    const { headersTimeout, maxHeaderSize } = options;
    this.#server = http.createServer(
      { headersTimeout, maxHeaderSize, keepAliveTimeout: 0 },
      (request, response) => {
        this.#hurried(request.socket);
        answer(request, response, handler).catch(() => response.destroy());
      },
    );
  }

  serve(transport: Transport): void {
    const stream = new TransportDuplex(transport);
    this.#streams.add(stream);
    // The platform watches for slow headers only where it listens itself.
    const { headersTimeout } = this.#options;
    const timer = setTimeout(() => stream.destroy(), headersTimeout);
    timer.unref();
    this.#slow.set(stream, timer);
    stream.once("error", () => stream.destroy());
    stream.once("close", () => {
      this.#hurried(stream);
      this.#streams.delete(stream);
    });
    this.#server.emit("connection", stream);
  }

  close(): void {
    for (const stream of [...this.#streams]) stream.destroy();
    this.#server.close();
  }

  #hurried(stream: unknown): void {
    clearTimeout(this.#slow.get(stream));
    this.#slow.delete(stream);
  }
}

async function answer(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  handler: HttpHandler,
): Promise<void> {
  request.resume();
  let made: HttpResponse;
  try {
    made = await handler(understood(request));
  } catch {
    response.writeHead(500).end();
    return;
  }
  // The platform's own way to tell the date leaves a timer behind.
  response.sendDate = false;
  response.setHeader("Date", new Date().toUTCString());
  response.statusCode = made.status;
  for (const [name, value] of Object.entries(made.headers)) {
    response.setHeader(name, value);
  }
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  if (made.body instanceof Uint8Array) response.end(made.body);
  else await send(response, made.body);
}

async function send(
  response: http.ServerResponse,
  body: AsyncIterable<string>,
): Promise<void> {
  let held = "";
  let begun = false;
  for await (const text of body) {
    if (response.destroyed) return;
    held += text;
    if (held.length <= WHOLE_BODY_MAX) continue;
    begun = true;
    const taken = response.write(held);
    held = "";
    if (!taken) await drained(response);
  }
  if (begun && held === "") response.end();
  else response.end(held);
}

/** Resolves when the client has taken what was written, or is gone. */
function drained(response: http.ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    response.on("drain", done);
    response.on("close", done);
  });
}

function understood(request: http.IncomingMessage): HttpRequest {
  const [path = "/", query = ""] = splitOnce(request.url ?? "/", "?");
  return {
    method: request.method ?? "GET",
    path: decoded(path),
    query: new URLSearchParams(query),
  };
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** A path whose escapes are malformed stands as it came. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
