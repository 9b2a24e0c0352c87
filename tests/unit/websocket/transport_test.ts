import { assert, assertEquals, assertRejects } from "@std/assert";
import { CloseReason } from "../../../src/connection/mod.ts";
import { arenaMemory } from "../../../src/protocol/mod.ts";
import {
  denoRuntime,
  type Transport,
  TransportError,
} from "../../../src/runtime/mod.ts";
import { WebsocketTransport } from "../../../src/websocket/mod.ts";
import { capability } from "../../tools/capability.ts";
import {
  bytesOf,
  frame,
  RawWebsocket,
  textOf,
} from "../../tools/raw_websocket.ts";

const runtime = denoRuntime();

const RULES = {
  masked: true,
  compression: false,
  browser: false,
  wholeCompressed: false,
};

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, i) => byte === b[i]);
}

/** A pipe whose near end takes only so many bytes in one write. */
function narrowPipe(most: number): [Transport, Transport] {
  const [near, far] = runtime.network.pipe();
  const narrow: Transport = {
    local: near.local,
    remote: near.remote,
    read: (target) => near.read(target),
    write: (source) => near.write(source.subarray(0, most)),
    closeWrite: () => near.closeWrite(),
    close: () => near.close(),
  };
  return [narrow, far];
}

/** A server's end, the client's, and what the client did wrong. */
function connected(most = Infinity) {
  const [near, far] = narrowPipe(most);
  const violations: string[] = [];
  const server = new WebsocketTransport(near, RULES, {
    timers: runtime.timers,
    maxPayload: () => 1 << 20,
    onViolation: (text) => violations.push(text),
  });
  return { server, client: new RawWebsocket(far), violations };
}

capability("WebsocketTransport - partial writes keep frames whole", {
  positive: ["websocket/pending-accounting"],
  edge: ["websocket/pending-accounting", "websocket/ping-pong-close"],
}, async () => {
  const { server, client } = connected(3);
  const text = "0123456789".repeat(50);
  const reading = server.read(new Uint8Array(100));
  await client.send(frame({ opcode: 9, payload: "in the middle" }));
  const writing = [server.write(bytesOf(text)), server.write(bytesOf("next"))];
  const payloads: string[] = [];
  for (let i = 0; i < 3; i++) {
    const next = await client.frame();
    assert(next !== null);
    payloads.push(textOf(next.payload));
  }
  assertEquals(await Promise.all(writing), [text.length, 4]);
  assertEquals(payloads.toSorted(), [text, "in the middle", "next"].toSorted());
  await client.text("done");
  assertEquals(await reading, 4);
  server.close();
  client.close();
});

capability("WebsocketTransport - reads as much as there is room for", {
  edge: ["websocket/nats-protocol-stream"],
}, async () => {
  const { server, client } = connected();
  await client.send(
    frame({ final: false, payload: "abcdef" }),
    frame({ opcode: 0, payload: "gh" }),
  );
  const target = new Uint8Array(5);
  let text = "";
  while (text.length < 8) {
    const count = await server.read(target);
    assert(count !== null && count > 0);
    text += textOf(target.subarray(0, count));
  }
  assertEquals(text, "abcdefgh");
  await client.send(frame({ opcode: 8, payload: "\x03\xe8" }));
  assertEquals(await server.read(target), null);
  await server.part(CloseReason.ServerShutdown);
  await server.part(CloseReason.ServerShutdown);
  // One close frame, with the peer's own status.
  assertEquals(await client.closeFrame(), { status: 1000, words: "" });
  server.close();
  assertEquals(await client.frame(), null);
  client.close();
});

Deno.test("WebsocketTransport - a flood arrives as it was sent, whatever memory it goes through", async () => {
  const { server, client } = connected();
  const part = Array.from({ length: 3001 }, (_, i) => String(i * i)).join(" ");
  const parts = Array.from({ length: 100 }, (_, i) => `${i} ${part}`);
  const sent = client.send(...parts.map((payload) => frame({ payload })));
  const expected = bytesOf(parts.join(""));
  // As a connection that is as busy has it.
  const target = new Uint8Array(
    arenaMemory(),
    arenaMemory().byteLength - (1 << 20),
    500_000,
  );
  for (let at = 0; at < expected.length;) {
    const count = await server.read(target);
    assert(count !== null && count > 0);
    assertEquals(
      equal(target.subarray(0, count), expected.subarray(at, at + count)),
      true,
      `at ${at}`,
    );
    at += count;
  }
  await sent;
  server.close();
  await assertRejects(() => server.read(target), TransportError);
  client.close();
});

capability(
  "WebsocketTransport - a violation breaks the stream, after what came before",
  {
    positive: ["websocket/inbound"],
    edge: ["websocket/inbound", "websocket/close-codes"],
  },
  async () => {
    const { server, client, violations } = connected();
    await client.send(frame({ payload: "good" }), frame({ opcode: 5 }));
    const target = new Uint8Array(100);
    assertEquals(await server.read(target), 4);
    await assertRejects(
      () => server.read(target),
      TransportError,
      "unknown opcode 5",
    );
    assertEquals(violations, ["unknown opcode 5"]);
    assertEquals(await client.closeFrame(), {
      status: 1002,
      words: "unknown opcode 5",
    });
    server.close();
    client.close();
  },
);

capability("WebsocketTransport - gives up on a peer that does not read", {
  edge: ["websocket/close-codes"],
}, async () => {
  const { server, client } = connected();
  const stuck = server.write(new Uint8Array(200_000)).catch(() => "broken");
  // Nothing else keeps this process alive: a pipe has no socket.
  const alive = setInterval(() => {}, 100);
  const begin = performance.now();
  await server.part(CloseReason.ServerShutdown);
  assert(performance.now() - begin >= 900);
  clearInterval(alive);
  server.close();
  assertEquals(await stuck, "broken");
  client.close();
});
