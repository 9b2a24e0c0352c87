/**
 * Monitoring by HTTP.
 *
 * @module
 */

import type {
  HttpRequest,
  HttpResponse,
  HttpServer,
  HttpServerOptions,
} from "../runtime/mod.ts";
import type { HttpEngine, Transport } from "../runtime/mod.ts";
import {
  DASHBOARD_HEADERS,
  DASHBOARD_PAGE,
} from "./dashboard/dashboard_page.ts";
import { countRequest, type Endpoint, textResponse } from "./endpoint.ts";
import { ENDPOINTS } from "./endpoints.ts";
import type { MonitoredServer } from "./monitored_server.ts";
import { cleanPath, joinPath } from "./paths.ts";
import { rootPage } from "./root_page.ts";

/** As patient as the Go server. */
const HTTP_OPTIONS: HttpServerOptions = {
  headersTimeout: 5_000,
  maxHeaderSize: 1 << 20,
};

const HTML_HEADERS = { "Content-Type": "text/html; charset=utf-8" };

/** Answers requests about one server, whatever connection they come by. */
export class Monitor {
  readonly #server: MonitoredServer;
  readonly #base: string;
  readonly #routes: ReadonlyMap<string, Endpoint>;
  readonly #http: HttpServer;

  constructor(server: MonitoredServer, http: HttpEngine) {
    this.#server = server;
    this.#base = cleanPath(server.options.httpBasePath);
    this.#routes = new Map(
      [...ENDPOINTS].map(([path, endpoint]) => [this.#locate(path), endpoint]),
    );
    this.#http = http.server((request) => this.answer(request), HTTP_OPTIONS);
  }

  /** Takes over a connection. */
  serve(transport: Transport): void {
    this.#http.serve(transport);
  }

  /** Answers one request; embedders may bring requests of their own. */
  // deno-lint-ignore require-await
  async answer({ path, query }: HttpRequest): Promise<HttpResponse> {
    const clean = withoutDetours(path);
    if (clean !== path) return redirect(clean, query);
    const endpoint = this.#routes.get(path);
    if (endpoint !== undefined) return endpoint(this.#server, query);
    const { dashboard } = this.#server.options;
    if (dashboard && path === this.#locate("/dashboard")) {
      return textResponse(200, DASHBOARD_PAGE, DASHBOARD_HEADERS);
    }
    if (path !== this.#base) return notFound();
    countRequest(this.#server, "/");
    const { version } = this.#server.info();
    const page = rootPage(version, (link) => this.#locate(link), dashboard);
    return textResponse(200, page, HTML_HEADERS);
  }

  /** Drops all connections. */
  close(): void {
    this.#http.close();
  }

  #locate(path: string): string {
    return joinPath(this.#base, path);
  }
}

/** A path with detours is answered with a redirection; a last slash stays. */
function withoutDetours(path: string): string {
  const clean = cleanPath(path);
  return path.endsWith("/") && clean !== "/" ? `${clean}/` : clean;
}

function redirect(path: string, query: URLSearchParams): HttpResponse {
  const search = query.toString();
  const target = encodeURI(path) + (search === "" ? "" : `?${search}`);
  return textResponse(
    307,
    `<a href="${target.replace(/&/g, "&amp;")}">Temporary Redirect</a>.\n\n`,
    { ...HTML_HEADERS, Location: target },
  );
}

function notFound(): HttpResponse {
  return textResponse(404, "404 page not found\n", {
    "Content-Type": "text/plain; charset=utf-8",
    "X-Content-Type-Options": "nosniff",
  });
}
