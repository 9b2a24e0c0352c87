import { createAccount, createUser } from "@nats-io/nkeys";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  type ClaimAnswer,
  ClaimRequests,
  DirectoryResolver,
} from "../../../src/auth/mod.ts";
import { type Options, type Server, startServer } from "../../../src/mod.ts";
import { capability } from "../../tools/capability.ts";
import { forge, keys, TestOperator, userJwt } from "../../tools/operator.ts";
import { tryJoin } from "./jwt_support.ts";
import { REFUSED } from "./support.ts";

/** What an account server of a test answers, by path. */
type Pages = Record<string, () => Response | Promise<Response>>;

/** Runs `test` with an HTTP server. */
async function withPages(
  pages: Pages,
  test: (url: string, asked: string[]) => Promise<void>,
): Promise<void> {
  const asked: string[] = [];
  const http = Deno.serve({
    port: 0,
    hostname: "127.0.0.1",
    onListen: () => {},
  }, (request) => {
    const { pathname } = new URL(request.url);
    asked.push(pathname);
    return pages[pathname]?.() ?? new Response("", { status: 404 });
  });
  try {
    await test(`http://127.0.0.1:${http.addr.port}/jwt`, asked);
  } finally {
    await http.shutdown();
  }
}

const HELLO = { "/jwt/": () => new Response("") };

/** Options with a resolver in place of JWTs in memory. */
async function resolving(
  operator: TestOperator,
  resolver: NonNullable<Options["resolver"]>,
): Promise<Partial<Options>> {
  return { ...await operator.options({}), resolver };
}

/** What a server says to a user of the account. */
async function knock(
  server: Server,
  account = createAccount(),
): Promise<string> {
  const user = createUser();
  return await tryJoin(server, await userJwt(account, {}, { user }), user);
}

capability("url resolver - fetches each account once, when it is needed", {
  positive: ["auth/url", "auth/syntax"],
}, async () => {
  const operator = new TestOperator();
  const { account } = keys();
  const path = `/jwt/${account.getPublicKey()}`;
  const token = await operator.account(account);
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const bytes = new TextEncoder().encode(token);
      controller.enqueue(bytes.subarray(0, 10));
      controller.enqueue(bytes.subarray(10));
      controller.close();
    },
  });
  await withPages({
    ...HELLO,
    [path]: () => Response.redirect("http://127.0.0.1:1/never", 302),
  }, async (url, asked) => {
    const server = await startServer(
      await resolving(operator, { kind: "url", url: `${url}/` }),
    );
    try {
      assertEquals(asked, ["/jwt/"]);
      assertEquals(await knock(server, account), REFUSED);
    } finally {
      await server.shutdown();
    }
  });
  await withPages({
    ...HELLO,
    [path]: () =>
      new Response(null, { status: 302, headers: { location: "/moved" } }),
    "/moved": () => new Response(body),
  }, async (url, asked) => {
    const server = await startServer(
      await resolving(operator, { kind: "url", url }),
    );
    try {
      const knocks = [knock(server, account), knock(server, account)];
      assertEquals(await Promise.all(knocks), ["", ""]);
      assertEquals(await knock(server, account), "");
      assertEquals(asked, ["/jwt/", path, "/moved"]);
    } finally {
      await server.shutdown();
    }
  });
});

capability(
  "url resolver - what can't be fetched, or is no JWT of the account, opens nothing",
  {
    edge: ["auth/url"],
  },
  async () => {
    const operator = new TestOperator();
    const { account } = keys();
    const other = createAccount();
    const path = `/jwt/${account.getPublicKey()}`;
    const answers: Record<string, () => Promise<Response> | Response> = {
      "not found": () => new Response("", { status: 404 }),
      "no JWT": () => new Response("hello"),
      "of another account": async () =>
        new Response(await operator.account(other)),
      "of another operator": async () =>
        new Response(await new TestOperator().account(account)),
    };
    for (const [name, answer] of Object.entries(answers)) {
      await withPages({ ...HELLO, [path]: answer }, async (url) => {
        const server = await startServer(
          await resolving(operator, { kind: "url", url }),
        );
        try {
          assertEquals(await knock(server, account), REFUSED, name);
        } finally {
          await server.shutdown();
        }
      });
    }
  },
);

capability("url resolver - a server does not start when nobody answers", {
  edge: ["auth/url", "auth/option-errors"],
  positive: ["auth/option-errors"],
}, async () => {
  const operator = new TestOperator();
  await withPages({}, async (url) => {
    const options = await resolving(operator, { kind: "url", url });
    await assertRejects(
      () => startServer(options),
      Error,
      `could not fetch <"${url}/">: 404 Not Found`,
    );
  });
  await withPages(HELLO, async (url) => {
    const options = await resolving(operator, { kind: "url", url });
    const account = createAccount();
    const token = await operator.account(account);
    const resolverPreload = new Map([[account.getPublicKey(), token]]);
    await assertRejects(
      () => startServer({ ...options, resolverPreload }),
      Error,
      "resolver preloads only available for writeable resolver types",
    );
  });
});

/** A server that keeps JWTs in a directory, and what asks it to change them. */
async function withDirectory(
  resolver: Partial<Extract<Options["resolver"], { directory: string }>>,
  test: (context: {
    server: Server;
    operator: TestOperator;
    requests: ClaimRequests;
    log: string[];
    directory: string;
  }) => Promise<void>,
  { systemAccount = createAccount().getPublicKey() } = {},
): Promise<void> {
  const directory = await Deno.makeTempDir();
  const operator = new TestOperator();
  const options = await resolving(
    operator,
    Object({
      kind: "full",
      directory,
      limit: 0,
      interval: 0,
      delete: "hard",
      fetchTimeout: 0,
      ttl: 0,
      ...resolver,
    }),
  );
  const log: string[] = [];
  const note = (text: string) => void log.push(text);
  const logger = {
    debugging: true,
    tracing: false,
    notice: note,
    warn: note,
    error: note,
    fatal: note,
    debug: note,
    trace: note,
  };
  const server = await startServer({ ...options, systemAccount }, {
    logger,
  });
  try {
    const accounts = server.state.claimedAccounts;
    const [trusted] = server.options.trustedOperators;
    if (!(accounts?.resolver instanceof DirectoryResolver) || !trusted) {
      throw new Error("no directory");
    }
    const requests = new ClaimRequests(accounts.resolver, {
      logger,
      random: server.state.random,
      operator: trusted,
      systemAccount,
      isInUse: (account) => accounts.get(account) !== undefined,
    });
    await test({ server, operator, requests, log, directory });
  } finally {
    await server.shutdown();
    await Deno.remove(directory, { recursive: true });
  }
}

function said({ ok, text }: ClaimAnswer): string {
  return `${ok ? 200 : 500} ${text}`;
}

capability("full resolver - takes JWTs while running, and acts on them", {
  positive: ["auth/account-update-effects"],
}, async () => {
  await withDirectory({}, async (context) => {
    const { server, operator, requests, log, directory } = context;
    const { account } = keys();
    const key = account.getPublicKey();
    assertEquals(await knock(server, account), REFUSED);
    const token = await operator.account(account);
    assertEquals(said(requests.update(token, key)), "200 jwt updated");
    assertEquals(await Deno.readTextFile(`${directory}/${key}.jwt`), token);
    assertEquals(await knock(server, account), "");
    assertEquals(requests.list(), [key]);
    assertEquals(requests.lookup(key), token);
    const limits = { conn: 0, subs: -1, payload: -1, data: -1 };
    requests.update(await operator.account(account, { limits }));
    assertStringIncludes(await knock(server, account), "maximum account");
    const notice = `Managing all jwt in exclusive directory ${directory}`;
    assertEquals(log.includes(notice), true);
  });
});

capability("full resolver - refuses JWTs that it could not use", {
  edge: ["auth/claim-apis", "auth/full"],
}, async () => {
  await withDirectory({}, async ({ operator, requests, directory }) => {
    const { account } = keys();
    const key = account.getPublicKey();
    const other = createAccount().getPublicKey();
    const token = await operator.account(account);
    const refused = "500 jwt update resulted in error - ";
    assertEquals(
      said(requests.update("x", key)),
      `${refused}expected 3 chunks`,
    );
    assertEquals(
      said(requests.update(token, other)),
      `${refused}subject does not match jwt content`,
    );
    const overlapping = await operator.account(account, {
      exports: [
        { name: "a", subject: "a.>", type: "service" },
        { name: "b", subject: "a.b", type: "service" },
      ],
    });
    assertEquals(
      said(requests.update(overlapping, key)),
      "500 jwt validation failed - validation errors: " +
        '[service export subject "a.>" already exports "a.b"]',
    );
    const mapping = await operator.account(
      account,
      Object({ mappings: { "a.*": [{ subject: "b.$2" }] } }),
    );
    assertStringIncludes(
      said(requests.update(mapping, key)),
      'jwt validation failed - mapping "a.*" -> "b.$2": ',
    );
    assertEquals([...Deno.readDirSync(directory)], []);
  });
});

capability("delete - is for the operator itself, and shuts accounts out", {
  edge: ["auth/delete"],
}, async () => {
  await withDirectory({}, async ({ server, operator, requests }) => {
    const { account } = keys();
    const key = account.getPublicKey();
    requests.update(await operator.account(account));
    assertEquals(await knock(server, account), "");
    const request = (signer = operator.key, accounts: unknown = [key]) =>
      said(requests.delete(forge(signer, {
        iss: signer.getPublicKey(),
        sub: signer.getPublicKey(),
        nats: { accounts },
      })));
    const failed = (signer = operator.key) =>
      `500 delete accounts request by ${signer.getPublicKey()} failed - `;
    assertEquals(request(account), `${failed(account)}not trusted`);
    assertEquals(
      request(operator.key, ["x"]),
      `${failed()}malformed request`,
    );
    assertEquals(
      request(operator.key, [server.options.systemAccount]),
      `${failed()}not allowed to delete system account`,
    );
    assertEquals(await knock(server, account), "");
    assertEquals(request(operator.signingKey), "200 deleted 1 accounts");
    assertEquals(await knock(server, account), REFUSED);
    assertEquals(requests.list(), []);
  });
  await withDirectory({ delete: "never" }, ({ operator, requests }) => {
    const key = operator.key.getPublicKey();
    const request = { iss: key, sub: key, nats: { accounts: [] } };
    assertStringIncludes(
      said(requests.delete(forge(operator.key, request))),
      "delete must be enabled in server config",
    );
    return Promise.resolve();
  });
});

capability("cache resolver - asks others, and keeps only accounts in use", {
  edge: ["auth/cache", "auth/nats-lookup", "auth/claim-apis"],
}, async () => {
  await withDirectory({ kind: "cache" }, async (context) => {
    const { server, operator, requests } = context;
    const { account } = keys();
    const token = await operator.account(account);
    assertEquals(said(requests.update(token)), "200 jwt update cache skipped");
    assertEquals(await knock(server, account), REFUSED);
    const resolver = server.state.claimedAccounts?.resolver;
    if (!(resolver instanceof DirectoryResolver)) throw new Error("no cache");
    let asked = 0;
    resolver.remote = (key) => {
      // The system account is looked for now and then.
      if (key === account.getPublicKey()) asked++;
      return Promise.resolve(token);
    };
    assertEquals(await knock(server, account), "");
    assertEquals(await knock(server, account), "");
    assertEquals(asked, 1);
    assertEquals(requests.list().includes(account.getPublicKey()), true);
    assertEquals(
      said(requests.update(await operator.account(account, {}, { name: "B" }))),
      "200 jwt updated cache",
    );
  });
});

capability("bootstrapping - the system account works before its JWT is there", {
  positive: ["auth/bootstrap-system-account"],
  edge: ["auth/bootstrap-system-account"],
}, async () => {
  const system = createAccount();
  const context = { systemAccount: system.getPublicKey() };
  await withDirectory({}, async ({ server, operator, requests, log }) => {
    assertEquals(log.includes("Using bootstrapping system account"), true);
    assertEquals(await knock(server, system), "");
    assertEquals(await knock(server, createAccount()), REFUSED);
    const limits = { conn: 0, subs: -1, payload: -1, data: -1 };
    requests.update(await operator.account(system, { limits }));
    assertStringIncludes(await knock(server, system), "maximum account");
    const deadline = Date.now() + 30_000;
    while (!log.includes("System account fetched and updated")) {
      if (Date.now() > deadline) throw new Error("never fetched");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }, context);
});

capability("pack - is empty for who has the same, else everything", {
  positive: ["auth/dir-store-internals"],
}, async () => {
  await withDirectory({}, async ({ server, operator, requests }) => {
    const { account } = keys();
    const key = account.getPublicKey();
    const token = await operator.account(account);
    requests.update(token);
    const resolver = server.state.claimedAccounts?.resolver;
    if (!(resolver instanceof DirectoryResolver)) throw new Error("no store");
    assertEquals(requests.pack(resolver.directory.hash), []);
    assertEquals(requests.pack(new Uint8Array(32)), [`${key}|${token}`]);
  });
});
