import { newScopedSigner } from "@nats-io/jwt";
import { createAccount, createOperator, createUser } from "@nats-io/nkeys";
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { startServer } from "../../../src/mod.ts";
import { capability } from "../../tools/capability.ts";
import {
  claimsOf,
  forge,
  inSeconds,
  keys,
  TestOperator,
  userJwt,
} from "../../tools/operator.ts";
import { join, operatorServer, tryJoin } from "./jwt_support.ts";
import { greet, outcome, REFUSED, sign } from "./support.ts";

capability("jwt - a user of a trusted account gets in with a signed nonce", {
  positive: [
    "auth/user-jwt-validation",
    "auth/operator-option",
    "auth/syntax",
    "client-protocol/nonce",
  ],
}, async () => {
  await using operator = await operatorServer();
  const user = createUser();
  const jwt = await userJwt(operator.account, {}, { user });
  await using client = await join(operator.server, jwt, user);
  assertEquals(client.said, "");
  assertEquals(client.info.auth_required, true);
  assertMatch(client.info.nonce ?? "", /^[\w-]{15}$/);
  const [session] = operator.server.state.clients.open();
  assertEquals(session?.account.name, operator.account.getPublicKey());
  assertEquals(session?.identity.jwt?.user, user.getPublicKey());
});

capability(
  "jwt - what was altered, forged, expired or not signed for is refused",
  {
    edge: [
      "auth/user-jwt-validation",
      "auth/operator-option",
      "auth/failure",
      "auth/syntax",
    ],
  },
  async () => {
    await using operator = await operatorServer();
    const { server, account } = operator;
    const user = createUser();
    const good = await userJwt(account, {}, { user });
    const claims = claimsOf(good);
    const [header = "", , signature = ""] = good.split(".");
    const stranger = createAccount();
    const altered = forge(account, { ...claims, name: "other" }).split(".")[1];
    const attempts: Record<string, string> = {
      "altered claims": `${header}.${altered}.${signature}`,
      "no signature": `${header}.${good.split(".")[1]}.`,
      "another's signature": forge(stranger, claims),
      "signed by the user itself": forge(user, {
        ...claims,
        iss: user.getPublicKey(),
      }),
      "algorithm none": forge(account, claims, { typ: "JWT", alg: "none" }),
      "an unknown version": forge(account, {
        ...claims,
        nats: { ...Object(claims.nats), version: 3 },
      }),
      "an account's claims": await operator.operator.account(account),
      "a field of another type": forge(account, {
        ...claims,
        nats: { ...Object(claims.nats), subs: "all" },
      }),
      "an account nobody vouches for": await userJwt(stranger, {}, { user }),
      "the name of an account that did not sign": await userJwt(stranger, {
        issuer_account: account.getPublicKey(),
      }, { user }),
      "an expired token": await userJwt(account, {}, {
        user,
        exp: inSeconds(-2),
      }),
      "a token of the future": await userJwt(account, {}, {
        user,
        nbf: inSeconds(60),
      }),
      "no JWT": "garbage",
      "nothing": "",
    };
    for (const [name, jwt] of Object.entries(attempts)) {
      assertEquals(await tryJoin(server, jwt, user), REFUSED, name);
    }
    assertEquals(await tryJoin(server, good, null), REFUSED, "no nonce signed");
    assertEquals(
      await tryJoin(server, good, createUser()),
      REFUSED,
      "wrong key",
    );
    assertEquals(await tryJoin(server, good, user), "");
  },
);

capability("jwt - a signature over an earlier nonce is worth nothing", {
  edge: ["auth/user-jwt-validation"],
}, async () => {
  await using operator = await operatorServer();
  const user = createUser();
  const jwt = await userJwt(operator.account, {}, { user });
  await using earlier = await greet(operator.server);
  const sig = sign(user, earlier.info.nonce);
  assertEquals(await outcome(earlier.client, { jwt, sig }), "");
  await using later = await greet(operator.server);
  assertEquals(await outcome(later.client, { jwt, sig }), REFUSED);
});

capability("jwt - the first version of claims is understood", {
  positive: ["auth/user-jwt-validation"],
  edge: ["auth/user-jwt-validation"],
}, async () => {
  await using operator = await operatorServer();
  const user = createUser();
  const header = { typ: "jwt", alg: "ed25519" };
  const claims = {
    iss: operator.account.getPublicKey(),
    sub: user.getPublicKey(),
    name: "old",
    type: "user",
    iat: inSeconds(0),
    nats: {},
  };
  const [head, payload = ""] = forge(operator.account, claims, header)
    .split(".");
  // That version signs the claims alone.
  const signature = sign(operator.account, payload);
  const token = `${head}.${payload}.${signature}`;
  assertEquals(await tryJoin(operator.server, token, user), "");
  const wrong = forge(operator.account, claims, header);
  assertEquals(await tryJoin(operator.server, wrong, user), REFUSED);
});

capability("jwt - signing keys sign for their account, and no other", {
  positive: ["auth/user-jwt-validation"],
  edge: ["auth/user-jwt-validation"],
}, async () => {
  const signer = createAccount();
  await using operator = await operatorServer({
    signing_keys: [signer.getPublicKey()],
  });
  const user = createUser();
  const issuer_account = operator.account.getPublicKey();
  const jwt = await userJwt(signer, { issuer_account }, { user });
  assertEquals(await tryJoin(operator.server, jwt, user), "");
  const homeless = await userJwt(signer, {}, { user });
  assertEquals(await tryJoin(operator.server, homeless, user), REFUSED);
});

capability("jwt - operators decide whose accounts there are", {
  positive: ["auth/strictsigningkeyusage", "auth/operator-option"],
  edge: ["auth/operator-option"],
}, async () => {
  const user = createUser();
  for (
    const [strict, bySigningKey, expected] of [
      [false, false, ""],
      [false, true, ""],
      [true, false, REFUSED],
    ] as const
  ) {
    await using operator = await operatorServer({}, {
      strict,
      signer: ({ key, signingKey }) => bySigningKey ? signingKey : key,
    });
    const jwt = await userJwt(operator.account, {}, { user });
    assertEquals(await tryJoin(operator.server, jwt, user), expected);
  }
  await using foreign = await operatorServer({}, { signer: createOperator });
  const jwt = await userJwt(foreign.account, {}, { user });
  assertEquals(await tryJoin(foreign.server, jwt, user), REFUSED);
});

capability(
  "jwt - under a strict operator accounts sign with signing keys only",
  {
    edge: ["auth/strictsigningkeyusage"],
  },
  async () => {
    const signer = createAccount();
    await using operator = await operatorServer({
      signing_keys: [signer.getPublicKey()],
    }, { strict: true, signer: ({ signingKey }) => signingKey });
    const user = createUser();
    const issuer_account = operator.account.getPublicKey();
    const bySigner = await userJwt(signer, { issuer_account }, { user });
    assertEquals(await tryJoin(operator.server, bySigner, user), "");
    const byAccount = await userJwt(operator.account, {}, { user });
    assertEquals(await tryJoin(operator.server, byAccount, user), REFUSED);
  },
);

capability("trusted_keys - alone make a server ask for JWTs", {
  positive: ["auth/trusted-keys-stamped"],
  edge: ["auth/trusted-keys-stamped"],
}, async () => {
  const operator = new TestOperator();
  const { account, user } = keys();
  const token = await operator.account(account);
  const options = {
    port: -1,
    resolver: { kind: "memory" },
    resolverPreload: new Map([[account.getPublicKey(), token]]),
  } as const;
  const jwt = await userJwt(account, {}, { user });
  for (
    const [key, expected] of [
      [operator.key, ""],
      [createOperator(), REFUSED],
    ] as const
  ) {
    const server = await startServer({
      ...options,
      trustedKeys: [key.getPublicKey()],
    });
    try {
      assertEquals(await tryJoin(server, jwt, user), expected);
    } finally {
      await server.shutdown();
    }
  }
});

capability(
  "bearer tokens - need no signature, unless the account forbids them",
  {
    positive: ["auth/user-jwt-validation"],
    edge: ["auth/user-jwt-validation", "auth/account-update-effects"],
  },
  async () => {
    await using operator = await operatorServer();
    const { server, account, update } = operator;
    const jwt = await userJwt(account, { bearer_token: true });
    await using client = await join(server, jwt, null);
    assertEquals(client.said, "");
    const unlimited = { conn: -1, subs: -1, payload: -1, data: -1 };
    await update({ limits: { ...unlimited, disallow_bearer: true } });
    assertEquals(await client.client.expectEnd(), `${REFUSED}\r\n`);
    assertEquals(await tryJoin(server, jwt, null), REFUSED);
  },
);

capability("scoped keys - prescribe what their users may do", {
  positive: ["auth/templates-in-scoped-keys", "auth/user-jwt-validation"],
}, async () => {
  const signer = createAccount();
  const scope = newScopedSigner(signer, "worker", {
    pub: { allow: ["{{name()}}.>", "{{tag(team)}}.in"], deny: [] },
    sub: { allow: ["{{subject()}}", "{{account-name()}}.*"], deny: [] },
  });
  await using operator = await operatorServer({ signing_keys: [scope] });
  const user = createUser();
  const jwt = await userJwt(signer, {
    issuer_account: operator.account.getPublicKey(),
    tags: ["team:red", "team:blue"],
  }, { user, name: "bob", scoped: true });
  await using joined = await join(operator.server, jwt, user);
  assertEquals(joined.said, "");
  const { client } = joined;
  await client.send(
    `SUB ${user.getPublicKey()} 1\r\nSUB A.x 2\r\nSUB other 3\r\n` +
      "PUB bob.x 0\r\n\r\nPUB blue.in 0\r\n\r\nPUB red.in 0\r\n\r\n" +
      "PUB green.in 0\r\n\r\nPUB eve.x 0\r\n\r\n",
  );
  assertEquals(
    await client.flush(),
    [
      'Subscription to "other"',
      'Publish to "green.in"',
      'Publish to "eve.x"',
    ].map((what) => `-ERR 'Permissions Violation for ${what}'\r\n`).join(""),
  );
});

capability(
  "scoped keys - users have no permissions of their own, and all tags that denials name",
  {
    edge: ["auth/templates-in-scoped-keys", "auth/user-jwt-validation"],
  },
  async () => {
    const open = createAccount();
    const denying = createAccount();
    const emptied = createAccount();
    const strange = createAccount();
    await using operator = await operatorServer({
      signing_keys: [
        newScopedSigner(open, "open", {}),
        newScopedSigner(denying, "d", { pub: { deny: ["{{tag(team)}}.>"] } }),
        newScopedSigner(emptied, "e", { pub: { allow: ["{{tag(team)}}.>"] } }),
        newScopedSigner(strange, "s", { pub: { allow: ["{{unknown()}}"] } }),
      ],
    });
    const { server, account } = operator;
    const user = createUser();
    const issuer_account = account.getPublicKey();
    const issue = (signer = open, claims = {}) =>
      userJwt(signer, { issuer_account, ...claims }, { user, scoped: true });
    assertEquals(await tryJoin(server, await issue(), user), "");
    const greedy = await userJwt(open, { issuer_account }, { user });
    assertEquals(await tryJoin(server, greedy, user), REFUSED);
    const tokens = [
      await issue(open, { pub: { allow: ["x"], deny: [] } }),
      await issue(open, { bearer_token: true }),
      await issue(denying),
      await issue(strange),
    ];
    for (const token of tokens) {
      assertEquals(await tryJoin(server, token, user), REFUSED);
    }
    await using muted = await join(server, await issue(emptied), user);
    assertEquals(muted.said, "");
    await muted.client.send("PUB any 0\r\n\r\n");
    assertEquals(
      await muted.client.flush(),
      "-ERR 'Permissions Violation for Publish to \"any\"'\r\n",
    );
  },
);

capability("src and times - confine where from and when", {
  positive: ["auth/src-cidr-times"],
  edge: ["auth/src-cidr-times"],
}, async () => {
  await using operator = await operatorServer();
  const { server, account } = operator;
  const user = createUser();
  const always = { start: "00:00:00", end: "23:59:59" };
  const cases: [Record<string, unknown>, string][] = [
    [{ times: [always], times_location: "UTC" }, ""],
    [{ times: [{ start: "00:00:00", end: "00:00:00" }] }, REFUSED],
    [{ times: [always], times_location: "Nowhere/Land" }, REFUSED],
    [{ times: [{ start: "x", end: "y" }] }, REFUSED],
    // A connection inside the process has no IP address.
    [{ src: ["0.0.0.0/0"] }, REFUSED],
    [{ src: ["nonsense"] }, REFUSED],
    [{ src: [] }, ""],
  ];
  for (const [claims, expected] of cases) {
    const jwt = await userJwt(account, claims, { user });
    assertEquals(
      await tryJoin(server, jwt, user),
      expected,
      JSON.stringify(claims),
    );
  }
});

capability("connection types - of a JWT, unknown ones left out", {
  positive: ["auth/connection-types"],
  edge: ["auth/connection-types"],
}, async () => {
  await using operator = await operatorServer();
  const { server, account } = operator;
  const user = createUser();
  const cases: [string[], string][] = [
    [["IN_PROCESS"], ""],
    [["in_process", "CARRIER_PIGEON"], ""],
    [["CARRIER_PIGEON"], REFUSED],
    [["WEBSOCKET"], REFUSED],
  ];
  for (const [allowed_connection_types, expected] of cases) {
    const claims = { allowed_connection_types: [...allowed_connection_types] };
    const jwt = await userJwt(account, Object(claims), { user });
    assertEquals(await tryJoin(server, jwt, user), expected);
  }
});

capability("default sentinel - stands in for clients without JWT", {
  positive: ["auth/default-sentinel"],
  edge: ["auth/default-sentinel"],
}, async () => {
  const operator = new TestOperator();
  const { account, user } = keys();
  const token = await operator.account(account);
  const options = await operator.options({ [account.getPublicKey()]: token });
  const bearer = await userJwt(account, { bearer_token: true }, { user });
  const server = await startServer({ ...options, defaultSentinel: bearer });
  try {
    await using raw = await greet(server);
    assertEquals(await outcome(raw.client, { user: "x", pass: "y" }), "");
    const [session] = server.state.clients.open();
    assertEquals(session?.identity.jwt?.user, user.getPublicKey());
  } finally {
    await server.shutdown();
  }
  const plain = await userJwt(account, {}, { user });
  await assertRejects(
    () => startServer({ ...options, defaultSentinel: plain }),
    Error,
    "default sentinel must be a bearer token",
  );
});

capability("pinned accounts - keep all others out, and are counted", {
  positive: ["auth/pinned-accounts"],
  edge: ["auth/pinned-accounts"],
}, async () => {
  const operator = new TestOperator();
  const { account, user } = keys();
  const other = createAccount();
  const options = await operator.options({
    [account.getPublicKey()]: await operator.account(account),
    [other.getPublicKey()]: await operator.account(other),
  });
  const server = await startServer({
    ...options,
    resolverPinnedAccounts: new Set([account.getPublicKey()]),
  });
  try {
    const pinned = await userJwt(account, {}, { user });
    assertEquals(await tryJoin(server, pinned, user), "");
    const stray = await userJwt(other, {}, { user });
    assertEquals(await tryJoin(server, stray, user), REFUSED);
    assertEquals(server.state.claimedAccounts?.pinnedFailures, 1);
  } finally {
    await server.shutdown();
  }
});

capability("jwt - without operators it says nothing", {
  positive: ["auth/non-operator-mode"],
  edge: ["auth/non-operator-mode"],
}, async () => {
  const server = await startServer({
    port: -1,
    username: "alice",
    password: "secret",
  });
  try {
    const { account, user } = keys();
    const jwt = await userJwt(account, { bearer_token: true }, { user });
    assertEquals(await tryJoin(server, jwt, null), REFUSED);
    assertEquals(
      await tryJoin(server, jwt, null, { user: "alice", pass: "secret" }),
      "",
    );
    await using raw = await greet(server);
    await outcome(raw.client, { jwt, user: "alice", pass: "secret" });
    const [session] = server.state.clients.open();
    assertEquals(session?.connect.jwt, "");
  } finally {
    await server.shutdown();
  }
});
