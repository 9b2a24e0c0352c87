/** Users, permissions, accounts, operator mode. */

import { assert, assertEquals } from "@std/assert";
import { capability } from "../../tools/capability.ts";
import {
  ACCOUNT_JWT,
  ACCOUNT_KEY,
  BEARER_JWT,
  CURVE_KEY,
  DEMANDING_OPERATOR_JWT,
  OPERATOR_JWT,
  OPERATOR_KEY,
  OTHER_USER_KEY,
  SERVER_KEY,
  USER_JWT,
  USER_KEY,
} from "../../tools/identities.ts";
import {
  assertContains,
  assertOptions,
  errors,
  options,
  ready,
  startFailure,
} from "./options_harness.ts";

const ROW =
  "config/authorization-accounts-no-auth-user-default-sentinel-proxies";

function both(...rows: string[]) {
  return { positive: [ROW, ...rows], edge: [ROW, ...rows] };
}

/** A user of the configuration, with what it says about permissions. */
function permissionsOf(text: string) {
  return options(
    `authorization { users: [ { user: a, permissions { ${text} } } ] }`,
  ).users[0]
    ?.permissions;
}

function refusedPermissions(text: string): string[] {
  return errors(
    `authorization { users: [ { user: a, permissions { ${text} } } ] }`,
  );
}

capability(
  "authorization - has a user, a token or users",
  both("auth/authorization-keys"),
  () => {
    assertOptions("authorization { username: a, pass: b, timeout: 0.5 }", {
      username: "a",
      password: "b",
      authTimeout: 500,
      authorizationDefined: true,
    });
    assertOptions(
      "authorization { token: t, timeout: '3s', proxy_required: true }",
      {
        authorization: "t",
        authTimeout: 3000,
        proxyRequired: true,
      },
    );
    assertOptions("no_auth_user: n\ndefault_sentinel: s", {
      noAuthUser: "n",
      defaultSentinel: "s",
    });
    assertEquals(errors("authorization { user: a, token: t }"), [
      "1:0: Cannot have a user/pass and token",
    ]);
    assertEquals(errors("authorization { token: t, users: [] }"), [
      "1:0: Can not have a token and a users array",
    ]);
    assertEquals(errors("authorization { timeout: true }"), [
      "1:16: error parsing authorization config, 'timeout' wrong type",
    ]);
  },
);

capability("users - have names or nkeys", both("auth/users-array"), () => {
  const { users, nkeys } = options(
    `authorization { users: [ { user: a, password: b, clients: [mqtt, Standard] }, ` +
      `{ nkey: ${USER_KEY}, proxy_required: true } ] }`,
  );
  assertContains(users[0] ?? {}, {
    username: "a",
    password: "b",
    account: undefined,
    permissions: undefined,
    allowedConnectionTypes: new Set(["MQTT", "STANDARD"]),
  });
  assertContains(nkeys[0] ?? {}, { nkey: USER_KEY, proxyRequired: true });
  assertEquals(
    errors("authorization { users: [ { password: b } ] }").map(bare),
    [
      "User entry requires a user",
    ],
  );
  assertEquals(
    errors(`authorization { users: [ { nkey: ${ACCOUNT_KEY} } ] }`).map(bare),
    [
      "Not a valid public nkey for a user",
    ],
  );
  assertEquals(
    errors(`authorization { users: [ { nkey: ${USER_KEY}, user: a } ] }`).map(
      bare,
    ),
    [
      "Nkey users do not take usernames or passwords",
    ],
  );
  assertEquals(
    errors("authorization { users: [ {user: a}, {user: a} ] }").map(bare),
    [
      'Duplicate user "a" detected',
    ],
  );
  assertEquals(
    errors("authorization { users: [ { user: a, clients: [x, mqtt] } ] }").map(
      bare,
    ),
    [
      'invalid connection types ["X"]',
    ],
  );
});

/** An error without its place. */
function bare(error: string): string {
  return error.replace(/^\d+:\d+: /, "");
}

capability("permissions - allow and deny", both("auth/forms"), () => {
  assertEquals(permissionsOf("publish: a, subscribe: [b, 'c.> q']"), {
    publish: { allow: ["a"], deny: [] },
    subscribe: { allow: ["b", "c.> q"], deny: [] },
  });
  assertEquals(
    permissionsOf("pub: { deny: [a] }, sub: { allow: b, deny: c }"),
    {
      publish: { allow: undefined, deny: ["a"] },
      subscribe: { allow: ["b"], deny: ["c"] },
    },
  );
  // An empty list restricts nothing.
  assertEquals(permissionsOf("publish: []")?.publish.allow, undefined);
  assertEquals(refusedPermissions("publish: 'a b'"), [
    'subject "a b" is not a valid subject',
  ]);
  assertEquals(refusedPermissions("subscribe: { allow: 'a b..c' }").map(bare), [
    'queue "b..c" is not a valid queue',
  ]);
  assertEquals(refusedPermissions("publish: { permit: a }").map(bare), [
    "Unknown field name \"permit\" parsing subject permissions, only 'allow' or 'deny' are permitted",
  ]);
});

capability(
  "permissions - allow responses",
  both("auth/allow-responses"),
  () => {
    const responding = permissionsOf("allow_responses: true");
    assertEquals(responding?.responses, { max: 1, expires: 120_000 });
    assertEquals(responding?.publish.allow, []);
    assertEquals(
      permissionsOf("publish: a, allow_responses: { max: -1, expires: '1m' }"),
      {
        publish: { allow: ["a"], deny: [] },
        subscribe: { allow: undefined, deny: [] },
        responses: { max: -1, expires: 60_000 },
      },
    );
    assertEquals(
      permissionsOf("allow_responses: { max: 0, ttl: '0s' }")?.responses,
      {
        max: 1,
        expires: 120_000,
      },
    );
    assertEquals(permissionsOf("allow_responses: false")?.responses, undefined);
    assertEquals(
      refusedPermissions("allow_responses: { expires: 5 }").map(bare),
      [
        "error parsing expires, not a duration string",
      ],
    );
  },
);

capability(
  "permissions - of the block apply to users without their own",
  both(),
  () => {
    const { users } = options(
      "authorization { users: [ {user: a}, {user: b, permissions: {publish: x}} ], " +
        "default_permissions: { publish: d } }",
    );
    assertEquals(users.map((user) => user.permissions?.publish.allow), [["d"], [
      "x",
    ]]);
  },
);

capability("auth_callout - names issuer and users", both(), () => {
  const callout = `issuer: ${ACCOUNT_KEY}, auth_users: [a]`;
  assertEquals(
    options(`authorization { auth_callout { ${callout}, xkey: ${CURVE_KEY} } }`)
      .authCallout,
    {
      issuer: ACCOUNT_KEY,
      account: "$G",
      authUsers: ["a"],
      xkey: CURVE_KEY,
      allowedAccounts: [],
    },
  );
  assertEquals(
    errors("authorization { auth_callout { auth_users: [a] } }").map(bare),
    [
      "Authorization callouts require an issuer to be specified",
    ],
  );
  assertEquals(
    errors(`authorization { auth_callout { issuer: ${ACCOUNT_KEY} } }`).map(
      bare,
    ),
    [
      "Authorization callouts require authorized users to be specified",
    ],
  );
  assertEquals(
    errors(`authorization { auth_callout { ${callout}, xkey: ${USER_KEY} } }`)
      .map(bare),
    [
      `Expected callout xkey to be a valid public xkey, got "${USER_KEY}"`,
    ],
  );
});

capability(
  "accounts - come as names or as blocks",
  both(
    "accounts/config-list-form",
    "accounts/config-map-form-keys",
    "accounts/duplicate-users",
    "accounts/default-permissions",
  ),
  () => {
    assertEquals(options("accounts: [A, B]").accounts.map(({ name }) => name), [
      "A",
      "B",
    ]);
    const { accounts, users, nkeys } = options(
      `accounts { A { nkey: ${ACCOUNT_KEY}, users: [ {user: a}, {nkey: ${OTHER_USER_KEY}} ], ` +
        "default_permissions: { publish: d }, mappings: { x: y }, jetstream: enabled, " +
        "limits: { max_conn: 1, max_subs: 2, max_payload: 3, max_leafs: 4 }, msg_trace: t } }",
    );
    assertContains(accounts[0] ?? {}, {
      nkey: ACCOUNT_KEY,
      mappings: [{
        source: "x",
        destinations: [{ subject: "y", weight: 100, cluster: "" }],
      }],
      limits: {
        maxConnections: 1,
        maxSubscriptions: 2,
        maxPayload: 3,
        maxLeafnodes: 4,
      },
      traceDestination: "t",
      traceSampling: 100,
    });
    assertEquals(accounts[0]?.jetstream?.maxMemory, -1);
    assertEquals([users[0]?.account, nkeys[0]?.account], ["A", "A"]);
    assertEquals(users[0]?.permissions?.publish.allow, ["d"]);
    assertEquals(errors("accounts: [A, A, '$G']").map(bare), [
      "Duplicate Account Entry: A",
      '"$G" is a Reserved Account',
    ]);
    assertEquals(
      errors("accounts { A { users: [{user: a}] }, B { users: [{user: a}] } }")
        .map(bare),
      [
        'Duplicate user "a" detected',
      ],
    );
    assertEquals(errors("accounts { A { nope: 1 } }").map(bare), [
      'unknown field "nope"',
    ]);
  },
);

capability("accounts - exports and imports fit together", {
  positive: ["accounts/errors", ROW],
}, () => {
  const linked = (exports: string, imports: string) =>
    `accounts { A { exports: [ ${exports} ] }, B { imports: [ ${imports} ] }, C {} }`;
  const { accounts } = options(linked(
    "{stream: 's.*', accounts: [B]}, {service: q, response: chunked, threshold: '1s'}, {service: v, latency: {subject: l, sampling: 5%}}",
    "{stream: {account: A, subject: 's.*'}, to: 't.$1'}, {service: {account: A, subject: q}, to: r, share: true}",
  ));
  assertEquals(accounts[0]?.exports.slice(0, 2), [
    {
      kind: "stream",
      subject: "s.*",
      accounts: ["B"],
      accountTokenPosition: 0,
    },
    {
      kind: "service",
      subject: "q",
      accounts: [],
      accountTokenPosition: 0,
      responseType: "chunked",
      responseThreshold: 1000,
      latency: undefined,
      allowTrace: false,
    },
  ]);
  assertEquals(accounts[1]?.imports, [
    {
      kind: "stream",
      account: "A",
      subject: "s.*",
      to: "t.$1",
      prefix: "",
      allowTrace: false,
    },
    { kind: "service", account: "A", subject: "q", to: "r", share: true },
  ]);
});

capability("accounts - exports and imports that do not fit are refused", {
  edge: ["accounts/errors", ROW],
}, () => {
  const cases: [string, string, string][] = [
    [
      "{stream: s}",
      "{stream: {account: X, subject: s}}",
      '"X" account not defined for stream import',
    ],
    [
      "{stream: s}",
      "{stream: {account: A, subject: t}}",
      'Error adding stream import "t": stream import not authorized',
    ],
    [
      "{service: s, accounts: [C]}",
      "{service: {account: A, subject: s}}",
      'Error adding service import "s": service import not authorized',
    ],
    [
      "{stream: s, accounts: [X]}",
      "",
      '"X" account not defined for stream export',
    ],
    [
      "{stream: s}",
      "{stream: {account: A, subject: s}, prefix: 'p.*'}",
      'Error adding stream import "s": stream import prefix can not contain wildcard tokens',
    ],
  ];
  for (const [exports, imports, problem] of cases) {
    const text =
      `accounts { A { exports: [ ${exports} ] }, B { imports: [ ${imports} ] }, C {} }`;
    assertEquals(errors(text), [`1:0: ${problem}`]);
  }
  const ring = (kind: string) =>
    `accounts { A { exports: [{${kind}: x}], imports: [{${kind}: {account: B, subject: x}}] }, ` +
    `B { exports: [{${kind}: x}], imports: [{${kind}: {account: A, subject: x}}] } }`;
  for (const kind of ["stream", "service"]) {
    assertEquals(errors(ring(kind)), [
      `1:0: Error adding ${kind} import "x": import forms a cycle`,
    ]);
  }
});

capability(
  "operators - come from files or stand in the configuration",
  both("auth/operator-option"),
  () => {
    const inline = options(`operator: ${OPERATOR_JWT}`);
    assertContains(inline.trustedOperators[0] ?? {}, {
      name: "O",
      subject: OPERATOR_KEY,
      systemAccount: ACCOUNT_KEY,
      assertServerVersion: "2.9.0",
      signingKeys: [OPERATOR_KEY],
    });
    assertEquals(inline.systemAccount, ACCOUNT_KEY);
    assertEquals(inline.resolver, {
      kind: "url",
      url: "http://localhost:9090/jwt/v1/accounts/",
    });
    const decorated =
      `-----BEGIN NATS OPERATOR JWT-----\n${OPERATOR_JWT}\n------END NATS OPERATOR JWT------\n`;
    const filed = options("system_account: S\nresolver: MEM\noperator: o.jwt", {
      files: { "o.jwt": decorated },
    });
    assertEquals([filed.systemAccount, filed.resolver?.kind], ["S", "memory"]);
    const broken: [string, string][] = [
      ["missing.jwt", "open missing.jwt: no such file or directory"],
      ["eyJx", "expected 3 chunks"],
      [ACCOUNT_JWT, "not operator claim"],
      [
        OPERATOR_JWT.slice(0, -6) + "AAAAAA",
        "claim failed V2 signature verification",
      ],
    ];
    for (const [operator, reason] of broken) {
      assertEquals(errors(`operator: ${operator}`), [
        `1:0: error parsing operator JWT: ${reason}`,
      ]);
    }
  },
);

capability(
  "operator mode - excludes local users and accounts",
  both("auth/restrictions"),
  () => {
    const operator = `operator: ${OPERATOR_JWT}\nresolver: MEM\n`;
    const o = ready(operator);
    assertEquals(o.trustedKeys, [OPERATOR_KEY, OPERATOR_KEY]);
    const cases: [string, string][] = [
      [
        "accounts: [A]",
        "operators do not allow Accounts to be configured directly",
      ],
      [
        "authorization { users: [ {user: a} ] }",
        "operators do not allow users to be configured directly",
      ],
      [
        `trusted: ${OPERATOR_KEY}`,
        "conflicting options for 'TrustedKeys' and 'TrustedOperators'",
      ],
      [
        "system_account: S",
        "system_account in config and operator JWT must be identical",
      ],
      ["no_auth_user: a", "no_auth_user not compatible with Trusted Operator"],
      ["default_sentinel: x", "default sentinel JWT not valid"],
      [
        `default_sentinel: ${USER_JWT}`,
        "default sentinel must be a bearer token",
      ],
    ];
    for (const [text, message] of cases) {
      assertEquals(
        startFailure(operator + text),
        message,
      );
    }
    assertEquals(
      ready(`${operator}default_sentinel: ${BEARER_JWT}`).defaultSentinel,
      BEARER_JWT,
    );
    assertEquals(
      startFailure(`operator: ${DEMANDING_OPERATOR_JWT}\nresolver: MEM`),
      `operator ${OPERATOR_KEY} expected major version 3 > server major version 2`,
    );
  },
);

capability(
  "resolver - has three forms",
  both("auth/syntax", "auth/option-errors"),
  () => {
    assertOptions("resolver: memory", { resolver: { kind: "memory" } });
    assertOptions('resolver: "url(http://h/x)"', {
      resolver: { kind: "url", url: "http://h/x/" },
    });
    assertOptions(
      "resolver { type: FULL, dir: d, allow_delete: true, limit: 5, timeout: '1s', interval: '2s' }",
      {
        resolver: {
          kind: "full",
          directory: "d",
          limit: 5,
          interval: 2000,
          delete: "rename",
          fetchTimeout: 1000,
        },
      },
    );
    assertOptions("resolver { type: cache, dir: d, ttl: '1h' }", {
      resolver: {
        kind: "cache",
        directory: "d",
        limit: 0,
        ttl: 3_600_000,
        fetchTimeout: 0,
      },
    });
    assertEquals(errors("resolver: x").map(bare), [
      'error parsing account resolver, should be MEM or  URL("url") or a map containing dir and type state=[FULL|CACHE])',
    ]);
    assertEquals(
      errors(
        "resolver { type: cache, dir: d, interval: '1s', allow_delete: true }",
      ).map(bare),
      [
        "CACHE does not accept sync",
        "CACHE does not accept allow_delete",
      ],
    );
    assertEquals(
      errors("resolver { type: full, dir: d, ttl: '1s', hard_delete: true }")
        .map(bare),
      [
        "FULL does not accept ttl",
        "hard_delete has no effect without delete",
      ],
    );
  },
);

capability("resolver - is told accounts", both(), () => {
  assertOptions(`resolver_preload { ${ACCOUNT_KEY}: ${ACCOUNT_JWT} }`, {
    resolverPreload: new Map([[ACCOUNT_KEY, ACCOUNT_JWT]]),
  });
  assertOptions("resolver_pinned_accounts: [a, b]", {
    resolverPinnedAccounts: new Set(["a", "b"]),
  });
  assertEquals(errors(`resolver_preload { a: ${BEARER_JWT} }`).map(bare), [
    "invalid account JWT",
  ]);
  assertEquals(errors("trusted: x").map(bare), [
    'trust key "x" required to be a valid public operator nkey',
  ]);
});

capability("proxies - are trusted by key", both("auth/proxies-trusted"), () => {
  assertOptions(
    `proxies { trusted: [ {key: ${SERVER_KEY}}, {public_key: ${USER_KEY}} ] }`,
    {
      proxies: [{ key: SERVER_KEY }, { key: USER_KEY }],
    },
  );
  assertEquals(errors("proxies { trusted: [ {key: x} ] }").map(bare), [
    'invalid proxy key "x"',
  ]);
  assert(errors("proxies: x").length === 1);
});
