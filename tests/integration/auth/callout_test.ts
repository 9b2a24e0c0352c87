import {
  createAccount,
  createCurve,
  createServer,
  createUser,
  type KeyPair,
} from "@nats-io/nkeys";
import { encodeAuthorizationResponse } from "@nats-io/jwt";
import {
  assertEquals,
  assertGreaterOrEqual,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { emptyOptions, type Options } from "../../../src/config/mod.ts";
import { type Server, startServer } from "../../../src/mod.ts";
import { capability } from "../../tools/capability.ts";
import {
  claimsOf,
  inSeconds,
  keys,
  TestOperator,
  userJwt,
} from "../../tools/operator.ts";
import type { RawClient } from "../../tools/raw_client.ts";
import { join } from "./jwt_support.ts";
import { connect, greet, outcome, REFUSED } from "./support.ts";

const ISSUER = createAccount();
const SUBJECT = "$SYS.REQ.USER.AUTH";
/** Milliseconds that nobody needs, however busy the machine is. */
const PATIENT = 30_000;
/** Milliseconds for whoever is going to be too late, and enough for others. */
const IMPATIENT = 1_500;

/** A request as the service sees it. */
interface Request {
  readonly claims: Record<string, unknown>;
  readonly nats: Record<string, Record<string, unknown>>;
  readonly user: string;
  readonly header: string;
  readonly body: string;
}

/** What a service answers; undefined: nothing. One char per byte. */
type Service = (request: Request) => Promise<string | undefined>;

async function subscribe(client: RawClient): Promise<void> {
  await client.send(`SUB ${SUBJECT} 1\r\n`);
  await client.flush();
}

/** Answers requests that arrive at `client` until the connection ends. */
async function serve(
  client: RawClient,
  service: Service,
  decrypt: (body: string) => string = (body) => body,
): Promise<void> {
  for (;;) {
    const match = await client.expect(
      /^(H?)MSG \S+ 1 (\S+)(?: (\d+))? (\d+)\r\n/,
      60_000,
    ).catch(() => undefined);
    if (match === undefined) return;
    const [, , reply = "", headerSize = "0", size = "0"] = match;
    const rest = new RegExp(`^[^]{${size}}\r\n`);
    const [message = ""] = await client.expect(rest);
    const body = decrypt(
      message.slice(Number(headerSize), Number(size)),
    );
    const claims = claimsOf(body);
    const nats = Object(claims.nats);
    const answer = await service({
      claims,
      nats,
      user: String(nats.user_nkey),
      header: message.slice(0, Number(headerSize)),
      body,
    });
    if (answer === undefined) continue;
    await client.send(`PUB ${reply} ${answer.length}\r\n${answer}\r\n`);
  }
}

/** The answer that lets a user in, or says why not. */
async function respond(
  { user, nats }: Request,
  content: { jwt?: string; error?: string },
  { signer = ISSUER, subject = user, audience = nats.server_id?.id }: {
    signer?: KeyPair;
    subject?: string;
    audience?: unknown;
  } = {},
): Promise<string> {
  const jwt = await encodeAuthorizationResponse(
    asKey(subject),
    asKey(String(audience)),
    signer,
    content,
    {},
  );
  return jwt;
}

/** A public key in the form that the JWT library wants. */
function asKey(publicKey: string): KeyPair {
  return Object({ getPublicKey: () => publicKey });
}

/** The JWT of a user in an account of the configuration. */
function admission(
  { user }: Request,
  { account = "APP", signer = ISSUER, name = "", ...claims }: {
    account?: string;
    signer?: KeyPair;
    name?: string;
  } & Record<string, unknown> = {},
  times: { exp?: number } = {},
): Promise<string> {
  return userJwt(signer, claims, {
    user: asKey(user),
    name,
    aud: account,
    ...times,
  });
}

function account(name: string): Options["accounts"][number] {
  return {
    name,
    nkey: "",
    exports: [],
    imports: [],
    mappings: [],
    defaultPermissions: undefined,
    limits: {
      maxConnections: -1,
      maxSubscriptions: -1,
      maxPayload: -1,
      maxLeafnodes: -1,
    },
    jetstream: undefined,
    clusterTrafficOwner: false,
    traceDestination: "",
    traceSampling: 0,
  };
}

function user(username: string, of: string): Options["users"][number] {
  return {
    username,
    password: "x",
    permissions: undefined,
    account: of,
    allowedConnectionTypes: undefined,
    proxyRequired: false,
    connectionDeadline: undefined,
  };
}

/** Runs `test` with a server of which a service in AUTH is in charge. */
async function withService(
  service: Service,
  test: (server: Server) => Promise<void>,
  { callout = {}, options = {}, decrypt }: {
    callout?: Partial<NonNullable<Options["authCallout"]>>;
    options?: Partial<Options>;
    decrypt?: (server: Server) => (body: string) => string;
  } = {},
): Promise<void> {
  const server = await startServer({
    port: -1,
    accounts: ["AUTH", "APP", "OTHER"].map(account),
    users: [
      user("auth", "AUTH"),
      user("helper", "AUTH"),
      user("app", "APP"),
      user("other", "OTHER"),
    ],
    authTimeout: PATIENT,
    authCallout: {
      issuer: ISSUER.getPublicKey(),
      account: "AUTH",
      authUsers: ["auth"],
      xkey: "",
      allowedAccounts: [],
      ...callout,
    },
    ...options,
  });
  const { client } = await greet(server);
  await connect(client, { user: "auth", pass: "x", headers: true });
  await subscribe(client);
  const serving = serve(client, service, decrypt?.(server));
  try {
    await test(server);
  } finally {
    await server.shutdown();
    await client.close();
    await serving;
  }
}

async function knock(
  server: Server,
  fields: Record<string, unknown>,
): Promise<string> {
  await using raw = await greet(server);
  return await outcome(raw.client, fields);
}

capability("callout - the service decides who a client is", {
  positive: ["auth/config", "auth/request", "auth/response-checks"],
}, async () => {
  let asked: Request | undefined;
  const service: Service = async (request) => {
    asked = request;
    const jwt = await admission(request, {
      pub: { allow: ["open"], deny: [] },
    });
    return await respond(request, { jwt });
  };
  await withService(service, async (server) => {
    await using raw = await greet(server);
    const fields = { user: "anybody", pass: "secret", name: "n", lang: "l" };
    assertEquals(await outcome(raw.client, fields), "");
    const session = [...server.state.clients.open()].at(-1);
    assertEquals(session?.account.name, "APP");
    await raw.client.send("PUB open 0\r\n\r\nPUB shut 0\r\n\r\n");
    assertStringIncludes(await raw.client.flush(), 'Publish to "shut"');
    assertEquals(asked?.claims.aud, "nats-authorization-request");
    assertEquals(asked?.claims.sub, ISSUER.getPublicKey());
    assertEquals(asked?.claims.iss, server.id);
    assertMatch(asked?.user ?? "", /^U[A-Z2-7]{55}$/);
    assertEquals(asked?.nats.server_id?.id, server.id);
    assertEquals(asked?.nats.client_info?.user, "anybody");
    assertEquals(asked?.nats.client_info?.kind, "Client");
    assertEquals(asked?.nats.connect_opts, {
      user: "anybody",
      pass: "secret",
      name: "n",
      lang: "l",
      protocol: 0,
    });
  });
});

capability("callout - answers that do not fit let nobody in", {
  edge: ["auth/response-checks", "auth/request"],
}, async () => {
  const stranger = createAccount();
  const answers: Record<string, Service> = {
    "an error": (request) => respond(request, { error: "no" }),
    "another's signature": async (request) =>
      respond(request, { jwt: await admission(request) }, { signer: stranger }),
    "for another user": async (request) =>
      respond(request, { jwt: await admission(request) }, {
        subject: createUser().getPublicKey(),
      }),
    "for another server": async (request) =>
      respond(request, { jwt: await admission(request) }, {
        audience: createServer().getPublicKey(),
      }),
    "the JWT of another user": async (request) =>
      respond(request, {
        jwt: await admission({ ...request, user: createUser().getPublicKey() }),
      }),
    "a JWT of another issuer": async (request) =>
      respond(request, { jwt: await admission(request, { signer: stranger }) }),
    "an expired JWT": async (request) =>
      respond(request, {
        jwt: await admission(request, {}, { exp: inSeconds(-5) }),
      }),
    "no account": async (request) =>
      respond(request, { jwt: await admission(request, { account: "NONE" }) }),
    "an issuer account": async (request) =>
      respond(request, {
        jwt: await admission(request, {
          issuer_account: ISSUER.getPublicKey(),
        }),
      }),
    "other connection types": async (request) =>
      respond(request, {
        jwt: await admission(request, {
          allowed_connection_types: ["WEBSOCKET"],
        }),
      }),
    "other times": async (request) =>
      respond(request, {
        jwt: await admission(request, {
          times: [{ start: "00:00:00", end: "00:00:00" }],
        }),
      }),
    "a proxy": async (request) =>
      respond(request, {
        jwt: await admission(request, { proxy_required: true }),
      }),
    "the request itself": ({ body }) => Promise.resolve(body),
    "garbage": () => Promise.resolve("garbage"),
    "nothing in it": () => Promise.resolve(""),
  };
  let answer: Service = () => Promise.resolve(undefined);
  await withService((request) => answer(request), async (server) => {
    for (const [name, service] of Object.entries(answers)) {
      answer = service;
      // Not even right credentials help.
      const fields = { user: "app", pass: "x" };
      assertEquals(await knock(server, fields), REFUSED, name);
    }
  });
});

capability(
  "callout - silence lets nobody in, and late answers change nothing",
  {
    positive: ["auth/timeout"],
    edge: ["auth/timeout"],
  },
  async () => {
    const refused = Promise.withResolvers<void>();
    const service: Service = async (request) => {
      if (request.nats.connect_opts?.user === "next") {
        return await respond(request, { error: "no" });
      }
      await refused.promise;
      return await respond(request, { jwt: await admission(request) });
    };
    await withService(service, async (server) => {
      await using late = await greet(server);
      const start = performance.now();
      assertEquals(
        await outcome(late.client, { user: "app", pass: "x" }),
        REFUSED,
      );
      assertGreaterOrEqual(performance.now() - start, IMPATIENT - 50);
      refused.resolve();
      // The late answer has come when the next request is answered.
      assertEquals(await knock(server, { user: "next" }), REFUSED);
      const left = [...server.state.clients.open()].map(({ user }) => user);
      assertEquals(left, ["auth"]);
    }, { options: { authTimeout: IMPATIENT } });
  },
);

capability(
  "callout - the service's own users, and accounts out of its reach, are not asked about",
  {
    positive: ["auth/bypass", "auth/config"],
    edge: ["auth/bypass", "auth/config"],
  },
  async () => {
    const asked: unknown[] = [];
    const service: Service = (request) => {
      asked.push(request.nats.connect_opts?.user);
      return respond(request, { error: "no" });
    };
    const callout = { authUsers: ["auth", "helper"], allowedAccounts: ["APP"] };
    await withService(service, async (server) => {
      assertEquals(await knock(server, { user: "helper", pass: "x" }), "");
      assertEquals(await knock(server, { user: "helper", pass: "y" }), REFUSED);
      assertEquals(await knock(server, { user: "other", pass: "x" }), "");
      assertEquals(asked, []);
      for (const [name, pass] of [["app", "x"], ["other", "y"], ["new", ""]]) {
        assertEquals(await knock(server, { user: name, pass }), REFUSED);
      }
      assertEquals(asked, ["app", "other", "new"]);
    }, { callout });
  },
);

capability(
  "callout - nobody else in the service's account can send it requests",
  {
    positive: ["auth/deny"],
    edge: ["auth/deny"],
  },
  async () => {
    const service: Service = async (request) =>
      await respond(request, {
        jwt: await admission(request, { account: "AUTH" }),
      });
    await withService(service, async (server) => {
      for (const name of ["helper", "stranger"]) {
        await using raw = await greet(server);
        await outcome(raw.client, { user: name, pass: "x" });
        await raw.client.send(`PUB ${SUBJECT} 0\r\n\r\nPUB free 0\r\n\r\n`);
        assertEquals(
          await raw.client.flush(),
          `-ERR 'Permissions Violation for Publish to "${SUBJECT}"'\r\n`,
        );
      }
    }, { callout: { authUsers: ["auth", "helper"] } });
  },
);

capability("callout - the service names the user, and may end the connection", {
  positive: ["auth/username-override"],
  edge: ["auth/username-override"],
}, async () => {
  const service: Service = async (request) => {
    const { user } = request.nats.connect_opts ?? {};
    const name = user === "plain" ? "" : "renamed";
    const exp = inSeconds(4);
    const jwt = await admission(request, { name }, { exp });
    return await respond(request, { jwt });
  };
  await withService(service, async (server) => {
    await using renamed = await greet(server);
    await using plain = await greet(server);
    assertEquals(await outcome(renamed.client, { auth_token: "t" }), "");
    assertEquals(await outcome(plain.client, { user: "plain" }), "");
    const users = [...server.state.clients.open()].map((
      { connect },
    ) => [connect.user, connect.auth_token]);
    assertEquals(users.slice(-2).sort(), [["plain", ""], ["renamed", ""]]);
    await renamed.client.expect(
      /^-ERR 'User Authentication Expired'\r\n/,
      PATIENT,
    );
  });
});

capability("callout - requests and answers can be encrypted", {
  positive: ["auth/encryption"],
  edge: ["auth/encryption"],
}, async () => {
  const curve = createCurve();
  const intruder = createCurve();
  const bytes = (text: string) =>
    Uint8Array.from(text, (char) => char.charCodeAt(0));
  const text = (raw: Uint8Array) => String.fromCharCode(...raw);
  let form: "sealed" | "plain" | "forged" = "sealed";
  let header = "";
  const service: Service = async (request) => {
    header = request.header;
    const answer = await respond(request, { jwt: await admission(request) });
    if (form === "plain") return answer;
    const key = form === "sealed" ? curve : intruder;
    const recipient = String(request.nats.server_id?.xkey);
    return text(key.seal(bytes(answer), recipient));
  };
  await withService(service, async (server) => {
    for (
      const [next, expected] of [
        ["sealed", ""],
        ["plain", ""],
        ["forged", REFUSED],
      ] as const
    ) {
      form = next;
      assertEquals(await knock(server, { user: "x" }), expected, next);
    }
    const { xkey } = server.state.info();
    assertEquals(header, `NATS/1.0\r\nNats-Server-Xkey: ${xkey}\r\n\r\n`);
  }, {
    callout: { xkey: curve.getPublicKey() },
    decrypt: (server) => (body) => {
      const sender = server.state.info().xkey ?? "";
      const opened = curve.open(bytes(body), sender);
      if (opened === null) throw new Error("not for the service");
      return text(opened);
    },
  });
});

capability("callout - an operator's account can have a service", {
  positive: ["auth/bypass", "auth/response-checks"],
  edge: ["auth/response-checks", "auth/bypass", "auth/config"],
}, async () => {
  const operator = new TestOperator();
  const { account: central, user: guardian } = keys();
  const allowed = createAccount();
  const forbidden = createAccount();
  const authorization = {
    auth_users: [guardian.getPublicKey()],
    allowed_accounts: [allowed.getPublicKey()],
  };
  const tokens = {
    [central.getPublicKey()]: await operator.account(
      central,
      Object({ authorization }),
    ),
    [allowed.getPublicKey()]: await operator.account(allowed),
    [forbidden.getPublicKey()]: await operator.account(forbidden),
  };
  const server = await startServer({
    ...emptyOptions(),
    host: "127.0.0.1",
    ...await operator.options(tokens),
    authTimeout: PATIENT,
  });
  const own = await userJwt(central, {}, { user: guardian });
  const { client, said } = await join(server, own, guardian);
  let target: KeyPair = allowed;
  await subscribe(client);
  const serving = serve(client, async (request) => {
    const jwt = await admission(request, { signer: target });
    return await respond(request, { jwt }, { signer: central });
  });
  const sentinel = await userJwt(central, { bearer_token: true });
  try {
    assertEquals(said, "");
    await using guest = await join(server, sentinel, null, { user: "x" });
    assertEquals(guest.said, "");
    const session = [...server.state.clients.open()].at(-1);
    assertEquals(session?.account.name, allowed.getPublicKey());
    target = forbidden;
    await using stray = await join(server, sentinel, null, { user: "x" });
    assertEquals(stray.said, REFUSED);
  } finally {
    await server.shutdown();
    await client.close();
    await serving;
  }
});
