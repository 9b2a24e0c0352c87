/**
 * Fetches a document within a time, wherever it has moved.
 *
 * @module
 */

import type { Timers, TlsClientOptions, Transport } from "../../runtime/mod.ts";
import {
  type HttpAnswer,
  HttpError,
  httpGet,
  type HttpPorts,
} from "./http_get.ts";

/** Redirects that are followed. */
const MAX_HOPS = 10;

/**
 * @param timeout milliseconds for everything
 * @throws HttpError, TransportError or TlsHandshakeError
 */
export async function fetchUrl(
  first: URL,
  ports: HttpPorts & { readonly timers: Timers },
  tls: TlsClientOptions,
  timeout: number,
): Promise<HttpAnswer> {
  let open: Transport | undefined;
  let late = false;
  const onOpen = (transport: Transport) => {
    open = transport;
    if (late) transport.close();
  };
  const { promise: expired, reject } = Promise.withResolvers<never>();
  // A connect that hangs can't be broken off, and nobody waits for it.
  const deadline = ports.timers.after(timeout, () => {
    late = true;
    open?.close();
    reject(new HttpError("context deadline exceeded"));
  });
  const answer = follow(
    first,
    (url) => httpGet(url, ports, tls, { timeout, onOpen }),
  );
  try {
    return await Promise.race([answer, expired]);
  } finally {
    deadline.cancel();
  }
}

async function follow(
  first: URL,
  get: (url: URL) => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  let url = first;
  for (let hops = 0; hops <= MAX_HOPS; hops++) {
    const answer = await get(url);
    const isRedirect = answer.code >= 301 && answer.code <= 308 &&
      answer.location !== "";
    if (!isRedirect) return answer;
    url = new URL(answer.location, url);
    if (!/^https?:$/.test(url.protocol)) {
      throw new HttpError(`unsupported protocol scheme ${url.protocol}`);
    }
  }
  throw new HttpError(`stopped after ${MAX_HOPS} redirects`);
}
