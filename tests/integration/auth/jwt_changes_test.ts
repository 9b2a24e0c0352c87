import type { Account } from "@nats-io/jwt";
import { createAccount, createUser, type KeyPair } from "@nats-io/nkeys";
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { RawClient } from "../../tools/raw_client.ts";
import { capability } from "../../tools/capability.ts";
import { inSeconds, userJwt } from "../../tools/operator.ts";
import {
  join,
  type JwtClient,
  type OperatorServer,
  operatorServer,
  tryJoin,
} from "./jwt_support.ts";
import { REFUSED } from "./support.ts";

const LIMITS = {
  conn: -1,
  leaf: -1,
  subs: -1,
  payload: -1,
  data: -1,
  imports: -1,
  exports: -1,
  wildcards: true,
};

/** Claims with some limits changed. */
function limited(limits: Partial<typeof LIMITS>): Partial<Account> {
  return { limits: { ...LIMITS, ...limits } };
}

/** A client of a fresh user of the operator's account. */
async function member(
  { server, account }: OperatorServer,
  claims: Readonly<Record<string, unknown>> = {},
  user: KeyPair = createUser(),
): Promise<JwtClient> {
  return await join(server, await userJwt(account, claims, { user }), user);
}

function isAlive(client: RawClient): Promise<string> {
  return client.flush();
}

capability("limits - connections of an account, at the door and later", {
  positive: ["auth/limits", "client-protocol/account-expiry-etc"],
  edge: ["auth/limits", "client-protocol/account-expiry-etc"],
}, async () => {
  await using operator = await operatorServer(limited({ conn: 2 }));
  await using first = await member(operator);
  await using second = await member(operator);
  await using third = await member(operator);
  const full = "-ERR 'maximum account active connections exceeded'";
  assertEquals([first.said, second.said, third.said], ["", "", full]);
  await operator.update(limited({ conn: 1 }));
  assertEquals(await second.client.expectEnd(), `${full}\r\n`);
  assertEquals(await isAlive(first.client), "");
});

capability(
  "limits - payload and subscriptions, the lowest of server, account and user",
  {
    positive: ["auth/limits"],
    edge: ["auth/limits"],
  },
  async () => {
    await using operator = await operatorServer(
      limited({ payload: 100, subs: 2 }),
      { options: { maxPayload: 50 } },
    );
    const cases: [Record<string, number>, number, number][] = [
      [{}, 50, 2],
      [{ payload: 10, subs: 1 }, 10, 1],
      [{ payload: 2 ** 40, subs: 2 ** 40 }, 50, 2],
    ];
    for (const [claims, payload, subs] of cases) {
      await using joined = await member(operator, claims);
      const { client } = joined;
      const lines = Array.from(
        { length: subs + 1 },
        (_, i) => `SUB s ${i}\r\n`,
      );
      await client.send(lines.join(""));
      assertEquals(
        await client.flush(),
        "-ERR 'maximum subscriptions exceeded'\r\n",
      );
      await client.send(`PUB x ${payload}\r\n${"x".repeat(payload)}\r\n`);
      assertEquals(await client.flush(), "");
      await client.send(`PUB x ${payload + 1}\r\n`);
      assertEquals(
        await client.expectEnd(),
        "-ERR 'Maximum Payload Violation'\r\n",
      );
    }
  },
);

capability("limits - a lowered subscription limit closes who exceeds it", {
  edge: ["auth/limits", "auth/account-update-effects"],
  positive: ["auth/account-update-effects"],
}, async () => {
  await using operator = await operatorServer();
  await using joined = await member(operator);
  await joined.client.send("SUB a 1\r\nSUB b 2\r\n");
  await joined.client.flush();
  await operator.update(limited({ subs: 5 }));
  assertEquals(await isAlive(joined.client), "");
  await operator.update(limited({ subs: 1 }));
  assertEquals(
    await joined.client.expectEnd(),
    "-ERR 'maximum subscriptions exceeded'\r\n",
  );
});

capability("expiry - of a user ends the connection", {
  positive: ["auth/user-jwt-validation", "client-protocol/account-expiry-etc"],
}, async () => {
  await using operator = await operatorServer();
  const user = createUser();
  const jwt = await userJwt(operator.account, {}, {
    user,
    exp: inSeconds(1) + 1,
  });
  await using joined = await join(operator.server, jwt, user);
  assertEquals(joined.said, "");
  await joined.client.expect(/^-ERR 'User Authentication Expired'\r\n/);
  await joined.client.expectEnd();
  assertEquals(
    operator.server.state.closedClients.list().at(-1)?.reason,
    "Authentication Expired",
  );
});

capability(
  "expiry - of an account ends its connections, and newer claims let them back",
  {
    positive: [
      "client-protocol/account-expiry-etc",
      "accounts/account-expiry",
    ],
    edge: [
      "auth/account-update-effects",
      "auth/user-jwt-validation",
      "accounts/account-expiry",
    ],
  },
  async () => {
    await using operator = await operatorServer({}, { exp: inSeconds(1) + 1 });
    const user = createUser();
    await using joined = await member(operator, {}, user);
    assertEquals(joined.said, "");
    await joined.client.expect(/^-ERR 'Account Authentication Expired'\r\n/);
    await joined.client.expectEnd();
    await using late = await member(operator, {}, user);
    assertEquals(late.said, REFUSED);
    await operator.update({});
    await using back = await member(operator, {}, user);
    assertEquals(back.said, "");
  },
);

capability("revocation - closes the users' connections and keeps them out", {
  positive: ["auth/revocation", "client-protocol/account-expiry-etc"],
}, async () => {
  await using operator = await operatorServer();
  const revoked = createUser();
  await using joined = await member(operator, {}, revoked);
  await using bystander = await member(operator);
  // What is issued a second later is revoked as well.
  await operator.update({
    revocations: { [revoked.getPublicKey()]: inSeconds(60) },
  });
  assertEquals(
    await joined.client.expectEnd(),
    "-ERR 'User Authentication Revoked'\r\n",
  );
  assertEquals(await isAlive(bystander.client), "");
  await using again = await member(operator, {}, revoked);
  assertEquals(again.said, REFUSED);
});

capability(
  "revocation - covers what was issued up to its time, by anybody for *",
  {
    edge: ["auth/revocation"],
  },
  async () => {
    await using operator = await operatorServer();
    const user = createUser();
    const key = user.getPublicKey();
    await using joined = await member(operator, {}, user);
    const { server } = operator;
    const [session] = server.state.clients.open();
    const issuedAt = session?.identity.jwt?.issuedAt ?? 0;
    await operator.update({
      revocations: { [key]: issuedAt - 1, "*": issuedAt - 1 },
    });
    assertEquals(await isAlive(joined.client), "");
    await operator.update({ revocations: { "*": issuedAt } });
    assertEquals(
      await joined.client.expectEnd(),
      "-ERR 'User Authentication Revoked'\r\n",
    );
  },
);

capability("signing keys - whose key is gone or changed has to leave", {
  positive: ["auth/signing-key-change"],
  edge: ["auth/signing-key-change"],
}, async () => {
  const kept = createAccount();
  const dropped = createAccount();
  const names = [kept, dropped].map((key) => key.getPublicKey());
  await using operator = await operatorServer({ signing_keys: names });
  const { server, account } = operator;
  const issuer_account = account.getPublicKey();
  const by = async (signer: KeyPair) => {
    const user = createUser();
    const claims = signer === account ? {} : { issuer_account };
    return await join(server, await userJwt(signer, claims, { user }), user);
  };
  await using ofAccount = await by(account);
  await using ofKept = await by(kept);
  await using ofDropped = await by(dropped);
  await operator.update({ signing_keys: [kept.getPublicKey()] });
  assertEquals(await ofDropped.client.expectEnd(), "");
  assertEquals(await isAlive(ofKept.client), "");
  assertEquals(await isAlive(ofAccount.client), "");
  await operator.update({
    signing_keys: [{
      kind: "user_scope",
      key: kept.getPublicKey(),
      role: "r",
      template: {},
    }],
  });
  assertEquals(await ofKept.client.expectEnd(), "");
  assertEquals(await isAlive(ofAccount.client), "");
});

capability(
  "default permissions - follow the account, for users without their own",
  {
    positive: ["auth/account-update-effects"],
  },
  async () => {
    await using operator = await operatorServer();
    await using plain = await member(operator);
    await using own = await member(operator, { sub: { allow: ["a"] } });
    for (const { client } of [plain, own]) {
      await client.send("SUB a 1\r\n");
      assertEquals(await client.flush(), "");
    }
    await operator.update({ default_permissions: { sub: { deny: ["a"] } } });
    assertStringIncludes(
      await plain.client.flush(),
      'Permissions Violation for Subscription to "a" (sid "1")',
    );
    assertEquals(await own.client.flush(), "");
    await operator.update({});
    await plain.client.send("SUB a 2\r\n");
    assertEquals(await plain.client.flush(), "");
  },
);

capability("account update - mappings come and go", {
  positive: ["auth/account-update-effects"],
  edge: ["auth/account-update-effects"],
}, async () => {
  await using operator = await operatorServer();
  await using joined = await member(operator);
  const { client } = joined;
  await client.send("SUB b 1\r\n");
  await operator.update(Object({
    mappings: { a: [{ subject: "b", weight: 100 }] },
  }));
  await client.send("PUB a 1\r\nx\r\n");
  assertEquals(await client.flush(), "MSG b 1 1\r\nx\r\n");
  await operator.update({});
  await client.send("PUB a 1\r\nx\r\n");
  assertEquals(await client.flush(), "");
});

capability("account update - bad claims change nothing", {
  edge: ["auth/account-update-effects"],
}, async () => {
  await using operator = await operatorServer();
  const { server, account } = operator;
  await using joined = await member(operator);
  const accounts = server.state.claimedAccounts;
  const claimed = accounts?.get(account.getPublicKey());
  const bad = [
    "garbage",
    await operator.operator.account(account, {}, { signer: account }),
    await operator.operator.account(createAccount()),
    await operator.operator.account(account, {}, { exp: inSeconds(-5) }),
  ];
  for (const token of bad) {
    let failed = false;
    try {
      if (claimed !== undefined) accounts?.update(claimed, token);
    } catch {
      failed = true;
    }
    assertEquals(failed, true, token);
  }
  assertEquals(await isAlive(joined.client), "");
  const user = createUser();
  const jwt = await userJwt(account, {}, { user });
  assertEquals(await tryJoin(server, jwt, user), "");
});
