import { assertEquals } from "@std/assert";
import { wsconnect } from "@nats-io/nats-core";
import WebSocketClient from "ws";
import { capability } from "../../tools/capability.ts";
import { root, tlsBlock, withWebsocket } from "./support.ts";

/** Reads text from whatever the library hands over. */
function textOf(data: unknown): string {
  return data instanceof Uint8Array ? new TextDecoder().decode(data) : "";
}

/** Connects by the library, exchanges a large message, and closes. */
async function exchange(
  url: string,
  options: WebSocketClient.ClientOptions,
): Promise<{ extensions: string; size: number; close: number }> {
  const socket = new WebSocketClient(url, options);
  const { promise: done, resolve, reject } = Promise.withResolvers<number>();
  let received = "";
  socket.on("error", reject);
  socket.on("close", resolve);
  const pinged = Promise.withResolvers<string>();
  socket.on("pong", (data: unknown) => pinged.resolve(textOf(data)));
  const payload = "0123456789".repeat(10_000);
  const arrived = Promise.withResolvers<void>();
  socket.on("message", (data: unknown) => {
    received += textOf(data);
    if (received.endsWith(`${payload}\r\nPONG\r\n`)) arrived.resolve();
  });
  await new Promise((opened) => socket.on("open", opened));
  const { extensions } = socket;
  socket.send('CONNECT {"verbose":false}\r\nSUB a 1\r\n');
  socket.send(`PUB a ${payload.length}\r\n`);
  socket.send(`${payload}\r\nPING\r\n`);
  await Promise.race([arrived.promise, done]);
  socket.ping("alive?");
  assertEquals(await pinged.promise, "alive?");
  socket.close(1000, "enough");
  return { extensions, size: received.length, close: await done };
}

const ROWS = {
  positive: [
    "websocket/nats-protocol-stream",
    "websocket/response",
    "websocket/ping-pong-close",
    "websocket/outbound",
    "websocket/inbound",
  ],
  edge: ["websocket/nats-protocol-stream", "websocket/pending-accounting"],
};

capability("ws - plain", ROWS, () =>
  withWebsocket("", async (port) => {
    const { extensions, close } = await exchange(`ws://127.0.0.1:${port}`, {});
    assertEquals([extensions, close], ["", 1000]);
  }));

capability("ws - compressed", {
  positive: ["websocket/compression-in", "websocket/pending-accounting"],
}, () =>
  withWebsocket("compression: true", async (port) => {
    const { extensions, close } = await exchange(`ws://127.0.0.1:${port}`, {});
    assertEquals(extensions, "permessage-deflate");
    assertEquals(close, 1000);
  }));

capability("ws - encrypted", {
  positive: ["websocket/tls-required", "websocket/listener"],
}, () =>
  withWebsocket(tlsBlock(), async (port, _server, log) => {
    const { close } = await exchange(`wss://localhost:${port}`, {
      ca: root.ca,
    });
    assertEquals(close, 1000);
    assertEquals(
      log.lines.filter((line) => line.includes("DO NOT USE IN PRODUCTION")),
      [],
    );
  }));

capability("wsconnect - request and reply", {
  positive: ["websocket/nats-protocol-stream"],
}, () =>
  withWebsocket("compression: true", async (port) => {
    const servers = `ws://127.0.0.1:${port}`;
    const responder = await wsconnect({ servers, reconnect: false });
    const requester = await wsconnect({ servers, reconnect: false });
    responder.subscribe("service", {
      callback: (_error, message) => {
        message.respond(message.data);
      },
    });
    await responder.flush();
    const large = "x".repeat(500_000);
    for (const text of ["", "small", large]) {
      const answer = await requester.request("service", text);
      assertEquals(answer.string(), text);
    }
    await requester.close();
    await responder.close();
  }));
