/**
 * A service that decides who a client is, asked step by step: it shows what
 * it was asked and answers as a scenario wants.
 *
 * @module
 */

import { createCurve, type KeyPair } from "@nats-io/nkeys";
import {
  claimsOf,
  forge,
  inSeconds,
  type UserFields,
} from "../../tools/operator.ts";
import { consult, type Service, type Step } from "../harness/mod.ts";

/** What a service is asked. */
export interface Question {
  /** Public key that the answer must be about. */
  readonly user: string;
  readonly server: string;
  readonly serverCurve: string;
  readonly clientName: string;
  /** The request as it came. */
  readonly token: string;
}

/** What a service answers: text, or bytes; null: nothing. */
export type Answer = (question: Question) => string | Uint8Array | null;

/** The service's curve key, for those who encrypt. */
export const CURVE = createCurve();

/** Answers the next request that `on` gets, and records nothing of it. */
export function decide(on: string, answer: Answer): Step {
  return consult(on, service(answer, () => []));
}

/** The same, and records what the request says. */
export function decideSeen(on: string, answer: Answer): Step {
  return consult(on, service(answer, shown));
}

/** The same for a request that is encrypted for `CURVE`. */
export function decideSealed(on: string, answer: Answer): Step {
  return consult(on, async ({ header, body }) => {
    const sender = /Nats-Server-Xkey: (\S+)/.exec(header)?.[1] ?? "";
    const opened = CURVE.open(bytes(body), sender);
    if (opened === null) return { seen: ["can't be opened"], answer: null };
    const inner = await service(answer, shown)({
      header: "",
      body: text(opened),
    });
    const [, payload] = inner.seen;
    return {
      seen: [header.replace(sender, "<curve key>"), payload ?? ""],
      answer: inner.answer,
    };
  });
}

function service(
  answer: Answer,
  show: (header: string, token: string) => string[],
): Service {
  return ({ header, body }) => {
    const { nats } = Object(claimsOf(body));
    const given = answer({
      user: nats.user_nkey,
      server: nats.server_id.id,
      serverCurve: nats.server_id.xkey,
      clientName: nats.connect_opts.name,
      token: body,
    });
    return Promise.resolve({
      seen: show(header, body),
      answer: typeof given === "string" ? bytes(given) : given,
    });
  };
}

/** Header and claims, with what varies replaced. */
function shown(header: string, token: string): string[] {
  const [head = ""] = token.split(".");
  const { exp, iat, jti, nats, ...common } = Object(claimsOf(token));
  const { client_info: info, connect_opts: options, server_id: server } = nats;
  const { client_tls: tls } = nats;
  const claims = {
    ...common,
    jti: String(jti).length,
    exp: Number(exp) - Number(iat),
    nats: {
      ...nats,
      // Which of the suites that both sides know is the TLS library's choice.
      ...(tls === undefined
        ? {}
        : { client_tls: { ...tls, cipher: typeof tls.cipher } }),
      server_id: {
        ...server,
        ...(server.xkey === undefined ? {} : { xkey: "<curve key>" }),
      },
      client_info: {
        ...info,
        id: typeof info.id,
        ...(info.nonce === undefined ? {} : { nonce: info.nonce.length }),
      },
      connect_opts: {
        ...options,
        ...(options.jwt === undefined ? {} : { jwt: "<jwt>" }),
        ...(options.sig === undefined ? {} : { sig: options.sig.length }),
      },
    },
  };
  return [header, `${atob(head)} ${JSON.stringify(sorted(claims))}`];
}

/** The same with fields in the order of their names. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1)
      .map(([name, field]) => [name, sorted(field)]),
  );
}

/** An answer; fields of `claims` go into its claims, those of `nats` into their particular part. */
export function response(
  { user, server }: Question,
  signer: KeyPair,
  nats: Readonly<Record<string, unknown>>,
  claims: Readonly<Record<string, unknown>> = {},
): string {
  return forge(signer, {
    aud: server,
    iat: inSeconds(0),
    iss: signer.getPublicKey(),
    jti: "x",
    sub: user,
    ...claims,
    nats: { type: "authorization_response", version: 2, ...nats },
  });
}

/** The JWT of a user who may do all, but for what `nats` and `claims` say. */
export function userToken(
  { user }: Question,
  signer: KeyPair,
  nats: UserFields = {},
  claims: Readonly<Record<string, unknown>> = {},
): string {
  return forge(signer, {
    iat: inSeconds(0),
    iss: signer.getPublicKey(),
    jti: "x",
    sub: user,
    ...claims,
    nats: {
      pub: {},
      sub: {},
      subs: -1,
      data: -1,
      payload: -1,
      type: "user",
      version: 2,
      ...nats,
    },
  });
}

/** One byte per char. */
export function bytes(value: string): Uint8Array {
  return Uint8Array.from(value, (char) => char.charCodeAt(0));
}

function text(value: Uint8Array): string {
  return String.fromCharCode(...value);
}
