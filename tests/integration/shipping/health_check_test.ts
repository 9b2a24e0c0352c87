import { assert, assertFalse } from "@std/assert";
import { isHealthy } from "../../../src/cli/health_check.ts";
import { startServer } from "../../../src/mod.ts";
import { denoRuntime } from "../../../src/runtime/mod.ts";

const runtime = denoRuntime();

Deno.test("a server is healthy while it greets", async () => {
  const server = await startServer({ port: -1 });
  const address = `127.0.0.1:${server.address?.port}`;
  assert(await isHealthy(address, runtime));
  await server.shutdown();
  assertFalse(await isHealthy(address, runtime));
});

Deno.test("who is silent, says something else or has no address is not healthy", async () => {
  const listener = runtime.network.listen({ host: "::1", port: 0 });
  const address = `[::1]:${listener.address.port}`;
  const silent = isHealthy(address, runtime, 50);
  const first = await listener.accept();
  assertFalse(await silent);
  const rude = isHealthy(address, runtime);
  const second = await listener.accept();
  await second.write(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n"));
  assertFalse(await rude);
  for (const open of [first, second, listener]) open.close();
  assertFalse(await isHealthy("nowhere", runtime));
});
