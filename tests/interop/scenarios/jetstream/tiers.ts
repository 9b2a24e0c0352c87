/**
 * Limits that the JWTs of accounts set, by tier or for all streams.
 *
 * @module
 */

import { createAccount, createUser, type KeyPair } from "@nats-io/nkeys";
import { NO_LIMITS, TestOperator, userJwt } from "../../../tools/operator.ts";
import {
  api,
  type Fixture,
  jetStreamClient,
  monitor,
  published,
  type Scenario,
  scenario,
  type Step,
  type Steps,
} from "../../harness/mod.ts";
import { jetStreamServer, rows } from "./fixtures.ts";
import { storedStream } from "./recovered.ts";

const operator = new TestOperator();
const SYSTEM = createAccount();
const FLAT = createAccount();
const TIERED = createAccount();
const THREE = createAccount();
const BARE = createAccount();
const user = createUser();

const limits = { ...NO_LIMITS.limits };
const TIER = {
  mem_storage: 10_000,
  disk_storage: 20_000,
  streams: 2,
  consumer: 3,
  max_ack_pending: 0,
  mem_max_stream_bytes: 0,
  disk_max_stream_bytes: 0,
  max_bytes_required: false,
};

/** Limits by tier, which the library has no types for. */
function withTiers(tiers: object): typeof limits {
  return Object.assign({ ...limits }, { tiered_limits: tiers });
}

/** JWTs by account. */
const TOKENS: readonly [KeyPair, string][] = [
  [SYSTEM, await operator.account(SYSTEM)],
  [FLAT, await operator.account(FLAT, { limits: { ...limits, ...TIER } })],
  [
    TIERED,
    await operator.account(TIERED, {
      limits: withTiers({ R1: TIER, R3: { ...TIER, streams: 5 } }),
    }),
  ],
  [
    THREE,
    await operator.account(THREE, {
      limits: withTiers({ R3: TIER }),
    }),
  ],
  [BARE, await operator.account(BARE)],
];

const preload = TOKENS.map(([key, token]) =>
  `${key.getPublicKey()}: "${token}"`
);
const SERVER = jetStreamServer(
  `operator: "${await operator.jwt()}"
   system_account: ${SYSTEM.getPublicKey()}
   resolver: MEMORY
   resolver_preload { ${preload.join("\n")} }`,
);

/** The same, but accounts have streams already. */
const FILLED: Fixture = {
  ...jetStreamServer(
    `operator: "${await operator.jwt()}"
     system_account: ${SYSTEM.getPublicKey()}
     resolver { type: full, dir: "{{dir}}/jwt" }`,
  ),
  files: Object.assign(
    {},
    ...TOKENS.map(([key, token]) => ({
      [`jwt/${key.getPublicKey()}.jwt`]: token,
    })),
    ...[FLAT, TIERED, BARE, SYSTEM].map((account) =>
      storedStream("FOUND", {}, undefined, account.getPublicKey())
    ),
    storedStream("FOUND", {}, undefined, `A${"B".repeat(55)}`),
  ),
};

/** What monitoring tells of JetStream. */
interface Overview {
  readonly accounts: number;
  readonly streams: number;
  readonly account_details: readonly { readonly name: string }[];
}

/** Numbers, and which accounts there are. */
function accountsOf({ accounts, streams, account_details }: Overview) {
  const names = account_details.map(({ name }) => name).sort();
  return { accounts, streams, names };
}

/** A client of an account, by a token that needs no signature. */
async function member(account: KeyPair): Promise<Step[]> {
  const jwt = await userJwt(account, { bearer_token: true }, { user });
  return jetStreamClient("a", { jwt });
}

function create(name: string, more: Record<string, unknown> = {}): Step[] {
  return api("a", `STREAM.CREATE.${name}`, {
    name,
    subjects: [`${name}.>`],
    storage: "memory",
    ...more,
  });
}

const gone = (...names: string[]) =>
  names.flatMap((name) => api("a", `STREAM.DELETE.${name}`));

function of(
  name: string,
  positive: string[],
  edge: string[],
  ...steps: Steps[]
): Scenario {
  return scenario(SERVER, `JetStream tiers - ${name}`, {
    positive: rows(positive),
    edge: rows(edge),
  }, ...steps);
}

export const TIERS: readonly Scenario[] = [
  scenario(
    FILLED,
    "JetStream tiers - accounts that nobody has asked for",
    { positive: rows(["boot-order"]), edge: rows(["boot-order"]) },
    monitor("/jsz?accounts=true", (body) => accountsOf(body as Overview)),
    await member(FLAT),
    api("a", "STREAM.NAMES"),
    api("a", "STREAM.INFO.FOUND"),
  ),
  of(
    "one set of limits",
    ["tier-selection", "limits-json"],
    [],
    await member(FLAT),
    api("a", "INFO"),
    create("ONE", { max_bytes: 4000 }),
    api("a", "INFO"),
    gone("ONE"),
  ),
  of(
    "limits by tier",
    ["tier-selection", "flat-vs-tier-accounting"],
    ["tier-selection", "flat-vs-tier-accounting", "limits-json"],
    await member(TIERED),
    api("a", "INFO"),
    create("ONE", { max_bytes: 6000 }),
    published("a", "ONE.a", "hello"),
    api("a", "INFO"),
    create("TWO", { max_bytes: 6000 }),
    create("TWO", { max_bytes: 4000 }),
    create("THREE"),
    create("THREE", { num_replicas: 3 }),
    api("a", "INFO"),
    gone("ONE", "TWO"),
    api("a", "INFO"),
  ),
  of(
    "no tier for a stream",
    [],
    ["tier-selection"],
    await member(THREE),
    api("a", "INFO"),
    create("ONE"),
    create("ONE", { num_replicas: 3 }),
  ),
  of(
    "an account whose JWT says nothing of JetStream",
    [],
    ["account-without-js"],
    await member(BARE),
    api("a", "INFO"),
    create("ONE"),
  ),
];
