/**
 * Requests about account JWTs in the system account, as `nsc push` and other
 * servers make them.
 *
 * @module
 */

import { encodeGeneric } from "@nats-io/jwt";
import { createOperator, type KeyPair } from "@nats-io/nkeys";
import type { Claims } from "../../tools/capability.ts";
import { forge, inSeconds, userJwt } from "../../tools/operator.ts";
import {
  aloneScenario,
  closed,
  type Fixture,
  gather,
  lines,
  logged,
  quiet,
  type Scenario,
  scenario,
  type Steps,
  sync,
} from "../harness/mod.ts";
import {
  accountJwt,
  administrator,
  asked,
  citizen,
  type ClaimFields,
  OPERATOR,
  operatorFixture,
  presenting,
  SYSTEM,
  type Tenant,
  tenant,
} from "./operator_support.ts";

const id = (name: string) => `auth/${name}`;
const UPDATE = "$SYS.REQ.CLAIMS.UPDATE";
const DELETE = "$SYS.REQ.CLAIMS.DELETE";
const update = (account: string) => `$SYS.REQ.ACCOUNT.${account}.CLAIMS.UPDATE`;
const lookup = (account: string) => `$SYS.REQ.ACCOUNT.${account}.CLAIMS.LOOKUP`;

/** In use from the start, unless nobody connects. */
const KNOWN = tenant();
const FRESH = tenant();
const KNOWN_JWT = await accountJwt(KNOWN);
const FRESH_JWT = await accountJwt(FRESH);

const RESOLVERS = {
  full: "resolver: {type: full, dir: '{{dir}}/jwt', allow_delete: true}",
  kept: "resolver: {type: full, dir: '{{dir}}/jwt'}",
  cache: "resolver: {type: cache, dir: '{{dir}}/jwt', ttl: '1h'}",
  memory: "resolver: MEMORY",
} as const;

function fixture(resolver: keyof typeof RESOLVERS): Fixture {
  return operatorFixture([[KNOWN, KNOWN_JWT]], RESOLVERS[resolver]);
}

const FIXTURES: Readonly<Record<keyof typeof RESOLVERS, Fixture>> = {
  full: fixture("full"),
  kept: fixture("kept"),
  cache: fixture("cache"),
  memory: fixture("memory"),
};

/** A JWT with claims that `accountJwt` would refuse to write. */
async function odd(
  account: Tenant,
  claims: ClaimFields,
  more: ClaimFields = {},
): Promise<string> {
  const token = await accountJwt(account);
  const [, payload = ""] = token.split(".");
  const fields = JSON.parse(
    atob(payload.replaceAll("-", "+").replaceAll("_", "/")),
  );
  const nats = { ...fields.nats, ...claims };
  return forge(OPERATOR.key, { ...fields, nats, ...more });
}

function deletion(
  signer: KeyPair,
  data: ClaimFields,
  subject: KeyPair = signer,
): Promise<string> {
  return encodeGeneric("delete", subject, "delete", data, { signer });
}

/** What is brought to every kind of resolver, by the subject that it is brought to. */
const UPDATES:
  readonly (readonly [string, string, string, "positive" | "edge"])[] = [
    ["an account in use", update(KNOWN.id), KNOWN_JWT, "positive"],
    [
      "an account in use, by its old subject",
      `$SYS.ACCOUNT.${KNOWN.id}.CLAIMS.UPDATE`,
      await accountJwt(KNOWN, { description: "old" }),
      "positive",
    ],
    [
      "an account in use, unnamed",
      UPDATE,
      await accountJwt(KNOWN, { description: "unnamed" }),
      "positive",
    ],
    ["another account than is named", update(KNOWN.id), FRESH_JWT, "edge"],
    ["an account that is not in use", update(FRESH.id), FRESH_JWT, "positive"],
    ["no JWT at all", update(KNOWN.id), "nonsense", "edge"],
    ["no JWT at all, unnamed", UPDATE, "non.sense", "edge"],
    ["nothing", update(KNOWN.id), "", "edge"],
    ["a user's JWT", update(KNOWN.id), await userJwt(KNOWN.key), "edge"],
    [
      "a forged JWT",
      update(KNOWN.id),
      KNOWN_JWT.slice(0, -4) + "AAAA",
      "edge",
    ],
    [
      "invalid claims",
      update(KNOWN.id),
      await odd(KNOWN, {
        exports: [{ name: "x", subject: "a b", type: "stream" }],
      }),
      "edge",
    ],
    [
      "invalid claims, unnamed",
      UPDATE,
      await odd(KNOWN, {
        exports: [
          { name: "x", subject: "a.>", type: "stream" },
          { name: "y", subject: "a.b", type: "stream" },
        ],
      }),
      "edge",
    ],
    [
      "mappings that can't be",
      update(KNOWN.id),
      await odd(KNOWN, {
        mappings: { "a.*": [{ subject: "b.$2", weight: 100 }] },
      }),
      "edge",
    ],
    [
      "a mapping twice",
      update(KNOWN.id),
      await odd(KNOWN, {
        mappings: {
          "a": [{ subject: "b", weight: 10 }, { subject: "b", weight: 10 }],
        },
      }),
      "edge",
    ],
    [
      "a JWT by a stranger",
      update(KNOWN.id),
      await OPERATOR.account(KNOWN.key, {}, { signer: createOperator() }),
      "edge",
    ],
    [
      "a JWT that has expired",
      update(KNOWN.id),
      await accountJwt(KNOWN, {}, { exp: inSeconds(-60) }),
      "edge",
    ],
  ];

function updates(resolver: keyof typeof RESOLVERS): Scenario[] {
  return UPDATES.filter(([, subject]) =>
    resolver !== "memory" || subject !== UPDATE
  ).map(([name, subject, token, kind]) => {
    const proves: Claims = {
      [kind]: [id("claim-apis"), "system-events/claims"],
    };
    // What is refused or expires may end the account for its users.
    return aloneScenario(
      FIXTURES[resolver],
      `claims ${resolver} - brought: ${name}`,
      proves,
      citizenOf(resolver),
      administrator(),
      asked(subject, token),
    );
  });
}

const knownCitizen = await citizen("a", KNOWN);

/** Somebody who makes the server use the account. */
function citizenOf(_resolver: keyof typeof RESOLVERS): Steps[] {
  return knownCitizen;
}

const both = (...rows: string[]): Claims => ({
  positive: rows.map(id),
  edge: rows.map(id),
});

const DELETIONS:
  readonly (readonly [string, Promise<string>, "positive" | "edge"])[] = [
    [
      "by the operator",
      deletion(OPERATOR.key, { accounts: [KNOWN.id] }),
      "positive",
    ],
    [
      "by a signing key of the operator",
      deletion(OPERATOR.signingKey, { accounts: [KNOWN.id, FRESH.id] }),
      "positive",
    ],
    [
      "by a stranger",
      deletion(createOperator(), { accounts: [KNOWN.id] }),
      "edge",
    ],
    [
      "for somebody else",
      deletion(OPERATOR.key, { accounts: [KNOWN.id] }, OPERATOR.signingKey),
      "edge",
    ],
    [
      "of the system account",
      deletion(OPERATOR.key, { accounts: [KNOWN.id, SYSTEM.id] }),
      "edge",
    ],
    [
      "of what is no account",
      deletion(OPERATOR.key, { accounts: ["x"] }),
      "edge",
    ],
    ["of no list", deletion(OPERATOR.key, { accounts: KNOWN.id }), "edge"],
    ["of nothing", deletion(OPERATOR.key, {}), "edge"],
    ["that is no JWT", Promise.resolve("nonsense"), "edge"],
  ];

function deletions(resolver: keyof typeof RESOLVERS): Promise<Scenario[]> {
  return Promise.all(DELETIONS.map(async ([name, token, kind]) =>
    aloneScenario(
      FIXTURES[resolver],
      `claims ${resolver} - delete ${name}`,
      { [kind]: [id("delete"), id("claim-apis")] },
      knownCitizen,
      administrator(),
      asked(DELETE, await token),
      quiet("a"),
      asked("$SYS.REQ.CLAIMS.LIST", ""),
    )
  ));
}

const freshUser = await userJwt(FRESH.key, {}, { user: FRESH.user });

export const CLAIM_REQUESTS: readonly Scenario[] = [
  ...updates("full"),
  ...updates("cache"),
  ...updates("memory"),
  ...await deletions("full"),
  ...(await deletions("kept")).slice(0, 2),
  scenario(
    FIXTURES.full,
    "claims full - a pushed account works at once, and is listed and found",
    both("claim-apis", "full", "nats-lookup"),
    administrator(),
    presenting("early", freshUser, FRESH.user),
    closed("early"),
    asked(update(FRESH.id), FRESH_JWT),
    presenting("late", freshUser, FRESH.user),
    sync("late"),
    asked("$SYS.REQ.CLAIMS.LIST", ""),
    asked(lookup(FRESH.id), ""),
    asked(lookup(tenant().id), ""),
    lines("sys", `PUB ${lookup("nonsense")} in.1 0`, ""),
    quiet("sys"),
    logged(
      /\[ERR\] DirResolver - Error looking up account "nonsense": invalid public key/,
    ),
  ),
  aloneScenario(
    FIXTURES.full,
    "claims full - packs go to who has another hash",
    both("claim-apis", "full"),
    administrator(),
    lines("sys", "PUB $SYS.REQ.CLAIMS.PACK in.1 4", "hash"),
    gather("sys", 3),
    lines("sys", "PUB $SYS.REQ.CLAIMS.PACK 4", "hash"),
    quiet("sys"),
  ),
  scenario(
    FIXTURES.cache,
    "claims cache - what is not in use is not kept",
    both("cache", "claim-apis"),
    administrator(),
    asked(update(FRESH.id), FRESH_JWT),
    asked("$SYS.REQ.CLAIMS.LIST", ""),
    lines("sys", `PUB ${lookup(KNOWN.id)} in.1 0`, ""),
    lines("sys", "PUB $SYS.REQ.CLAIMS.PACK in.1 0", ""),
    quiet("sys"),
  ),
  scenario(
    FIXTURES.full,
    "claims full - users of other accounts can't ask",
    { edge: [id("claim-apis")] },
    knownCitizen,
    administrator(),
    lines("a", "SUB in.> 1"),
    lines("a", `PUB ${update(KNOWN.id)} in.1 1`, "x"),
    lines("a", "PUB $SYS.REQ.CLAIMS.LIST in.1 0", ""),
    lines("a", `PUB ${lookup(KNOWN.id)} in.1 0`, ""),
    sync("a"),
    quiet("a"),
    quiet("sys", 50),
  ),
];
