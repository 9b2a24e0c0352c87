/**
 * An OCSP responder on a local port, which answers what a test tells it to.
 *
 * @module
 */

import { createPrivateKey, sign } from "node:crypto";
import type { Authority } from "./certificates.ts";
import * as der from "./der.ts";

/** What it says of all certificates. */
export interface Verdict {
  readonly status: "good" | "revoked" | "unknown";
  /** Seconds from now (default -60). */
  readonly thisUpdate?: number;
  /** Seconds from now (default 3600); null: none is told. */
  readonly nextUpdate?: number | null;
  /** Signs instead of the authority, and sends its certificate along. */
  readonly signer?: { readonly key: string; readonly raw: Uint8Array };
  /** Something else than 200. */
  readonly httpStatus?: number;
  /** Bytes instead of an answer. */
  readonly garbage?: boolean;
}

/** Runs until it is disposed of. */
export class OcspResponder implements AsyncDisposable {
  verdict: Verdict = { status: "good" };
  /** Requests so far. */
  asked = 0;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #authority: () => Authority;

  /** @param authority whoever answers; asked for at each request */
  constructor(authority: () => Authority) {
    this.#authority = authority;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#answer(request),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  #answer(request: Request): Response {
    this.asked++;
    const { httpStatus = 200, garbage = false } = this.verdict;
    const base64 = decodeURIComponent(new URL(request.url).pathname.slice(1));
    const asked = Uint8Array.fromBase64(base64);
    const body = garbage
      ? Uint8Array.of(1, 2, 3)
      : respond(certificateId(asked), this.verdict, this.#authority());
    return new Response(Uint8Array.from(body), {
      status: httpStatus,
      headers: { "content-type": "application/ocsp-response" },
    });
  }
}

/** The CertID in a request: four SEQUENCEs down. */
function certificateId(request: Uint8Array): Uint8Array {
  let inside = request;
  for (let depth = 0; depth < 4; depth++) inside = contents(inside);
  return inside;
}

function contents(value: Uint8Array): Uint8Array {
  const short = value[1] ?? 0;
  return value.subarray(short < 0x80 ? 2 : 2 + (short & 0x7f));
}

function respond(
  id: Uint8Array,
  { status, thisUpdate = -60, nextUpdate = 3600, signer }: Verdict,
  authority: Authority,
): Uint8Array {
  const time = (seconds: number) =>
    der.tlv(
      0x18,
      new TextEncoder().encode(
        new Date(Date.now() + seconds * 1000).toISOString()
          .replace(/[-:T]|\.\d+/g, ""),
      ),
    );
  const statuses = {
    good: der.tlv(0x80),
    revoked: der.tlv(0xa1, time(-3600)),
    unknown: der.tlv(0x82),
  };
  const data = der.sequence(
    der.tlv(0xa2, der.octets(new Uint8Array(20))),
    time(0),
    der.sequence(der.sequence(
      id,
      statuses[status],
      time(thisUpdate),
      ...(nextUpdate === null ? [] : [der.tlv(0xa0, time(nextUpdate))]),
    )),
  );
  const key = createPrivateKey((signer ?? authority).key);
  const basic = der.sequence(
    data,
    der.sequence(der.oid("1.2.840.10045.4.3.2")),
    der.bits(new Uint8Array(sign("sha256", data, key))),
    ...(signer === undefined ? [] : [der.tlv(0xa0, der.sequence(signer.raw))]),
  );
  return der.sequence(
    der.tlv(0x0a, Uint8Array.of(0)),
    der.tlv(
      0xa0,
      der.sequence(der.oid("1.3.6.1.5.5.7.48.1.1"), der.octets(basic)),
    ),
  );
}
