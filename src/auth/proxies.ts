/**
 * Trusted proxies: they sign the nonce of the connections that they pass on.
 *
 * @module
 */

import { decodeBase64Url, type TrustedProxy } from "../config/mod.ts";
import { CloseReason } from "../connection/mod.ts";
import { type AuthRequest, type ConnectionLog, Refusal } from "./identity.ts";
import { signedNonce } from "./signature.ts";

/** Said of who has to come through a trusted proxy, and does not. */
export const PROXY_REQUIRED = "proxy connection required";

const NOT_TRUSTED = new Refusal(CloseReason.ProxyNotTrusted);
const REQUIRED = new Refusal(CloseReason.ProxyRequired);

/** Refuses who says to come from a trusted proxy, and does not. */
export function refuseProxy(log: ConnectionLog): Refusal {
  log.debug("proxy is not trusted");
  return NOT_TRUSTED;
}

/** Refuses who has to come through a trusted proxy, and does not. */
export function demandProxy(log: ConnectionLog): Refusal {
  log.debug(PROXY_REQUIRED);
  return REQUIRED;
}

/** The proxies that the configuration trusts. */
export class TrustedProxies {
  readonly #keys: readonly string[];

  constructor(proxies: readonly TrustedProxy[]) {
    this.#keys = proxies.map(({ key }) => key);
  }

  /** Whether there are any, whose signatures need a nonce. */
  get any(): boolean {
    return this.#keys.length > 0;
  }

  /**
   * The key of the proxy that signed; empty when no proxy did, or none is
   * trusted; undefined when the signature is nobody's.
   */
  identify({ connect, nonce, log }: AuthRequest): string | undefined {
    if (connect.proxy_sig === "" || !this.any) return "";
    const signature = decodeBase64Url(connect.proxy_sig);
    if (signature === undefined) {
      log.debug("Proxy signature not valid base64");
      return undefined;
    }
    return this.#keys.find((key) => signedNonce(key, signature, nonce));
  }
}
