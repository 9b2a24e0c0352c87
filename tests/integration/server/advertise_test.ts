import { assertEquals } from "@std/assert";
import { type Logger, startServer } from "../../../src/mod.ts";
import { denoRuntime, type Network } from "../../../src/runtime/mod.ts";

/** The network of a machine that has these addresses. */
function withAddresses(network: Network, addresses: string[]): Network {
  return {
    listen: (address) => network.listen(address),
    connect: (address, signal) => network.connect(address, signal),
    connectUnix: (path) => network.connectUnix(path),
    sendDatagram: (target, data) => network.sendDatagram(target, data),
    resolve: (host) => network.resolve(host),
    interfaces: () => addresses,
    pipe: () => network.pipe(),
  };
}

/** What a server logs as errors until it is up. */
async function errorsOfStart(
  host: string,
  addresses: string[],
): Promise<string[]> {
  const errors: string[] = [];
  const ignore = () => {};
  const logger: Logger = {
    debugging: false,
    tracing: false,
    notice: ignore,
    warn: ignore,
    error: (text) => void errors.push(text),
    fatal: ignore,
    debug: ignore,
    trace: ignore,
  };
  const runtime = denoRuntime();
  const server = await startServer({ host, port: -1 }, {
    logger,
    runtime: { ...runtime, network: withAddresses(runtime.network, addresses) },
  });
  await server.shutdown();
  return errors;
}

Deno.test("advertise - a server that only its own machine can reach says so", async () => {
  assertEquals(await errorsOfStart("0.0.0.0", ["127.0.0.1", "::1"]), [
    'Address "0.0.0.0" can not be resolved properly',
  ]);
});

Deno.test("advertise - an address of the machine, or one that was chosen, is enough", async () => {
  assertEquals(await errorsOfStart("0.0.0.0", ["127.0.0.1", "10.1.2.3"]), []);
  assertEquals(await errorsOfStart("127.0.0.1", ["127.0.0.1"]), []);
});
