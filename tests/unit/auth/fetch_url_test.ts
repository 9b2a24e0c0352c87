/** Documents that do not come, or not in time. */

import { assertEquals, assertRejects } from "@std/assert";
import { fetchUrl } from "../../../src/auth/resolver/fetch_url.ts";
import { HttpError } from "../../../src/auth/resolver/http_get.ts";
import {
  denoRuntime,
  type Network,
  type Transport,
} from "../../../src/runtime/mod.ts";

const TLS = { insecure: false, minVersion: "1.2" } as const;
const URL_OF_NOBODY = new URL("http://127.0.0.1:1/x");

function fetchFrom(network: Network) {
  const { timers, tls } = denoRuntime();
  return fetchUrl(URL_OF_NOBODY, { network, timers, tls }, TLS, 30);
}

Deno.test("who can't be connected to is waited for no longer than allowed", async () => {
  const runtime = denoRuntime();
  let arrive: (transport: Transport) => void = () => {};
  let closed = 0;
  const network: Network = {
    ...runtime.network,
    connect: () => new Promise((resolve) => arrive = resolve),
  };
  // The server's timers keep no process alive.
  const alive = setInterval(() => {}, 10);
  await assertRejects(
    () => fetchFrom(network),
    HttpError,
    "context deadline exceeded",
  );
  clearInterval(alive);
  // Whatever comes of it later is of no use.
  const nobody = { host: "", port: 0 };
  arrive({
    local: nobody,
    remote: nobody,
    read: () => Promise.reject(new Error("closed")),
    write: () => Promise.reject(new Error("closed")),
    closeWrite: () => Promise.resolve(),
    close: () => void closed++,
  });
  await new Promise((resolve) => setTimeout(resolve, 10));
  assertEquals(closed > 0, true);
});
