import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
  assertRejects,
  assertThrows,
} from "@std/assert";
import {
  denoRuntime,
  type Listener,
  type Transport,
  TransportError,
} from "../../../src/runtime/mod.ts";

const { network, timers } = denoRuntime();
const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Makes two connected transports; `close` releases what else was opened. */
type Connect = () => Promise<
  { server: Transport; client: Transport; close(): void }
>;

async function connectThrough(
  listener: Listener,
  host: string,
): ReturnType<Connect> {
  const [server, client] = await Promise.all([
    listener.accept(),
    network.connect({ host, port: listener.address.port }),
  ]);
  return { server, client, close: () => listener.close() };
}

const KINDS: readonly (readonly [string, Connect])[] = [
  ["TCP", () => {
    const listener = network.listen({ host: "127.0.0.1", port: 0 });
    return connectThrough(listener, "127.0.0.1");
  }],
  ["pipe", () => {
    const [server, client] = network.pipe();
    return Promise.resolve({ server, client, close() {} });
  }],
];

/** Registers a test of what every kind of transport must do. */
function transportTest(
  name: string,
  use: (server: Transport, client: Transport) => Promise<void>,
): void {
  for (const [kind, connect] of KINDS) {
    Deno.test(`${kind}: ${name}`, async () => {
      const { server, client, close } = await connect();
      try {
        await use(server, client);
      } finally {
        server.close();
        client.close();
        close();
      }
    });
  }
}

async function writeAll(to: Transport, bytes: Uint8Array): Promise<void> {
  let rest = bytes;
  while (rest.length > 0) rest = rest.subarray(await to.write(rest));
}

async function readAll(
  from: Transport,
  limit = Infinity,
  size = 65_536,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let total = 0;
  while (total < limit) {
    const part = new Uint8Array(Math.min(size, limit - total));
    const count = await from.read(part);
    if (count === null) break;
    assertGreater(count, 0);
    parts.push(part.subarray(0, count));
    total += count;
  }
  return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
}

function counting(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8)) & 255);
}

transportTest(
  "bytes arrive in order and the end follows",
  async (server, client) => {
    const sent = counting(1_000_000);
    const [received] = await Promise.all([
      readAll(server),
      writeAll(client, sent).then(() => client.closeWrite()),
    ]);
    assertEquals(received, sent);
    assertEquals(await server.read(new Uint8Array(1)), null);
  },
);

transportTest(
  "a half-closed stream still carries the other way",
  async (server, client) => {
    await client.closeWrite();
    assertEquals(await server.read(new Uint8Array(1)), null);
    await writeAll(server, encode("late"));
    assertEquals(decode(await readAll(client, 4)), "late");
  },
);

transportTest(
  "odd sized reads and writes lose nothing",
  async (server, client) => {
    const sent = counting(300_000);
    const writing = (async () => {
      for (
        let at = 0, size = 1;
        at < sent.length;
        at += size, size = size * 3 % 7_919 + 1
      ) {
        await writeAll(client, sent.subarray(at, at + size));
      }
      await client.closeWrite();
    })();
    const received = await readAll(server, Infinity, 777);
    await writing;
    assertEquals(received, sent);
  },
);

transportTest("a pending read waits for bytes", async (server, client) => {
  const target = new Uint8Array(10);
  const reading = server.read(target);
  await timers.sleep(10);
  await writeAll(client, encode("hi"));
  assertEquals(await reading, 2);
  assertEquals(decode(target.subarray(0, 2)), "hi");
});

transportTest(
  "close rejects the pending read and all that follows",
  async (server) => {
    const reading = assertRejects(
      () => server.read(new Uint8Array(1)),
      TransportError,
    );
    server.close();
    server.close();
    assertEquals((await reading).code, "CLOSED");
    const calls = [
      () => server.read(new Uint8Array(1)),
      () => server.write(encode("x")),
    ];
    for (const call of calls) {
      assertEquals((await assertRejects(call, TransportError)).code, "CLOSED");
    }
  },
);

transportTest(
  "close rejects a write that waits for a slow reader",
  async (server) => {
    const error = assertRejects(
      () => writeAll(server, new Uint8Array(64 * 1024 * 1024)),
      TransportError,
    );
    await timers.sleep(100);
    server.close();
    assertEquals((await error).code, "CLOSED");
  },
);

transportTest(
  "what was written before close still arrives",
  async (server, client) => {
    await writeAll(server, encode("bye"));
    server.close();
    assertEquals(decode(await readAll(client)), "bye");
  },
);

transportTest(
  "writing to a peer that is gone is a reset",
  async (server, client) => {
    client.close();
    const error = await assertRejects(async () => {
      for (let i = 0; i < 100; i++) {
        await server.write(new Uint8Array(65_536));
        await timers.sleep(1);
      }
    }, TransportError);
    assertEquals(error.code, "RESET");
  },
);

transportTest("a slow reader holds the writer back", async (server, client) => {
  let taken = 0;
  const sent = new Uint8Array(64 * 1024 * 1024);
  const writing = (async () => {
    while (taken < sent.length) {
      taken += await server.write(sent.subarray(taken));
    }
  })();
  await timers.sleep(200);
  const before = taken;
  assertLess(before, sent.length);
  await readAll(client, sent.length, 1_048_576);
  await writing;
  assertEquals(taken, sent.length);
});

Deno.test("both ends know both addresses", async () => {
  const listener = network.listen({ host: "127.0.0.1", port: 0 });
  const { server, client, close } = await connectThrough(listener, "127.0.0.1");
  assertEquals(server.local, listener.address);
  assertEquals(client.remote, listener.address);
  assertEquals(server.remote, client.local);
  assertEquals(client.local.host, "127.0.0.1");
  for (const open of [server, client]) open.close();
  close();
});

Deno.test("0.0.0.0 takes both families; IPv4 peers keep their plain address", async () => {
  const listener = network.listen({ host: "0.0.0.0", port: 0 });
  const hosts = ["127.0.0.1", ...(hasIpv6() ? ["::1"] : [])];
  for (const host of hosts) {
    const [server, client] = await Promise.all([
      listener.accept(),
      network.connect({ host, port: listener.address.port }),
    ]);
    assertEquals([server.remote.host, server.local.host], [host, host]);
    server.close();
    client.close();
  }
  listener.close();
});

function hasIpv6(): boolean {
  return network.interfaces().includes("::1");
}

Deno.test("closing a listener ends accept and frees the port", async () => {
  const listener = network.listen({ host: "127.0.0.1", port: 0 });
  const accepting = assertRejects(() => listener.accept(), TransportError);
  listener.close();
  listener.close();
  assertEquals((await accepting).code, "CLOSED");
  const again = network.listen({ ...listener.address });
  assertEquals(again.address, listener.address);
  again.close();
});

Deno.test("failures to listen and connect are told apart, in Go's words", async () => {
  const listener = network.listen({ host: "127.0.0.1", port: 0 });
  const { port } = listener.address;
  for (const host of ["127.0.0.1", "0.0.0.0"]) {
    const error = assertThrows(
      () => network.listen({ host, port }),
      TransportError,
      `listen tcp ${host}:${port}: bind: address already in use`,
    );
    assertEquals(error.code, "IN_USE");
  }
  const elsewhere = assertThrows(
    () => network.listen({ host: "192.0.2.1", port: 0 }),
    TransportError,
    "cannot assign requested address",
  );
  assertEquals(elsewhere.code, "NOT_AVAILABLE");
  listener.close();

  const refused = await assertRejects(
    () => network.connect({ host: "127.0.0.1", port }),
    TransportError,
  );
  assertEquals(
    [refused.code, refused.message],
    ["REFUSED", `dial tcp 127.0.0.1:${port}: connect: connection refused`],
  );
  const unknown = await assertRejects(
    () => network.connect({ host: "no-such-host.invalid", port: 1 }),
    TransportError,
    "dial tcp: lookup no-such-host.invalid: no such host",
  );
  assertEquals(unknown.code, "NOT_FOUND");
});

Deno.test("an aborted connect is closed", async () => {
  const stopped = AbortSignal.abort();
  const error = await assertRejects(
    () => network.connect({ host: "127.0.0.1", port: 1 }, stopped),
    TransportError,
  );
  assertEquals(error.code, "CLOSED");
});

Deno.test("unix stream sockets connect, and say when nobody is there", async () => {
  const directory = await Deno.makeTempDir();
  const path = `${directory}/socket`;
  const gone = await assertRejects(
    () => network.connectUnix(`${directory}/none`),
    TransportError,
  );
  // On Windows there is no unix socket to listen on.
  if (Deno.build.os === "windows") return;
  assertEquals(gone.code, "NOT_FOUND");
  const listener = Deno.listen({ transport: "unix", path });
  const [client, peer] = await Promise.all([
    network.connectUnix(path),
    listener.accept(),
  ]);
  await writeAll(client, encode("log line"));
  const target = new Uint8Array(20);
  const count = await peer.read(target);
  assertEquals(decode(target.subarray(0, count ?? 0)), "log line");
  assertEquals(client.remote, { host: path, port: 0 });
  for (const open of [client, peer, listener]) open.close();
  await Deno.remove(directory, { recursive: true });
});

Deno.test("a datagram reaches its UDP port whole", async () => {
  const { createSocket } = await import("node:dgram");
  const receiver = createSocket("udp4");
  const received = new Promise<Uint8Array>((resolve) =>
    receiver.once("message", resolve)
  );
  const port = await new Promise<number>((resolve) =>
    receiver.bind(0, "127.0.0.1", () => resolve(receiver.address().port))
  );
  await network.sendDatagram({ host: "127.0.0.1", port }, encode("<30>line"));
  assertEquals(decode(await received), "<30>line");
  await new Promise<void>((resolve) => receiver.close(() => resolve()));
});

/** Sends a datagram to a unix socket in a process with these flags. */
async function sendInProcess(flags: string[]): Promise<string> {
  const module = new URL("../../../src/runtime/mod.ts", import.meta.url);
  const directory = await Deno.makeTempDir();
  const script = `${directory}/send.ts`;
  await Deno.writeTextFile(
    script,
    `import { denoRuntime } from ${JSON.stringify(module.href)};
    const path = ${JSON.stringify(`${directory}/socket`)};
    const receiver = Deno.listenDatagram?.({ transport: "unixpacket", path });
    try {
      await denoRuntime().network
        .sendDatagram(path, new TextEncoder().encode("<30>line"));
      const [data] = await receiver.receive();
      console.log(new TextDecoder().decode(data));
    } catch (error) {
      console.log(error.code, error.message);
    }
    receiver?.close();`,
  );
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "-A", ...flags, script],
  }).output();
  await Deno.remove(directory, { recursive: true });
  return decode(stdout).trim();
}

Deno.test("a datagram reaches its unix socket, or the flag for it is named", async () => {
  const sent = await sendInProcess(["--unstable-net"]);
  // Elsewhere, at most the error tells that there is no such socket.
  if (Deno.build.os !== "linux") return assertMatch(sent, /<30>line|dial/);
  assertEquals(sent, "<30>line");
  assertMatch(
    await sendInProcess([]),
    /^DENIED dial unixgram .*--unstable-net flag$/,
  );
});

Deno.test("names resolve to addresses, addresses to themselves", async () => {
  const found = await network.resolve("localhost");
  assert(found.includes("127.0.0.1") || found.includes("::1"));
  assertEquals(await network.resolve("192.0.2.7"), ["192.0.2.7"]);
  assertEquals(await network.resolve("::1"), ["::1"]);
  const error = await assertRejects(
    () => network.resolve("no-such-host.invalid"),
    TransportError,
  );
  assertEquals(
    [error.code, error.message],
    ["NOT_FOUND", "lookup no-such-host.invalid: no such host"],
  );
  assert(network.interfaces().includes("127.0.0.1"));
});

Deno.test("pipes hold a bounded amount and answer a waiting reader at once", async () => {
  const [near, far] = network.pipe();
  assertEquals(await near.write(new Uint8Array(1_000_000)), 65_536);
  let settled = false;
  const second = near.write(new Uint8Array(10)).then((count) => {
    settled = true;
    return count;
  });
  await timers.sleep(5);
  assertEquals(settled, false);
  assertEquals(await far.read(new Uint8Array(4)), 4);
  assertEquals(await second, 4);
  near.close();
  assertEquals((await readAll(far)).length, 65_536);
  far.close();
});

/** Whether a promise is settled without a turn of the event loop. */
async function settlesAtOnce(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.then(() => settled = true);
  for (let i = 0; i < 100; i++) await Promise.resolve();
  return settled;
}

transportTest(
  "the read behind a short one waits for the event loop, as is said",
  async (server, client) => {
    const target = new Uint8Array(2);
    await client.write(encode("abc"));
    assertEquals(await server.read(target), 2);
    // Full: the platform tries the next one without looking at other sockets.
    assert(await settlesAtOnce(server.read(target)));
    await client.write(encode("d"));
    const read = server.read(target);
    assertEquals(await settlesAtOnce(read), !server.restsWhenEmpty);
    assertEquals(await read, 1);
  },
);
