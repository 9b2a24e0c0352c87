import { createServer, createUser } from "@nats-io/nkeys";
import { assertEquals, assertMatch } from "@std/assert";
import { applyDefaults } from "../../../src/config/mod.ts";
import { Server, startServer } from "../../../src/mod.ts";
import { OpenConnection } from "../../../src/monitor/mod.ts";
import { denoRuntime } from "../../../src/runtime/mod.ts";
import { LogRecorder } from "../../tools/log_recorder.ts";
import { options } from "../../unit/config/options_harness.ts";
import { CloseReason } from "../../../src/connection/mod.ts";
import { capability } from "../../tools/capability.ts";
import { greet, outcome, REFUSED, sign } from "./support.ts";

const PROXY = createServer();
const OTHER = createServer();
const TRUSTED = { proxies: [{ key: PROXY.getPublicKey() }] };

capability(
  "proxies - the signature of a trusted proxy opens what requires one",
  {
    positive: ["auth/proxies-trusted", "auth/proxy-required"],
  },
  async () => {
    const server = await startServer({
      port: -1,
      ...TRUSTED,
      username: "alice",
      password: "secret",
      proxyRequired: true,
    });
    try {
      await using raw = await greet(server);
      assertMatch(raw.info.nonce ?? "", /^[\w-]{15}$/);
      const proxy_sig = sign(PROXY, raw.info.nonce);
      assertEquals(
        await outcome(raw.client, { user: "alice", pass: "secret", proxy_sig }),
        "",
      );
      const [session] = server.state.clients.open();
      assertEquals(session?.identity.proxy, PROXY.getPublicKey());
    } finally {
      await server.shutdown();
    }
  },
);

capability(
  "proxies - clients hear the same of every refusal, the server knows why",
  {
    edge: ["auth/proxies-trusted", "auth/proxy-required"],
  },
  async () => {
    const server = await startServer({
      port: -1,
      ...TRUSTED,
      username: "alice",
      password: "secret",
      proxyRequired: true,
    });
    const refused = async (sign: (nonce: string) => string) => {
      await using raw = await greet(server);
      const proxy_sig = sign(raw.info.nonce ?? "");
      assertEquals(
        await outcome(raw.client, { user: "alice", pass: "secret", proxy_sig }),
        REFUSED,
      );
      return server.state.closedClients.list().at(-1)?.reason;
    };
    try {
      assertEquals(
        await refused((nonce) => sign(OTHER, nonce)),
        CloseReason.ProxyNotTrusted,
      );
      assertEquals(
        await refused(() => sign(PROXY, "stale")),
        CloseReason.ProxyNotTrusted,
      );
      assertEquals(await refused(() => "!"), CloseReason.ProxyNotTrusted);
      assertEquals(await refused(() => ""), CloseReason.ProxyRequired);
    } finally {
      await server.shutdown();
    }
  },
);

capability("proxies - each user can require one", {
  edge: ["auth/proxy-required"],
}, async () => {
  const user = createUser();
  const common = {
    permissions: undefined,
    account: undefined,
    allowedConnectionTypes: undefined,
    proxyRequired: true,
  };
  const server = await startServer({
    port: -1,
    ...TRUSTED,
    nkeys: [{ nkey: user.getPublicKey(), ...common }],
    users: [{
      username: "bob",
      password: "x",
      connectionDeadline: undefined,
      ...common,
    }],
  });
  try {
    for (const proxied of [true, false]) {
      for (const named of [true, false]) {
        await using raw = await greet(server);
        const { nonce } = raw.info;
        const who = named
          ? { user: "bob", pass: "x" }
          : { nkey: user.getPublicKey(), sig: sign(user, nonce) };
        const proxy = proxied ? { proxy_sig: sign(PROXY, nonce) } : {};
        assertEquals(
          await outcome(raw.client, { ...who, ...proxy }),
          proxied ? "" : REFUSED,
        );
      }
    }
  } finally {
    await server.shutdown();
  }
});

capability("proxies - are shown, and take their clients with them", {
  positive: ["auth/monitoring", "reload/proxies"],
  edge: ["auth/monitoring", "reload/proxies"],
}, async () => {
  const load = (key: string) =>
    applyDefaults(options(
      `listen: "127.0.0.1:-1", proxies: { trusted: [ { key: ${key} } ] }`,
      { files: {} },
    ));
  const user = createUser();
  const [first, second] = [user.getPublicKey(), createUser().getPublicKey()];
  const server = new Server(load(first), denoRuntime(), new LogRecorder(), {
    loadOptions: () => load(second),
  });
  await server.start();
  try {
    await using proxied = await greet(server);
    const proxy_sig = sign(user, proxied.info.nonce);
    assertEquals(await outcome(proxied.client, { proxy_sig }), "");
    await using direct = await greet(server);
    assertEquals(await outcome(direct.client, {}), "");
    const shown = [...server.state.clients.open()].map((session) =>
      new OpenConnection(session).proxy
    );
    assertEquals(shown, [first, ""]);
    await server.reload();
    assertEquals(await proxied.client.expectEnd(), `${REFUSED}\r\n`);
    assertEquals(await direct.client.flush(), "");
    const [last] = server.state.closedClients.list();
    assertEquals(last?.reason, CloseReason.ProxyNotTrusted);
  } finally {
    await server.shutdown();
  }
});
