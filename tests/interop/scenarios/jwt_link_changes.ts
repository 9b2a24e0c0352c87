/**
 * Exports and imports that change with new JWTs while clients are connected.
 *
 * @module
 */

import { inSeconds } from "../../tools/operator.ts";
import {
  expect,
  lines,
  logged,
  pause,
  respond,
  type Scenario,
  scenario,
  type Step,
  type Steps,
  sync,
} from "../harness/mod.ts";
import {
  accountJwt,
  activation,
  administrator,
  citizen,
  type ClaimFields,
  operatorFixture,
  pushed,
  type Tenant,
  tenant,
} from "./operator_support.ts";

const id = (name: string) => `accounts/${name}`;

/** Claims of two accounts, at first and later; undefined: unchanged. */
interface Change {
  readonly name: string;
  readonly proves: Scenario["proves"];
  readonly exporter: readonly [ClaimFields, ClaimFields | undefined];
  readonly importer: readonly [ClaimFields, ClaimFields | undefined];
}

/** Makes the parts of a change that name its accounts. */
type Maker = (
  exporter: Tenant,
  importer: Tenant,
) => Change | Promise<Change>;

const s = { name: "s", type: "stream", subject: "s.>" };
const svc = { name: "svc", type: "service", subject: "svc.*" };
const offer = (...exports: ClaimFields[]) => ({ exports });
const want = ({ id: account }: Tenant, ...imports: ClaimFields[]) => ({
  imports: imports.map((entry) => ({ ...entry, account })),
});

const both = (row: string) => ({ positive: [id(row)], edge: [id(row)] });
const UPDATED = {
  positive: [id("update-removal"), "auth/account-update-effects"],
  edge: [id("update-removal"), "auth/account-update-effects"],
};

const CHANGES: readonly Maker[] = [
  (a) => ({
    name: "exports appear",
    proves: UPDATED,
    exporter: [{}, offer(s, svc)],
    importer: [want(a, s, svc), undefined],
  }),
  (a) => ({
    name: "exports go",
    proves: UPDATED,
    exporter: [offer(s, svc), {}],
    importer: [want(a, s, svc), undefined],
  }),
  (a) => ({
    name: "exports become narrower",
    proves: UPDATED,
    exporter: [
      offer(s, svc),
      offer({ ...s, subject: "s.b.>" }, { ...svc, subject: "svc.b" }),
    ],
    importer: [want(a, s, svc), undefined],
  }),
  (a) => ({
    name: "exports take tokens now",
    proves: both("activation-tokens"),
    exporter: [
      offer(s, svc),
      offer({ ...s, token_req: true }, { ...svc, token_req: true }),
    ],
    importer: [want(a, s, svc), undefined],
  }),
  (a) => ({
    name: "imports appear",
    proves: UPDATED,
    exporter: [offer(s, svc), undefined],
    importer: [{}, want(a, s, svc)],
  }),
  (a) => ({
    name: "imports go",
    proves: UPDATED,
    exporter: [offer(s, svc), undefined],
    importer: [want(a, s, svc), {}],
  }),
  (a) => ({
    name: "imports get other names",
    proves: UPDATED,
    exporter: [offer(s, svc), undefined],
    importer: [
      want(a, s, svc),
      want(a, { ...s, to: "new" }, { ...svc, local_subject: "new.*" }),
    ],
  }),
  async (a, b) => ({
    name: "tokens are revoked",
    proves: both("activation-tokens"),
    exporter: [
      offer({ ...s, token_req: true }, { ...svc, token_req: true }),
      offer(
        { ...s, token_req: true, revocations: { [b.id]: inSeconds(60) } },
        { ...svc, token_req: true, revocations: { "*": inSeconds(60) } },
      ),
    ],
    importer: [
      want(
        a,
        { ...s, token: await activation(a.key, b, "stream", "s.>") },
        { ...svc, token: await activation(a.key, b, "service", "svc.*") },
      ),
      undefined,
    ],
  }),
  async (a, b) => ({
    name: "a signing key that signed tokens goes",
    proves: both("activation-tokens"),
    exporter: [
      offer({ ...s, token_req: true }, { ...svc, token_req: true }),
      {
        ...offer({ ...s, token_req: true }, { ...svc, token_req: true }),
        signing_keys: [],
      },
    ],
    importer: [
      want(
        a,
        {
          ...s,
          token: await activation(a.signer, b, "stream", "s.>", {
            account: a,
          }),
        },
        {
          ...svc,
          token: await activation(a.signer, b, "service", "svc.*", {
            account: a,
          }),
        },
      ),
      undefined,
    ],
  }),
  (a) => ({
    name: "mappings appear and go",
    proves: {
      positive: ["sublist-and-mapping/jwt"],
      edge: ["sublist-and-mapping/jwt"],
    },
    exporter: [
      offer(s, svc),
      {
        ...offer(s, svc),
        mappings: { "s.a": [{ subject: "s.mapped", weight: 100 }] },
      },
    ],
    importer: [
      {
        ...want(a, s, svc),
        mappings: { "ask": [{ subject: "svc.a", weight: 100 }] },
      },
      want(a, s, svc),
    ],
  }),
];

/** The importer listens and asks; the exporter publishes and answers. */
const EXCHANGE: Steps = [
  lines("from", "PUB s.a 1", "x", "PUB s.b.c 1", "y"),
  sync("from", "to"),
  lines(
    "to",
    ...["svc.a", "svc.b", "new.a", "ask"].flatMap((subject) => [
      `PUB ${subject} in.1 3`,
      "req",
    ]),
  ),
  sync("to", "from"),
  respond("from", "from", "PUB {{reply}} 2", "ok"),
  sync("from", "to"),
];

interface Prepared {
  readonly change: Change;
  readonly exporter: Tenant;
  readonly importer: Tenant;
  readonly first: readonly [string, string];
  /** Steps that bring what is new. */
  readonly update: Steps[];
}

async function prepare(maker: Maker): Promise<Prepared> {
  const exporter = tenant();
  const importer = tenant();
  const change = await maker(exporter, importer);
  const update: Steps[] = [];
  for (
    const [who, [, next]] of [
      [exporter, change.exporter],
      [importer, change.importer],
    ] as const
  ) {
    if (next !== undefined) {
      update.push(pushed(who, await accountJwt(who, next)));
    }
  }
  const first = [
    await accountJwt(exporter, change.exporter[0]),
    await accountJwt(importer, change.importer[0]),
  ] as const;
  return { change, exporter, importer, first, update };
}

const prepared = await Promise.all(CHANGES.map(prepare));

/** Accounts of the scenarios that need more than two, or time. */
const BRIEF = { exporter: tenant(), importer: tenant() };
const END = 3;
const [RING_A, RING_B, LOST] = [tenant(), tenant(), tenant()];
const MEASURED = { exporter: tenant(), importer: tenant() };
const ring = (to: Tenant) => ({
  exports: [{ name: "r", type: "service", subject: "r" }, {
    name: "rs",
    type: "stream",
    subject: "rs",
  }],
  imports: [
    { name: "r", type: "service", subject: "r", account: to.id },
    { name: "rs", type: "stream", subject: "rs", account: to.id },
  ],
});

const FIXTURE = operatorFixture([
  ...prepared.flatMap(({ exporter, importer, first: [offered, wanted] }) => [
    [exporter, offered] as const,
    [importer, wanted] as const,
  ]),
  [
    BRIEF.exporter,
    await accountJwt(BRIEF.exporter, offer({ ...s, token_req: true }, svc)),
  ],
  [BRIEF.importer, await accountJwt(BRIEF.importer, {})],
  [RING_A, await accountJwt(RING_A, ring(RING_B))],
  [RING_B, await accountJwt(RING_B, ring(RING_A))],
  [LOST, await accountJwt(LOST, want(tenant(), s, svc))],
  [
    MEASURED.exporter,
    await accountJwt(
      MEASURED.exporter,
      offer({ ...svc, service_latency: { sampling: 100, results: "lat" } }),
    ),
  ],
  [
    MEASURED.importer,
    await accountJwt(MEASURED.importer, want(MEASURED.exporter, svc)),
  ],
]);

async function party(exporter: Tenant, importer: Tenant): Promise<Steps[]> {
  return [
    await citizen("from", exporter),
    await citizen("to", importer),
    lines("from", "SUB svc.* 1"),
    lines("to", "SUB > 2"),
    sync("from", "to"),
  ];
}

const changed = await Promise.all(
  prepared.map(async ({ change, exporter, importer, update }) =>
    scenario(
      FIXTURE,
      `JWT changes - ${change.name}`,
      change.proves,
      await party(exporter, importer),
      EXCHANGE,
      administrator(),
      update,
      EXCHANGE,
    )
  ),
);

/** Brings a JWT whose token ends after some seconds. */
async function ending(): Promise<Step | Steps[]> {
  const { exporter, importer } = BRIEF;
  const token = await activation(exporter.key, importer, "stream", "s.>", {
    exp: inSeconds(END),
  });
  return pushed(
    importer,
    await accountJwt(importer, want(exporter, { ...s, token })),
  );
}

export const JWT_LINK_CHANGES: readonly Scenario[] = [
  ...changed,
  scenario(
    FIXTURE,
    "JWT changes - a token ends while clients are connected",
    both("activation-tokens"),
    await party(BRIEF.exporter, BRIEF.importer),
    administrator(),
    await ending(),
    pause(END * 1000 + 1500),
    lines("from", "PUB s.a 1", "x"),
    sync("from", "to"),
  ),
  scenario(
    FIXTURE,
    "JWT links - that lead back are not tied",
    both("cycles"),
    await citizen("a", RING_A),
    await citizen("b", RING_B),
    lines("a", "SUB r 1", "SUB rs 2"),
    lines("b", "SUB r 1", "SUB rs 2"),
    sync("a", "b"),
    lines("b", "PUB r in.1 1", "x", "PUB rs 1", "y"),
    sync("b", "a"),
    lines("a", "PUB r in.1 1", "x", "PUB rs 1", "y"),
    sync("a", "b"),
  ),
  scenario(
    FIXTURE,
    "JWT links - to accounts that nobody knows are complained about",
    { edge: [id("errors")], positive: [id("errors")] },
    await citizen("to", LOST),
    logged(
      /\[ERR\] Can't locate account \[A\w+\] for import of \[s\.>\] stream/,
    ),
    logged(
      /\[ERR\] Can't locate account \[A\w+\] for import of \[svc\.\*\] service/,
    ),
    lines("to", "SUB > 2", "PUB svc.a in.1 3", "req"),
    sync("to"),
  ),
  scenario(
    FIXTURE,
    "JWT links - latency is reported as the claims say",
    { positive: [id("config-3"), id("event")] },
    await party(MEASURED.exporter, MEASURED.importer),
    lines("from", "SUB lat 9"),
    sync("from"),
    lines("to", "PUB svc.a in.1 3", "req"),
    sync("to", "from"),
    respond("from", "from", "PUB {{reply}} 2", "ok"),
    expect("from", "service_latency"),
    sync("to"),
  ),
];
