/**
 * Revocation checks of clients' certificates, as `ocsp_peer` asks for them.
 *
 * @module
 */

import { OcspCache, PeerCheck } from "../auth/mod.ts";
import type { OcspCacheOptions, Options } from "../config/mod.ts";
import type { TlsState } from "../runtime/mod.ts";
import { StartError } from "./start_error.ts";
import type { ServerState } from "./state.ts";

const DEFAULT_CACHE: OcspCacheOptions = {
  type: "local",
  localStore: "_rc_",
  preserveRevoked: false,
  saveInterval: 300_000,
};
const REJECTED = "client not OCSP valid";

/** Belongs to one server; does nothing while no `tls` block asks for it. */
export class OcspGuard {
  readonly #state: ServerState;
  #cache: OcspCache | null = null;
  #check: PeerCheck | null = null;

  constructor(state: ServerState) {
    this.#state = state;
  }

  /** The answers that are kept; null when none are asked for. */
  get cache(): OcspCache | null {
    return this.#cache;
  }

  /** @throws StartError when clients need not show certificates */
  start(): void {
    const { options, runtime, logger } = this.#state;
    checkVerifies(options);
    if (options.tls?.ocspPeer?.verify !== true) return;
    const cache = new OcspCache(
      options.ocspCache ?? DEFAULT_CACHE,
      runtime,
      logger,
    );
    this.#cache = cache;
    this.#check = new PeerCheck(
      runtime,
      logger,
      cache,
      (peer, link, reason) =>
        this.#state.events?.ocspLinkInvalid(peer, link, reason),
    );
    cache.start();
  }

  stop(): void {
    this.#cache?.stop();
    this.#cache = null;
    this.#check = null;
  }

  /** Follows options that have changed. */
  restart(): void {
    this.stop();
    this.start();
  }

  /** Why a client is not let in, or undefined. */
  async refusal({ peerCertificates }: TlsState): Promise<string | undefined> {
    const { tls } = this.#state.options;
    if (tls?.ocspPeer?.verify !== true || this.#check === null) {
      return undefined;
    }
    const presented = peerCertificates.map(({ raw }) => raw);
    const valid = await this.#check
      .isValid(presented, tls.ca ?? "", tls.ocspPeer);
    if (valid) return undefined;
    const [peer] = presented;
    if (peer !== undefined) {
      this.#state.events?.ocspRejected("Client", peer, REJECTED);
    }
    return REJECTED;
  }
}

/** @throws StartError */
export function checkVerifies({ tls }: Options): void {
  if (tls?.ocspPeer?.verify === true && !tls.verify) {
    throw new StartError(
      "OCSP peer verification for client connections requires TLS verify (mTLS) to be enabled",
    );
  }
}
