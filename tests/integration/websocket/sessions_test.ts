import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { startServer } from "../../../src/mod.ts";
import { createHash } from "node:crypto";
import { connect as connectTls } from "node:tls";
import { capability } from "../../tools/capability.ts";
import { LogRecorder } from "../../tools/log_recorder.ts";
import {
  bytesOf,
  frame,
  RawWebsocket,
  upgradeRequest,
} from "../../tools/raw_websocket.ts";
import { options } from "../../unit/config/options_harness.ts";
import { root, tlsBlock, withWebsocket } from "./support.ts";

const CONNECT = 'CONNECT {"verbose":false,"protocol":1}\r\nPING\r\n';

capability("websocket - INFO tells of the listener", {
  positive: ["websocket/advertise", "websocket/keys"],
  edge: ["websocket/advertise"],
}, () =>
  withWebsocket('advertise: "nats.example:9"', async (port, server) => {
    using client = await RawWebsocket.open(port);
    const info = JSON.parse((await client.expect(/\r\n$/)).slice(5));
    assertEquals([info.host, info.port], ["127.0.0.1", port]);
    assertEquals(info.tls_required ?? false, false);
    assertEquals(info.connect_urls, undefined);
    assertEquals(info.ws_connect_urls, undefined);
    assertEquals(server.state.webAddress?.urls, ["nats.example:9"]);
  }));

capability("websocket - what the server says precedes its close frame", {
  positive: ["websocket/close-codes"],
  edge: ["websocket/close-codes", "websocket/auth-override"],
}, () =>
  withWebsocket("authorization { token: t }", async (port) => {
    using client = await RawWebsocket.open(port);
    await client.text(CONNECT);
    await client.expect(/-ERR 'Authorization Violation'\r\n$/);
    assertEquals(await client.closeFrame(), {
      status: 1008,
      words: "Authentication Failure",
    });
    assertEquals(await client.frame(), null);
  }));

capability("websocket - protocol errors and large payloads have their codes", {
  edge: ["websocket/close-codes"],
}, () =>
  withWebsocket("", async (port) => {
    for (
      const [text, status] of [
        ["WHAT\r\n", 1002],
        [`PUB a 2000000\r\n`, 1009],
      ] as const
    ) {
      using client = await RawWebsocket.open(port);
      await client.text('CONNECT {"verbose":false}\r\n');
      await client.text(text);
      assertEquals((await client.closeFrame())?.status, status);
    }
  }));

capability("websocket - a shutdown says good-bye", {
  positive: ["websocket/close-codes", "websocket/listener"],
}, () =>
  withWebsocket("", async (port, server) => {
    using client = await RawWebsocket.open(port);
    await client.text(CONNECT);
    await client.expect(/PONG\r\n/);
    const closing = server.shutdown();
    assertEquals(await client.closeFrame(), {
      status: 1001,
      words: "Server Shutdown",
    });
    await closing;
    await assertRejects(() => RawWebsocket.dial(port));
  }));

capability("websocket - max_connections counts all clients", {
  positive: ["websocket/max-connections"],
  edge: ["websocket/max-connections"],
}, () =>
  withWebsocket("", async (port) => {
    using first = await RawWebsocket.open(port);
    await first.expect(/INFO /);
    using second = await RawWebsocket.open(port);
    await second.expect(/-ERR 'maximum connections exceeded'\r\n$/);
    assertEquals((await second.closeFrame())?.status, 1008);
  }, "max_connections: 1"));

capability("websocket - own PING interval", {
  positive: ["websocket/nats-ping-interval"],
  edge: ["websocket/nats-ping-interval"],
}, () =>
  withWebsocket('ping_interval: "50ms"', async (port, server) => {
    using client = await RawWebsocket.open(port);
    await client.expect(/PING\r\n/);
    assertEquals(server.options.pingInterval, 120_000);
  }));

capability("websocket - the handshake has a limit of time", {
  positive: ["websocket/handshake-timeout"],
  edge: ["websocket/handshake-timeout"],
}, () =>
  withWebsocket('handshake_timeout: "100ms"', async (port) => {
    using slow = await RawWebsocket.dial(port);
    await slow.send(bytesOf("GET / HTTP/1.1\r\n"));
    assertEquals(await slow.head(), "");
    using client = await RawWebsocket.open(port);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await client.text(CONNECT);
    await client.expect(/PONG\r\n/);
  }));

capability("websocket - what comes compressed is limited", {
  edge: ["websocket/compression-in"],
}, () =>
  withWebsocket("compression: true", async (port, _server, log) => {
    using client = await RawWebsocket.open(port, {
      "Sec-WebSocket-Extensions": "permessage-deflate",
    });
    await client.send(frame({
      reserved: 0x40,
      final: false,
      payload: "x".repeat(20_000),
    }));
    while (await client.frame() !== null);
    assert(
      log.lines.some((line) =>
        line.endsWith("read error: maximum payload exceeded")
      ),
    );
  }, "max_payload: 1024"));

capability("websocket - requests that are refused leave room for another", {
  positive: ["websocket/validation"],
  edge: ["websocket/validation"],
}, () =>
  withWebsocket("", async (port, _server, log) => {
    using client = await RawWebsocket.dial(port);
    await client.send(bytesOf(upgradeRequest({ Upgrade: null })));
    assertMatch(await client.head(), /^HTTP\/1\.1 400 Bad Request\r\n/);
    assertEquals(await client.bytes(12), "Bad Request\n");
    await client.send(bytesOf(upgradeRequest()));
    assertMatch(await client.head(), /^HTTP\/1\.1 101 /);
    assertEquals(
      log.lines.filter((line) => line.includes("handshake error"))
        .map((line) => line.replace(/:\d+ /, ":<port> ")),
      [
        "error 127.0.0.1:<port> - websocket handshake error: invalid value for header 'Upgrade'",
      ],
    );
    using large = await RawWebsocket.dial(port);
    await large.send(bytesOf(`GET / HTTP/1.1\r\nA: ${"x".repeat(1_100_000)}`))
      .catch(() => {});
    assertMatch(await large.head(), /^(HTTP\/1\.1 431 |$)/);
  }));

capability("websocket - leafnodes have to be served to be let in", {
  edge: ["websocket/path-routing"],
}, () =>
  withWebsocket("", async (port, _server, log) => {
    using client = await RawWebsocket.open(port, {}, "GET /leafnode HTTP/1.1");
    assertEquals(await client.frame(), null);
    assert(
      log.lines.includes(
        "error Not configured to accept leaf node connections",
      ),
    );
  }));

capability("websocket - certificates map to users", {
  positive: ["websocket/tls-map-verify"],
  edge: ["websocket/tls-map-verify", "websocket/tls-required"],
}, () =>
  withWebsocket(tlsBlock("verify_and_map: true"), async (port) => {
    const talk = (identity: { cert: string; key: string } | null) =>
      overTls(port, identity);
    assertStringIncludes(
      await talk(root.client({ subject: "CN=web" })),
      "PONG",
    );
    assertStringIncludes(
      await talk(root.client({ subject: "CN=other" })),
      "Authorization Violation",
    );
    assertEquals(await talk(null), "");
  }, "authorization { users: [{user: 'CN=web'}] }"));

capability("websocket - only clients with pinned certificates are served", {
  edge: ["websocket/tls-map-verify"],
}, () => {
  const known = root.client({ subject: "CN=known" });
  const pin = createHash("sha256").update(known.publicKeyInfo).digest("hex");
  const block = tlsBlock(`verify: true, pinned_certs: ["${pin}"]`);
  return withWebsocket(block, async (port) => {
    assertStringIncludes(await overTls(port, known), "PONG");
    const other = await overTls(port, root.client({ subject: "CN=other" }));
    assertEquals(other.includes("INFO"), false);
  });
});

capability("websocket - a port that is taken is fatal", {
  edge: ["websocket/listener"],
}, () =>
  withWebsocket("", async (port) => {
    const taken = options(
      `listen: "127.0.0.1:-1"\nwebsocket { listen: "127.0.0.1:${port}", no_tls: true }`,
    );
    await assertRejects(
      () => startServer(taken, { logger: new LogRecorder() }),
      Error,
      "Unable to listen for websocket connections: ",
    );
  }));

/** Upgrades over TLS, sends CONNECT, and collects what comes until PONG or the end. */
function overTls(
  port: number,
  identity: { cert: string; key: string } | null,
): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connectTls({
      port,
      host: "127.0.0.1",
      ca: root.ca,
      ...(identity === null ? {} : { cert: identity.cert, key: identity.key }),
    });
    socket.on("secureConnect", () => socket.write(upgradeRequest()));
    socket.on("data", (data: Uint8Array) => {
      text += new TextDecoder("latin1").decode(data);
      if (text.includes("INFO ") && !text.includes("sent")) {
        text = "sent ";
        socket.write(frame({ payload: CONNECT }));
      } else if (text.includes("PONG")) socket.destroy();
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(text));
  });
}
