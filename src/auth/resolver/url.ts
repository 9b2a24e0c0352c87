/**
 * Account JWTs from an HTTP server.
 *
 * @module
 */

import type { TlsBlock } from "../../config/mod.ts";
import { quoteText, redactUrl } from "../../log/mod.ts";
import type { Timers, TlsClientOptions } from "../../runtime/mod.ts";
import { fetchUrl } from "./fetch_url.ts";
import type { HttpAnswer, HttpPorts } from "./http_get.ts";
import { type AccountResolver, ResolverError } from "./resolver.ts";

/** How long a fetch may take, milliseconds. */
export const FETCH_TIMEOUT = 1900;

/** Fetches `<url><account>`. */
export class UrlResolver implements AccountResolver {
  readonly readOnly = true;
  readonly #base: string;
  readonly #ports: HttpPorts & { timers: Timers };
  readonly #tls: TlsClientOptions;

  constructor(
    url: string,
    tls: TlsBlock | undefined,
    ports: HttpPorts & { timers: Timers },
  ) {
    this.#base = url.endsWith("/") ? url : `${url}/`;
    this.#ports = ports;
    this.#tls = clientOptions(tls);
  }

  /** Looks whether anybody is there. */
  async start(): Promise<void> {
    await this.fetch("");
  }

  async fetch(account: string): Promise<string> {
    const url = this.#base + account;
    let answer: HttpAnswer;
    try {
      answer = await fetchUrl(
        new URL(url),
        this.#ports,
        this.#tls,
        FETCH_TIMEOUT,
      );
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw failure(url, reason);
    }
    if (answer.code !== 200) throw failure(url, answer.status);
    return answer.body;
  }

  store(): void {
    throw new ResolverError("store operation not supported for URL Resolver");
  }

  reload(): void {
    // Keeps nothing.
  }

  close(): void {
    // Every connection ends with its fetch.
  }
}

function failure(url: string, reason: string): ResolverError {
  return new ResolverError(
    `could not fetch <${quoteText(redactUrl(url))}>: ${reason}`,
  );
}

function clientOptions(tls: TlsBlock | undefined): TlsClientOptions {
  if (tls === undefined) return { insecure: false, minVersion: "1.2" };
  const [identity] = tls.identities;
  return {
    insecure: tls.insecure,
    minVersion: tls.minVersion,
    ...(identity === undefined ? {} : { identity }),
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
  };
}
