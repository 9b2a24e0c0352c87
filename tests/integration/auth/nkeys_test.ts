import { createUser } from "@nats-io/nkeys";
import { assertEquals, assertExists, assertMatch } from "@std/assert";
import { startServer } from "../../../src/mod.ts";
import type { Options } from "../../../src/mod.ts";
import { capability } from "../../tools/capability.ts";
import { base64Url, greet, outcome, REFUSED, sign } from "./support.ts";

const USER = createUser();
const NKEY = USER.getPublicKey();

function nkeyUser(
  fields: Partial<Options["nkeys"][number]> = {},
): Options["nkeys"][number] {
  return {
    nkey: NKEY,
    permissions: undefined,
    account: undefined,
    allowedConnectionTypes: undefined,
    proxyRequired: false,
    ...fields,
  };
}

function passwordUser(
  username: string,
  password: string,
): Options["users"][number] {
  return {
    username,
    password,
    permissions: undefined,
    account: undefined,
    allowedConnectionTypes: undefined,
    proxyRequired: false,
    connectionDeadline: undefined,
  };
}

capability("nkeys - the signature of the nonce lets a user in", {
  positive: ["auth/nkeys", "client-protocol/nonce"],
}, async () => {
  const server = await startServer({ port: -1, nkeys: [nkeyUser()] });
  try {
    await using raw = await greet(server);
    assertMatch(raw.info.nonce ?? "", /^[\w-]{15}$/);
    assertEquals(raw.info.auth_required, true);
    const sig = sign(USER, raw.info.nonce);
    assertEquals(await outcome(raw.client, { nkey: NKEY, sig }), "");

    await using standard = await greet(server);
    const message = new TextEncoder().encode(standard.info.nonce);
    const padded = btoa(String.fromCharCode(...USER.sign(message)));
    assertEquals(
      await outcome(standard.client, { nkey: NKEY, sig: padded }),
      "",
    );
  } finally {
    await server.shutdown();
  }
});

capability("nkeys - no other signature does", {
  edge: ["auth/nkeys", "auth/failure", "client-protocol/nonce"],
}, async () => {
  const server = await startServer({ port: -1, nkeys: [nkeyUser()] });
  try {
    await using earlier = await greet(server);
    const replayed = sign(USER, earlier.info.nonce);
    const stranger = createUser();
    const attempts = (nonce: string | undefined) => ({
      replayed: { nkey: NKEY, sig: replayed },
      missing: { nkey: NKEY },
      "of nothing": { nkey: NKEY, sig: sign(USER, "") },
      garbled: { nkey: NKEY, sig: "*" + sign(USER, nonce) },
      short: { nkey: NKEY, sig: sign(USER, nonce).slice(4) },
      zero: { nkey: NKEY, sig: base64Url(new Uint8Array(64)) },
      "of a stranger": { nkey: NKEY, sig: sign(stranger, nonce) },
      "of an unknown user": {
        nkey: stranger.getPublicKey(),
        sig: sign(stranger, nonce),
      },
      "no key at all": {},
    });
    for (const name of Object.keys(attempts(""))) {
      await using raw = await greet(server);
      assertExists(raw.info.nonce);
      const fields = Object.entries(attempts(raw.info.nonce))
        .find(([key]) => key === name)?.[1] ?? {};
      assertEquals(await outcome(raw.client, fields), REFUSED, name);
    }
  } finally {
    await server.shutdown();
  }
});

capability("nkeys - a key in CONNECT is checked even if a password would do", {
  edge: ["auth/nkeys", "auth/users-array"],
  positive: ["auth/users-array"],
}, async () => {
  const server = await startServer({
    port: -1,
    nkeys: [nkeyUser()],
    users: [passwordUser("alice", "secret")],
  });
  try {
    await using byPassword = await greet(server);
    assertEquals(
      await outcome(byPassword.client, { user: "alice", pass: "secret" }),
      "",
    );
    await using both = await greet(server);
    const fields = { nkey: NKEY, user: "alice", pass: "secret" };
    assertEquals(await outcome(both.client, fields), REFUSED);
  } finally {
    await server.shutdown();
  }
});

capability("nkeys - without nkeys and proxies there is no nonce", {
  edge: ["client-protocol/nonce"],
}, async () => {
  const server = await startServer({
    port: -1,
    users: [passwordUser("alice", "secret")],
  });
  try {
    await using raw = await greet(server);
    assertEquals(raw.info.nonce, undefined);
  } finally {
    await server.shutdown();
  }
});

capability("nkeys - connection types confine a user", {
  positive: ["auth/connection-types"],
  edge: ["auth/connection-types"],
}, async () => {
  for (
    const [types, expected] of [
      [["IN_PROCESS"], ""],
      [["STANDARD", "WEBSOCKET"], REFUSED],
    ] as const
  ) {
    const server = await startServer({
      port: -1,
      nkeys: [nkeyUser({ allowedConnectionTypes: new Set(types) })],
    });
    try {
      await using raw = await greet(server);
      const sig = sign(USER, raw.info.nonce);
      assertEquals(await outcome(raw.client, { nkey: NKEY, sig }), expected);
    } finally {
      await server.shutdown();
    }
  }
});

capability("no_auth_user - an nkey user needs no signature, but CONNECT", {
  positive: ["auth/no-auth-user"],
  edge: ["auth/no-auth-user"],
}, async () => {
  const server = await startServer({
    port: -1,
    nkeys: [nkeyUser()],
    noAuthUser: NKEY,
  });
  try {
    await using silent = await greet(server);
    assertEquals(silent.info.auth_required, undefined);
    assertEquals(await outcome(silent.client, {}), "");
    await using hasty = await greet(server);
    await hasty.client.send("PING\r\n");
    await hasty.client.expect(/^-ERR 'Authorization Violation'\r\n/);
    await hasty.client.expectEnd();
  } finally {
    await server.shutdown();
  }
});

capability("connection deadline - ends the connection of a user", {
  positive: ["auth/connectiondeadline", "client-protocol/account-expiry-etc"],
  edge: ["auth/connectiondeadline"],
}, async () => {
  const user = passwordUser("alice", "secret");
  const server = await startServer({
    port: -1,
    users: [
      { ...user, connectionDeadline: Date.now() + 300 },
      { ...passwordUser("bob", "secret"), connectionDeadline: Date.now() - 1 },
    ],
  });
  try {
    for (const name of ["alice", "bob"]) {
      await using raw = await greet(server);
      await raw.client.send(
        `CONNECT {"verbose":false,"user":"${name}","pass":"secret"}\r\n`,
      );
      await raw.client.expect(/^-ERR 'User Authentication Expired'\r\n/);
      await raw.client.expectEnd();
    }
  } finally {
    await server.shutdown();
  }
});
