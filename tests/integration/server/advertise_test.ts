/** Under which addresses a server says that it can be reached. */

import { assertEquals, assertRejects } from "@std/assert";
import {
  type Options,
  type Server,
  StartError,
  startServer,
} from "../../../src/mod.ts";
import { denoRuntime, type Network } from "../../../src/runtime/mod.ts";
import { capability } from "../../tools/capability.ts";
import { LogRecorder } from "../../tools/log_recorder.ts";
import { RawClient } from "../../tools/raw_client.ts";

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
    loopback: () => network.loopback(),
  };
}

/** A started server on a machine that has these addresses, and its log. */
async function started(
  options: Partial<Options>,
  addresses: string[],
): Promise<{ server: Server; log: LogRecorder }> {
  const log = new LogRecorder();
  const runtime = denoRuntime();
  const server = await startServer({ port: -1, ...options }, {
    logger: log,
    runtime: { ...runtime, network: withAddresses(runtime.network, addresses) },
  });
  return { server, log };
}

/** What a server logs as errors until it is up. */
async function errorsOfStart(
  host: string,
  addresses: string[],
): Promise<string[]> {
  const { server, log } = await started({ host }, addresses);
  await server.shutdown();
  return log.lines.filter((line) => line.startsWith("error "));
}

/** The addresses that a server would tell of, with `port` for its port. */
async function urlsOf(
  options: Partial<Options>,
  addresses: string[],
): Promise<string[]> {
  const { server } = await started(options, addresses);
  const urls = server.state.connectUrls.map((url) =>
    url.replace(`:${server.address?.port}`, ":port")
  );
  await server.shutdown();
  return urls;
}

const ID = "client-protocol/connect-urls";

capability(
  "advertise - a server that only its own machine can reach says so",
  { edge: [ID] },
  async () => {
    assertEquals(await errorsOfStart("0.0.0.0", ["127.0.0.1", "::1"]), [
      'error Address "0.0.0.0" can not be resolved properly',
    ]);
  },
);

capability(
  "advertise - an address of the machine, or one that was chosen, is enough",
  { edge: [ID] },
  async () => {
    assertEquals(await errorsOfStart("0.0.0.0", ["127.0.0.1", "10.1.2.3"]), []);
    assertEquals(await errorsOfStart("127.0.0.1", ["127.0.0.1"]), []);
  },
);

capability(
  "advertise - on all interfaces, the addresses that others reach are told",
  { positive: [ID] },
  async () => {
    const addresses = [
      "127.0.0.1",
      "::1",
      "169.254.7.7",
      "fe80::1",
      "224.0.0.1",
      "ff02::1",
      "10.1.2.3",
      "2001:db8::7",
    ];
    assertEquals(await urlsOf({ host: "0.0.0.0" }, addresses), [
      "10.1.2.3:port",
      "[2001:db8::7]:port",
    ]);
    assertEquals(await urlsOf({ host: "127.0.0.1" }, addresses), [
      "127.0.0.1:port",
    ]);
  },
);

capability(
  "advertise - client_advertise stands for the addresses, and in INFO",
  { positive: [ID, "client-protocol/info-fields"] },
  async () => {
    const cases: [string, string[], string, number | undefined][] = [
      [
        "nats.example.com:1234",
        ["nats.example.com:1234"],
        "nats.example.com",
        1234,
      ],
      [
        "nats.example.com",
        ["nats.example.com:port"],
        "nats.example.com",
        undefined,
      ],
      ["[2001:db8::7]:99", ["[2001:db8::7]:99"], "2001:db8::7", 99],
      ["host:-1", ["host:port"], "host", undefined],
    ];
    for (const [clientAdvertise, urls, host, port] of cases) {
      const options = { host: "0.0.0.0", clientAdvertise };
      assertEquals(await urlsOf(options, ["10.1.2.3"]), urls);
      const { server } = await started(options, ["10.1.2.3"]);
      await using client = new RawClient(server.connectInProcess());
      const [, json = ""] = await client.expect(/^INFO (\{.*\}) \r\n/);
      const info = JSON.parse(json);
      assertEquals([info.host, info.port], [
        host,
        port ?? server.address?.port,
      ]);
      // Only the cluster makes addresses a part of INFO.
      assertEquals(info.connect_urls, undefined);
      await server.shutdown();
    }
  },
);

capability(
  "advertise - what is no address ends the start",
  { edge: [ID] },
  async () => {
    for (
      const [clientAdvertise, reason] of [
        ["bad:host:name", "address bad:host:name: too many colons in address"],
        ["host:port", 'strconv.Atoi: parsing "port": invalid syntax'],
      ] as const
    ) {
      await assertRejects(
        () => started({ clientAdvertise }, []),
        StartError,
        "Error setting server INFO with ClientAdvertise value of " +
          `${clientAdvertise}, err=${reason}`,
      );
    }
  },
);
