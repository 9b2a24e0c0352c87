/**
 * Options that this server reads but does not serve.
 *
 * A server that is asked for them refuses to start instead of running without
 * them. Each row goes when its subsystem arrives.
 *
 * @module
 */

import type { Options } from "./options.ts";
import { demandsStaple } from "./must_staple.ts";
import type { TlsBlock } from "./options_tls.ts";
import {
  CURVES,
  PLATFORM_CIPHER_SUITES,
  PLATFORM_CURVES,
} from "./tls_names.ts";

/** An option that is not served. */
interface UnsupportedOption {
  /** As it is written in a configuration. */
  readonly name: string;
  readonly isUsed: (options: Options) => boolean;
  readonly reason: string;
}

const NOT_SERVED = "is not supported by this server";
const PLATFORM = "can't be had from the platform's TLS";

const UNSUPPORTED: readonly UnsupportedOption[] = [
  {
    name: "prof_block_rate",
    isUsed: ({ profBlockRate }) => profBlockRate !== 0,
    reason:
      "belongs to Go's runtime: it profiles waiting for locks, of which there are none here",
  },
  {
    name: "cluster",
    isUsed: ({ cluster }) => cluster.port !== 0 || cluster.routes.length > 0,
    reason: NOT_SERVED,
  },
  {
    name: "gateway",
    isUsed: ({ gateway }) => gateway.port !== 0,
    reason: NOT_SERVED,
  },
  {
    name: "leafnodes",
    isUsed: ({ leafnodes }) =>
      leafnodes.port !== 0 || leafnodes.remotes.length > 0,
    reason: NOT_SERVED,
  },
  { name: "mqtt", isUsed: ({ mqtt }) => mqtt.port !== 0, reason: NOT_SERVED },
  {
    name: "jetstream tpm",
    isUsed: ({ jetstream }) => jetstream.tpm !== undefined,
    reason:
      "needs a trusted platform module, which the platform does not offer",
  },
  {
    name: "ocsp",
    isUsed: asksForStaples,
    reason: PLATFORM,
  },
  {
    name: "ocsp_peer",
    isUsed: ({ leafnodes }) =>
      [leafnodes, ...leafnodes.remotes].some(({ tls }) =>
        tls?.ocspPeer?.verify === true
      ),
    reason: `of leafnodes ${NOT_SERVED}`,
  },
  {
    name: "cert_store",
    isUsed: anyTls(({ certStore }) => certStore !== undefined),
    reason: PLATFORM,
  },
  {
    name: "cipher_suites",
    isUsed: anyTls(({ cipherSuites }) =>
      excludes(cipherSuites, PLATFORM_CIPHER_SUITES)
    ),
    reason: `that exclude one of ${
      [...PLATFORM_CIPHER_SUITES].join(", ")
    } ${PLATFORM}`,
  },
  {
    name: "curve_preferences",
    isUsed: anyTls(({ curvePreferences }) => choosesCurves(curvePreferences)),
    reason: `other than in the usual order and with all of ${
      [...PLATFORM_CURVES].join(", ")
    } ${PLATFORM}`,
  },
];

/** One line for each option that is set but not served; empty when all is well. */
export function unsupportedOptions(options: Options): string[] {
  return UNSUPPORTED.filter(({ isUsed }) => isUsed(options))
    .map(({ name, reason }) => `option ${name} ${reason}`);
}

/**
 * Whether certificates would have to be stapled: all of them in mode `always`,
 * in the others, or without any, those that demand it.
 */
function asksForStaples(options: Options): boolean {
  const { ocsp, tls, cluster, gateway, websocket, mqtt } = options;
  if (ocsp?.mode === "always") return true;
  if (ocsp?.mode === "never") return false;
  return [tls, cluster.tls, gateway.tls, websocket.tls, mqtt.tls].some((
    block,
  ) => block?.identities.some(demandsStaple));
}

/** Whether some `tls` block of the configuration has a property. */
function anyTls(
  has: (tls: TlsBlock) => boolean,
): (options: Options) => boolean {
  return (options) => {
    const { cluster, gateway, leafnodes, websocket, mqtt } = options;
    const blocks = [
      options.tls,
      options.resolverTls,
      ...[cluster, gateway, leafnodes, websocket, mqtt].map(({ tls }) => tls),
      ...gateway.gateways.map(({ tls }) => tls),
      ...leafnodes.remotes.flatMap(({ tls, proxy }) => [tls, proxy?.tls]),
    ];
    return blocks.some((tls) => tls !== undefined && has(tls));
  };
}

/** Whether a list leaves out something that the platform would negotiate. */
function excludes(
  list: readonly string[] | undefined,
  platform: ReadonlySet<string>,
): boolean {
  return list !== undefined &&
    [...platform].some((name) => !list.includes(name));
}

/** Whether a list asks for another choice than the platform makes. */
function choosesCurves(list: readonly string[] | undefined): boolean {
  if (list === undefined) return false;
  const usual = CURVES.filter((name) => PLATFORM_CURVES.has(name));
  const asked = list.filter((name) => PLATFORM_CURVES.has(name));
  return asked.join() !== usual.join();
}
