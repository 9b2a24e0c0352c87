/**
 * Exports and imports in the JWTs of accounts.
 *
 * @module
 */

import { inSeconds, type Times } from "../../tools/operator.ts";
import {
  type Fixture,
  lines,
  respond,
  type Scenario,
  scenario,
  type Steps,
  sync,
} from "../harness/mod.ts";
import {
  accountJwt,
  activation,
  citizen,
  type ClaimFields,
  operatorFixture,
  type Tenant,
  tenant,
} from "./operator_support.ts";

const id = (name: string) => `accounts/${name}`;

type TokenMaker = (exporter: Tenant, importer: Tenant) => Promise<string>;

/** What an exporter has and an importer wants. */
interface Deal {
  readonly exports: readonly ClaimFields[];
  readonly imports: readonly ClaimFields[];
  /** Makes the token of the first import. */
  readonly token?: TokenMaker;
}

/** A scenario's two accounts with their JWTs; they share a server with all others. */
interface Pair {
  readonly exporter: Tenant;
  readonly importer: Tenant;
  readonly jwts: readonly [string, string];
}

async function pairOf({ exports, imports, token }: Deal): Promise<Pair> {
  const exporter = tenant();
  const importer = tenant();
  const activated = await token?.(exporter, importer);
  const wanted = imports.map((entry, i) => ({
    name: `import${i}`,
    account: exporter.id,
    ...entry,
    ...(i === 0 && activated !== undefined ? { token: activated } : {}),
  }));
  const fill = (entry: ClaimFields) =>
    Object.fromEntries(
      Object.entries(entry).map(([field, value]) => [
        field,
        typeof value === "string"
          ? value.replaceAll("IMPORTER", importer.id)
          : field === "revocations"
          ? revocations(value, importer.id)
          : value,
      ]),
    );
  const offered = exports.map((entry, i) => ({
    name: `export${i}`,
    ...fill(entry),
  }));
  return {
    exporter,
    importer,
    jwts: [
      await accountJwt(exporter, { exports: offered }),
      await accountJwt(importer, { imports: wanted.map(fill) }),
    ],
  };
}

function revocations(value: unknown, importer: string): ClaimFields {
  return Object.fromEntries(
    Object.entries(value ?? {}).map(([key, time]) => [
      key === "IMPORTER" ? importer : key,
      time,
    ]),
  );
}

const stream = (subject: string, more: ClaimFields = {}) => ({
  type: "stream",
  subject,
  ...more,
});
const service = (subject: string, more: ClaimFields = {}) => ({
  type: "service",
  subject,
  ...more,
});

const by = {
  itself: (
    kind: "service" | "stream",
    subject: string,
    times: Times = {},
  ): TokenMaker =>
  (exporter, importer) =>
    activation(exporter.key, importer, kind, subject, times),
  signingKey:
    (kind: "service" | "stream", subject: string): TokenMaker =>
    (exporter, importer) =>
      activation(exporter.signer, importer, kind, subject, {
        account: exporter,
      }),
  stranger:
    (kind: "service" | "stream", subject: string): TokenMaker =>
    (exporter, importer) =>
      activation(tenant().key, importer, kind, subject, { account: exporter }),
};

const TOKENED = { token_req: true };
const REVOKED = { token_req: true, revocations: { IMPORTER: inSeconds(60) } };
const ALL_REVOKED = { token_req: true, revocations: { "*": inSeconds(60) } };
const ONCE_REVOKED = {
  token_req: true,
  revocations: { IMPORTER: inSeconds(-60), "*": inSeconds(-60) },
};

type Row = readonly [string, readonly string[], Deal, boolean];

/** Deals over a stream `s.>`; the importer listens to everything. */
const STREAMS: readonly Row[] = [
  ["public", ["stream-export", "config"], {
    exports: [stream("s.>")],
    imports: [stream("s.>")],
  }, true],
  ["public, with a prefix", ["stream-export", "config"], {
    exports: [stream("s.>")],
    imports: [stream("s.a.>", { to: "pre" })],
  }, true],
  ["public, by a subject of its own", ["stream-export", "config"], {
    exports: [stream("s.*.*")],
    imports: [stream("s.*.*", { local_subject: "mine.$2.$1" })],
  }, true],
  ["not exported", ["stream-export", "config"], {
    exports: [stream("other.>")],
    imports: [stream("s.>")],
  }, false],
  ["exported as a service only", ["stream-export", "config"], {
    exports: [service("s.>")],
    imports: [stream("s.>")],
  }, false],
  ["wider than exported", ["stream-export", "config"], {
    exports: [stream("s.a.*")],
    imports: [stream("s.>")],
  }, false],
  ["imported twice", ["duplicate"], {
    exports: [stream("s.>")],
    imports: [stream("s.>"), stream("s.>", { to: "again" })],
  }, true],
  ["with a token of the account", ["activation-tokens"], {
    exports: [stream("s.>", TOKENED)],
    imports: [stream("s.>")],
    token: by.itself("stream", "s.>"),
  }, true],
  ["with a token for more than is imported", ["activation-tokens"], {
    exports: [stream("s.>", TOKENED)],
    imports: [stream("s.a.>")],
    token: by.itself("stream", "s.>"),
  }, true],
  ["with a token by a signing key", ["activation-tokens"], {
    exports: [stream("s.>", TOKENED)],
    imports: [stream("s.>")],
    token: by.signingKey("stream", "s.>"),
  }, true],
  ["with a token revoked before it was issued", ["activation-tokens"], {
    exports: [stream("s.>", ONCE_REVOKED)],
    imports: [stream("s.>")],
    token: by.itself("stream", "s.>"),
  }, true],
  ["without the token that it takes", ["activation-tokens"], {
    exports: [stream("s.>", TOKENED)],
    imports: [stream("s.>")],
  }, false],
  ["with a token by a stranger", ["activation-tokens"], {
    exports: [stream("s.>", TOKENED)],
    imports: [stream("s.>")],
    token: by.stranger("stream", "s.>"),
  }, false],
  ["with a token that has expired", ["activation-tokens"], {
    exports: [stream("s.>", TOKENED)],
    imports: [stream("s.>")],
    token: by.itself("stream", "s.>", { exp: inSeconds(-60) }),
  }, false],
  ["with a token of tomorrow", ["activation-tokens"], {
    exports: [stream("s.>", TOKENED)],
    imports: [stream("s.>")],
    token: by.itself("stream", "s.>", { nbf: inSeconds(86_400) }),
  }, false],
  ["with a revoked token", ["activation-tokens"], {
    exports: [stream("s.>", REVOKED)],
    imports: [stream("s.>")],
    token: by.itself("stream", "s.>"),
  }, false],
  ["with all tokens revoked", ["activation-tokens"], {
    exports: [stream("s.>", ALL_REVOKED)],
    imports: [stream("s.>")],
    token: by.itself("stream", "s.>"),
  }, false],
  ["under its own name", ["authorization-order"], {
    exports: [stream("s.*.b", { account_token_position: 2 })],
    imports: [stream("s.IMPORTER.b", { to: "mine" })],
  }, true],
  ["under somebody else's name", ["authorization-order"], {
    exports: [stream("s.*.b", { account_token_position: 2 })],
    imports: [stream("s.a.b")],
  }, false],
  ["under everybody's name", ["authorization-order"], {
    exports: [stream("s.*.b", { account_token_position: 2 })],
    imports: [stream("s.*.b")],
  }, false],
];

/** The same for a service `svc.>` that the importer knows by that name, too. */
const SERVICES: readonly Row[] = [
  ["public", ["service-export", "config-2"], {
    exports: [service("svc.*")],
    imports: [service("svc.*")],
  }, true],
  ["public, by a subject of its own", ["service-export", "config-2"], {
    exports: [service("svc.a")],
    imports: [service("svc.a", { local_subject: "mine" })],
  }, true],
  ["public, in the older form", ["service-export", "config-2"], {
    exports: [service("svc.a")],
    imports: [service("mine", { to: "svc.a" })],
  }, true],
  ["that knows who asks", ["service-export", "config-2"], {
    exports: [service("svc.*")],
    imports: [service("svc.*", { share: true })],
  }, true],
  ["that answers in parts", ["service-export", "response-types"], {
    exports: [service("svc.*", { response_type: "Stream" })],
    imports: [service("svc.*")],
  }, true],
  ["that answers in chunks", ["response-types"], {
    exports: [service("svc.*", {
      response_type: "Chunked",
      response_threshold: 1_000_000_000,
    })],
    imports: [service("svc.*")],
  }, true],
  ["not exported", ["service-export", "config-2"], {
    exports: [service("other")],
    imports: [service("svc.*")],
  }, false],
  ["exported as a stream only", ["service-export", "config-2"], {
    exports: [stream("svc.*")],
    imports: [service("svc.*")],
  }, false],
  ["with a token of the account", ["activation-tokens"], {
    exports: [service("svc.*", TOKENED)],
    imports: [service("svc.*")],
    token: by.itself("service", "svc.*"),
  }, true],
  ["with a token by a signing key", ["activation-tokens"], {
    exports: [service("svc.*", TOKENED)],
    imports: [service("svc.*")],
    token: by.signingKey("service", "svc.*"),
  }, true],
  ["without the token that it takes", ["activation-tokens"], {
    exports: [service("svc.*", TOKENED)],
    imports: [service("svc.*")],
  }, false],
  ["with a token by a stranger", ["activation-tokens"], {
    exports: [service("svc.*", TOKENED)],
    imports: [service("svc.*")],
    token: by.stranger("service", "svc.*"),
  }, false],
  ["with a token that has expired", ["activation-tokens"], {
    exports: [service("svc.*", TOKENED)],
    imports: [service("svc.*")],
    token: by.itself("service", "svc.*", { exp: inSeconds(-60) }),
  }, false],
  ["with a revoked token", ["activation-tokens"], {
    exports: [service("svc.*", REVOKED)],
    imports: [service("svc.*")],
    token: by.itself("service", "svc.*"),
  }, false],
  ["under its own name", ["authorization-order"], {
    exports: [service("svc.*", { account_token_position: 2 })],
    imports: [service("svc.IMPORTER", { local_subject: "svc.a" })],
  }, true],
  ["under somebody else's name", ["authorization-order"], {
    exports: [service("svc.*", { account_token_position: 2 })],
    imports: [service("svc.x", { local_subject: "svc.a" })],
  }, false],
];

interface Dealt {
  readonly name: string;
  readonly claims: Scenario["proves"];
  readonly pair: Pair;
}

function made(rows: readonly Row[]): Promise<Dealt[]> {
  return Promise.all(rows.map(async ([name, ids, deal, allowed]) => ({
    name,
    claims: { [allowed ? "positive" : "edge"]: ids.map(id) },
    pair: await pairOf(deal),
  })));
}

const STREAM_DEALS = await made(STREAMS);
const SERVICE_DEALS = await made(SERVICES);

const SHARED: Fixture = operatorFixture(
  [...STREAM_DEALS, ...SERVICE_DEALS].flatMap((
    { pair: { exporter, importer, jwts: [offer, want] } },
  ) => [[exporter, offer] as const, [importer, want] as const]),
);

async function published({ exporter, importer }: Pair): Promise<Steps[]> {
  return [
    await citizen("to", importer),
    await citizen("from", exporter),
    lines("to", "SUB > 1"),
    sync("to"),
    lines(
      "from",
      "PUB s.a.b 1",
      "x",
      `PUB s.${importer.id}.b 1`,
      "y",
      "PUB s.b 1",
      "z",
    ),
    sync("from", "to"),
  ];
}

async function served({ exporter, importer }: Pair): Promise<Steps[]> {
  return [
    await citizen("asker", importer),
    await citizen("server", exporter),
    lines("server", "SUB svc.> 1"),
    lines("asker", "SUB in.> 1"),
    sync("server", "asker"),
    lines("asker", "PUB svc.a in.1 3", "ask", "PUB mine in.2 3", "ask"),
    sync("asker", "server"),
    respond(
      "server",
      "server",
      "PUB {{reply}} 3",
      "one",
      "PUB {{reply}} 3",
      "two",
    ),
    sync("server", "asker"),
  ];
}

const dealt = await Promise.all([
  ...STREAM_DEALS.map(async ({ name, claims, pair }) =>
    scenario(SHARED, `JWT streams - ${name}`, claims, await published(pair))
  ),
  ...SERVICE_DEALS.map(async ({ name, claims, pair }) =>
    scenario(SHARED, `JWT services - ${name}`, claims, await served(pair))
  ),
]);

export const JWT_LINKS: readonly Scenario[] = dealt;
