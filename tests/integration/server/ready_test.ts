/** Waiting for a server to be ready. */

import { assert, assertFalse, assertRejects } from "@std/assert";
import {
  applyDefaults,
  emptyOptions,
  type Options,
} from "../../../src/config/mod.ts";
import { denoRuntime } from "../../../src/runtime/mod.ts";
import { Server, StartError } from "../../../src/server/mod.ts";
import { capability } from "../../tools/capability.ts";
import { LogRecorder } from "../../tools/log_recorder.ts";
import { RawClient } from "../../tools/raw_client.ts";

const ID = "cli-signals-logging/ready-api";

function create(options: Partial<Options>): Server {
  const complete = { ...emptyOptions(), host: "127.0.0.1", ...options };
  return new Server(applyDefaults(complete), denoRuntime(), new LogRecorder());
}

capability(
  "readyForConnections - is true once the server listens",
  { positive: [ID] },
  async () => {
    const server = create({ port: -1 });
    const ready = server.readyForConnections(5000);
    const started = server.start();
    assert(await ready);
    await started;
    const { hostname, port } = new URL(server.clientUrl);
    const transport = await denoRuntime().network.connect({
      host: hostname,
      port: Number(port),
    });
    await using client = new RawClient(transport);
    await client.expect(/^INFO /);
    assert(await server.readyForConnections(0));
    await server.shutdown();
    assertFalse(await server.readyForConnections(5000));
  },
);

capability(
  "readyForConnections - is true without a listener when none is wanted",
  { positive: [ID] },
  async () => {
    const server = create({ dontListen: true });
    await server.start();
    assert(await server.readyForConnections(1000));
    await server.shutdown();
  },
);

capability(
  "readyForConnections - gives up when nobody starts the server",
  { edge: [ID] },
  async () => {
    const server = create({ port: -1 });
    const begin = performance.now();
    assertFalse(await server.readyForConnections(50));
    assert(performance.now() - begin > 45);
    await server.shutdown();
  },
);

capability(
  "readyForConnections - is false at once when the start fails or is called off",
  { edge: [ID] },
  async () => {
    const first = create({ port: -1 });
    await first.start();
    const second = create({ port: first.address?.port ?? 0 });
    const ready = second.readyForConnections(60_000);
    await assertRejects(() => second.start(), StartError, "in use");
    assertFalse(await ready);
    await first.shutdown();
    const third = create({ port: -1 });
    const waiting = third.readyForConnections(60_000);
    await third.shutdown();
    assertFalse(await waiting);
  },
);
