/**
 * Whether the authorities of a peer's certificates still stand by them.
 *
 * @module
 */

import { sha256 } from "@noble/hashes/sha2.js";
import {
  encodeBase64,
  formatDuration,
  type OcspPeerOptions,
} from "../../config/mod.ts";
import type { Logger } from "../../log/mod.ts";
import { formatTime } from "../../protocol/mod.ts";
import type { Clock, Timers } from "../../runtime/mod.ts";
import { DerError } from "../certificate/der.ts";
import { certificateNames } from "../certificate/names.ts";
import { subjectText } from "../certificate/subject_text.ts";
import { fetchUrl } from "../resolver/fetch_url.ts";
import type { HttpPorts } from "../resolver/http_get.ts";
import type { OcspCache } from "./cache.ts";
import type { CheckedCertificate } from "./certificate.ts";
import { certificatesIn, chainsOf } from "./chain.ts";
import {
  isDelegated,
  type OcspAnswer,
  OcspError,
  ocspRequest,
  readAnswer,
} from "./messages.ts";

/** Told of links that fail. Byte arrays are DER of certificates. */
export type LinkListener = (
  peer: Uint8Array,
  link: Uint8Array,
  reason: string,
) => void;

/** The ports of the check. */
export interface PeerCheckPorts extends HttpPorts {
  readonly clock: Clock;
  readonly timers: Timers;
}

/** A certificate that names a responder, and who issued it. */
interface Link {
  readonly certificate: CheckedCertificate;
  readonly issuer: CheckedCertificate;
  /** URLs as the certificate writes them. */
  readonly responders: readonly string[];
  /** Name for logs. */
  readonly name: string;
}

/** Instead of an answer: the link is let through without one. */
const ALLOWED: unique symbol = Symbol("allowed");

/** Belongs to one server. */
export class PeerCheck {
  readonly #ports: PeerCheckPorts;
  readonly #logger: Logger;
  readonly #cache: OcspCache;
  readonly #onInvalid: LinkListener;

  constructor(
    ports: PeerCheckPorts,
    logger: Logger,
    cache: OcspCache,
    onInvalid: LinkListener,
  ) {
    this.#ports = ports;
    this.#logger = logger;
    this.#cache = cache;
    this.#onInvalid = onInvalid;
  }

  /**
   * Whether there is a chain of which every link that names a responder is
   * good. A chain without such links is.
   * @param presented DER as the peer sent it, its own certificate first
   * @param authorities PEM bundle of those who are trusted
   */
  async isValid(
    presented: readonly Uint8Array[],
    authorities: string,
    options: OcspPeerOptions,
  ): Promise<boolean> {
    let chains: CheckedCertificate[][];
    try {
      chains = chainsOf(presented, certificatesIn(authorities));
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
      chains = [];
    }
    this.#logger.debug(
      `Peer OCSP enabled: ${chains.length} TLS client chain(s) will be evaluated`,
    );
    if (chains.length === 0) {
      this.#logger.error("Peer certificate is nil, rejecting OCSP peer");
      return false;
    }
    for (const [index, chain] of chains.entries()) {
      if (await this.#isValidChain(chain, `Chain [${index}]`, options)) {
        return true;
      }
    }
    this.#logger.debug("No OCSP valid chains, thus peer is invalid");
    return false;
  }

  async #isValidChain(
    chain: readonly CheckedCertificate[],
    name: string,
    options: OcspPeerOptions,
  ): Promise<boolean> {
    this.#logger.debug(`${name}: ${chain.length} total link(s)`);
    const [peer] = chain;
    if (peer === undefined || chain.length === 1) {
      this.#logger.debug(`${name} is self-signed, thus peer is valid`);
      return true;
    }
    const links = linksOf(chain);
    if (links.length === 0) {
      this.#logger.debug(
        `${name} has no OCSP eligible links, thus peer is valid`,
      );
      return true;
    }
    this.#logger.debug(`${name} has ${links.length} OCSP eligible link(s)`);
    for (const link of links) {
      const reason = await this.#check(link, options);
      if (reason === undefined) continue;
      this.#logger.debug(reason);
      this.#onInvalid(peer.raw, link.certificate.raw, reason);
      return false;
    }
    this.#logger.debug(
      `${name} is OCSP valid for all eligible links, thus peer is valid`,
    );
    return true;
  }

  /** What is wrong with a link, or undefined. */
  async #check(
    link: Link,
    options: OcspPeerOptions,
  ): Promise<string | undefined> {
    const { name } = link;
    const key = fingerprint(link.certificate.raw);
    this.#logger.debug(`Checking OCSP peer cache for [${name}], key [${key}]`);
    const cached = this.#cached(link, key, options);
    const answer = cached.answer ?? await this.#ask(link, options, cached);
    if (answer === ALLOWED) return undefined;
    if (typeof answer === "string") {
      return this.#pardon(answer, name, options);
    }
    if (cached.answer === undefined) this.#cache.put(key, answer, name);
    const { status } = answer;
    if (status === "good" || (status === "unknown" && options.unknownIsGood)) {
      this.#logger.debug(`OCSP verify pass for [${name}]`);
      return undefined;
    }
    this.#logger.warn(
      `OCSP verify fail for [${name}] with CA status [${status}]`,
    );
    return this.#pardon(
      `Invalid OCSP response status: ${status}`,
      name,
      options,
    );
  }

  /** Lets a failure pass where failures are only warned of. */
  #pardon(
    reason: string,
    name: string,
    { warnOnly }: OcspPeerOptions,
  ): string | undefined {
    if (!warnOnly) return reason;
    this.#logger.warn(
      `OCSP verify fail for [${name}] but WarnOnly is true so allowing`,
    );
    return undefined;
  }

  #cached(link: Link, key: string, options: OcspPeerOptions): {
    answer: OcspAnswer | undefined;
    revoked: boolean;
  } {
    const none = { answer: undefined, revoked: false };
    const raw = this.#cache.get(key);
    if (raw === undefined) return none;
    const answer = verified(raw, link);
    if (answer instanceof OcspError || !isDelegated(answer, link.issuer)) {
      this.#logger.debug(
        `Invalid cached OCSP response for [${link.name}] with fingerprint [${key}]`,
      );
      this.#cache.delete(key);
      return none;
    }
    const revoked = answer.status === "revoked";
    if (this.#isCurrent(answer, options)) {
      this.#logger.debug(
        `Cached OCSP response is current, status [${answer.status}]`,
      );
      return { answer, revoked };
    }
    this.#logger.debug(
      `Cached OCSP response is expired, status [${answer.status}]`,
    );
    this.#cache.delete(key);
    return { answer: undefined, revoked };
  }

  /** A new answer; or what is wrong, or that the link is let through without one. */
  async #ask(
    link: Link,
    options: OcspPeerOptions,
    { revoked }: { revoked: boolean },
  ): Promise<OcspAnswer | string | typeof ALLOWED> {
    const { name, issuer } = link;
    const raw = await this.#fetch(link, options);
    if (typeof raw === "string") {
      this.#logger.warn(
        `Attempt to obtain OCSP response from CA responder for [${name}] failed: ${raw}`,
      );
      if (options.warnOnly || !options.allowWhenCaUnreachable) {
        return "Failed OCSP response fetch";
      }
      this.#logger.warn(
        `Failed to obtain OCSP CA response for [${name}] but AllowWhenCAUnreachable set; ` +
          (revoked
            ? "cached revocation exists so rejecting"
            : "no cached revocation so allowing"),
      );
      return revoked ? "Failed OCSP response fetch" : ALLOWED;
    }
    const answer = verified(raw, link);
    if (answer instanceof OcspError) {
      this.#logger.error(
        `Could not parse OCSP CA response for [${name}]: ${answer.message}`,
      );
      return "Failed OCSP response parse";
    }
    if (!isDelegated(answer, issuer)) {
      const reason = `Invalid OCSP response delegation: ${name}`;
      this.#logger.warn(reason);
      return reason;
    }
    if (this.#isCurrent(answer, options)) return answer;
    this.#logger.warn(
      `New OCSP CA response obtained for [${name}] but not current`,
    );
    return "OCSP response not in effectivity window";
  }

  /** DER of an answer, or why there is none. */
  async #fetch(
    { certificate, issuer, responders }: Link,
    { timeout }: OcspPeerOptions,
  ): Promise<Uint8Array | string> {
    const request = encodeURIComponent(
      encodeBase64(ocspRequest(certificate, issuer)),
    );
    let reason = "";
    for (const responder of responders) {
      const url = `${responder.replace(/\/$/, "")}/${request}`;
      this.#logger.debug(`Trying OCSP responder url [${responder}]`);
      try {
        const answer = await fetchUrl(
          new URL(url),
          this.#ports,
          { insecure: false, minVersion: "1.2" },
          timeout > 0 ? timeout : DEFAULT_TIMEOUT,
        );
        if (answer.code === 200) return answer.bytes;
        reason = `bad OCSP responder http status: [${answer.code}]`;
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        reason = `Get "${url}": ${text}`;
      }
    }
    return `exhausted OCSP responders: ${reason}`;
  }

  #isCurrent(
    { thisUpdate, nextUpdate }: OcspAnswer,
    { allowedClockSkew, ttlUnsetNextUpdate }: OcspPeerOptions,
  ): boolean {
    const now = this.#ports.clock.now();
    const ttl = ttlUnsetNextUpdate < 0 ? DEFAULT_TTL : ttlUnsetNextUpdate;
    const skew = allowedClockSkew < 0 ? DEFAULT_SKEW : allowedClockSkew;
    const problem = (what: string, at: number) => {
      this.#logger.debug(
        `OCSP response ${what} [${formatTime(at)}] is before now [${
          formatTime(now)
        }] with clockskew [${formatDuration(skew)}]`,
      );
      return false;
    };
    const end = nextUpdate ?? thisUpdate + ttl;
    if (end < now - skew) {
      const what = nextUpdate === undefined ? "cache expiry" : "NextUpdate";
      return problem(what, end);
    }
    return thisUpdate <= now + skew || problem("ThisUpdate", thisUpdate);
  }
}

const DEFAULT_TIMEOUT = 2_000;
const DEFAULT_SKEW = 30_000;
const DEFAULT_TTL = 3_600_000;

/** The links of a chain that name a responder; the trusted end needs none. */
function linksOf(chain: readonly CheckedCertificate[]): Link[] {
  return chain.flatMap((certificate, i) => {
    const issuer = chain[i + 1];
    const responders = certificate.responders.filter((text) => {
      const url = URL.parse(text);
      return url !== null && /^https?:$/.test(url.protocol);
    });
    if (issuer === undefined || responders.length === 0) return [];
    const name = subjectText(certificateNames(certificate.raw).subject);
    return [{ certificate, issuer, responders, name }];
  });
}

function verified(
  raw: Uint8Array,
  { certificate, issuer }: Link,
): OcspAnswer | OcspError {
  try {
    return readAnswer(raw, certificate, issuer);
  } catch (error) {
    if (error instanceof OcspError) return error;
    throw error;
  }
}

/** Base64 of a certificate's SHA-256, by which answers are kept. */
export function fingerprint(certificate: Uint8Array): string {
  return encodeBase64(sha256(certificate));
}
