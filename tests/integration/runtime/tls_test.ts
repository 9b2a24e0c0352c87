import {
  assert,
  assertEquals,
  assertLess,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  denoRuntime,
  type TlsClientOptions,
  TlsHandshakeError,
  type TlsServerOptions,
  type TlsTransport,
  type Transport,
  TransportError,
} from "../../../src/runtime/mod.ts";
import {
  authority,
  type Issued,
  selfSigned,
} from "../../tools/certificates.ts";
import { memoryInUse } from "../../tools/memory.ts";

const { network, tls } = denoRuntime();
const ca = authority();
const NOTHING = new Uint8Array(0);
const TIMEOUT = 5_000;

/** Two connected sockets; both are closed at the end. */
async function withSockets(
  use: (server: Transport, client: Transport) => Promise<void>,
): Promise<void> {
  const listener = network.listen({ host: "127.0.0.1", port: 0 });
  const [server, client] = await Promise.all([
    listener.accept(),
    network.connect({ host: "127.0.0.1", port: listener.address.port }),
  ]);
  listener.close();
  try {
    await use(server, client);
  } finally {
    server.close();
    client.close();
  }
}

function serverOptions(
  options: Partial<TlsServerOptions> = {},
): TlsServerOptions {
  return {
    identities: [ca.server()],
    ca: ca.ca,
    requestCert: false,
    requireCert: false,
    minVersion: "1.2",
    ...options,
  };
}

const MUTUAL = { requestCert: true, requireCert: true };

function clientOptions(
  options: Partial<TlsClientOptions> = {},
): TlsClientOptions {
  return {
    serverName: "localhost",
    ca: ca.ca,
    insecure: false,
    minVersion: "1.2",
    ...options,
  };
}

interface Outcome {
  readonly server: PromiseSettledResult<TlsTransport>;
  readonly client: PromiseSettledResult<TlsTransport>;
}

/** Runs both handshakes and gives the outcomes to `check`. */
function handshake(
  server: TlsServerOptions,
  client: TlsClientOptions,
  check: (outcome: Outcome) => Promise<void> | void,
): Promise<void> {
  return withSockets(async (serverSide, clientSide) => {
    const [first, second] = await Promise.allSettled([
      tls.server(server).accept(serverSide, NOTHING, TIMEOUT),
      tls.connect(clientSide, client, TIMEOUT),
    ]);
    await check({ server: first, client: second });
    for (const result of [first, second]) {
      if (result.status === "fulfilled") result.value.close();
    }
  });
}

/** Runs both handshakes, which must succeed. */
function connected(
  server: TlsServerOptions,
  client: TlsClientOptions,
  use: (server: TlsTransport, client: TlsTransport) => Promise<void> | void,
): Promise<void> {
  return handshake(server, client, (outcome) => {
    const { server: first, client: second } = outcome;
    if (second.status === "rejected") throw second.reason;
    if (first.status === "rejected") throw first.reason;
    return use(first.value, second.value);
  });
}

/** Runs both handshakes; the server's must fail in this way. */
function refused(
  server: TlsServerOptions,
  client: TlsClientOptions,
  kind: TlsHandshakeError["kind"],
  message: RegExp,
): Promise<void> {
  return handshake(server, client, async (outcome) => {
    assert(outcome.server.status === "rejected");
    const error: unknown = outcome.server.reason;
    assert(error instanceof TlsHandshakeError);
    assertEquals(error.kind, kind);
    assertMatch(error.message, message);
    // A TLS 1.3 client learns of it with its first read.
    if (outcome.client.status === "fulfilled") {
      const peer = outcome.client.value;
      const got = await peer.read(new Uint8Array(1)).catch(() => null);
      assertEquals(got, null);
    }
  });
}

async function writeAll(to: Transport, bytes: Uint8Array): Promise<void> {
  let rest = bytes;
  while (rest.length > 0) rest = rest.subarray(await to.write(rest));
}

async function readExactly(from: Transport, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  let filled = 0;
  while (filled < size) {
    const count = await from.read(bytes.subarray(filled));
    if (count === null) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}

async function digest(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(
    await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>),
  );
}

function noise(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  }
  return bytes;
}

Deno.test("a handshake agrees on TLS 1.3 and carries bytes both ways", async () => {
  await connected(serverOptions(), clientOptions(), async (server, client) => {
    assertEquals(server.tls.version, "1.3");
    assertMatch(server.tls.cipherSuite, /^TLS_(AES|CHACHA20)_/);
    assertEquals(client.tls.cipherSuite, server.tls.cipherSuite);
    assertEquals(server.tls.serverName, "localhost");
    assertEquals(server.tls.peerCertificates, []);
    assertEquals(client.tls.peerCertificates[0]?.raw, ca.server().raw);
    await writeAll(server, new TextEncoder().encode("PING\r\n"));
    await writeAll(client, new TextEncoder().encode("PONG\r\n"));
    const heard = await Promise.all([
      readExactly(client, 6),
      readExactly(server, 6),
    ]);
    assertEquals(heard.map((part) => new TextDecoder().decode(part)), [
      "PING\r\n",
      "PONG\r\n",
    ]);
  });
});

Deno.test("bytes that were read before the handshake are replayed", async () => {
  for (const size of [1, 5, 64]) {
    await withSockets(async (server, client) => {
      const secured = tls.connect(client, clientOptions(), TIMEOUT);
      const received = await readExactly(server, size);
      const accepted = await tls.server(serverOptions())
        .accept(server, received, TIMEOUT);
      assertEquals(accepted.tls.version, "1.3");
      accepted.close();
      (await secured).close();
    });
  }
});

Deno.test("a TLS server speaks after plaintext on the same socket", async () => {
  await withSockets(async (server, client) => {
    await writeAll(server, new TextEncoder().encode("INFO {}\r\n"));
    await readExactly(client, 9);
    const [first, second] = await Promise.all([
      tls.server(serverOptions()).accept(server, NOTHING, TIMEOUT),
      tls.connect(client, clientOptions(), TIMEOUT),
    ]);
    await writeAll(first, Uint8Array.of(7));
    assertEquals(await readExactly(second, 1), Uint8Array.of(7));
    first.close();
    second.close();
  });
});

Deno.test("a client certificate of the configured authority is accepted and shown", async () => {
  const identity = ca.client({ subject: "O=NATS,CN=user" });
  await connected(
    serverOptions(MUTUAL),
    clientOptions({ identity }),
    (server) => {
      const [leaf, ...others] = server.tls.peerCertificates;
      assertEquals(others, []);
      assertEquals(leaf?.raw, identity.raw);
      assertEquals(leaf?.publicKeyInfo, identity.publicKeyInfo);
    },
  );
});

Deno.test("a client certificate of an intermediate authority is accepted with its chain", async () => {
  const below = ca.intermediate("Test Intermediate CA");
  const identity = below.client();
  await connected(
    serverOptions(MUTUAL),
    clientOptions({ identity }),
    (server) => {
      const chain = server.tls.peerCertificates.map((one) => one.raw);
      assertEquals(chain, [identity.raw, below.raw]);
    },
  );
});

Deno.test("client certificates of every key kind work, and so do servers", async () => {
  for (const key of ["P-256", "P-384", "RSA", "Ed25519"] as const) {
    const identity = ca.client({ key, subject: `CN=${key}` });
    await connected(
      serverOptions({ ...MUTUAL, identities: [ca.server({ key })] }),
      clientOptions({ identity }),
      (server) => assertEquals(server.tls.peerCertificates.length > 0, true),
    );
  }
});

const BAD_CLIENTS: readonly (readonly [string, () => Issued])[] = [
  ["of another authority", () => authority("Other CA").client()],
  ["that expired", () => ca.client({ validFrom: -20, validTo: -10 })],
  ["not valid yet", () => ca.client({ validFrom: 5 })],
  ["signed by itself", () => selfSigned()],
  ["for servers only", () => ca.client({ usages: ["server"] })],
];

for (const [what, identity] of BAD_CLIENTS) {
  Deno.test(`a client certificate ${what} is refused`, async () => {
    await refused(
      serverOptions(MUTUAL),
      clientOptions({ identity: identity() }),
      "certificate",
      /^tls: failed to verify certificate/,
    );
  });
}

Deno.test("a client without certificate is refused where one is required", async () => {
  await refused(
    serverOptions(MUTUAL),
    clientOptions(),
    "certificate",
    /^tls: client didn't provide a certificate$/,
  );
});

Deno.test("a certificate that is only asked for may be absent or unknown", async () => {
  const options = serverOptions({ requestCert: true });
  await connected(options, clientOptions(), (server) => {
    assertEquals(server.tls.peerCertificates, []);
  });
  const identity = authority("Other CA").client();
  await connected(options, clientOptions({ identity }), (server) => {
    assertEquals(server.tls.peerCertificates[0]?.raw, identity.raw);
  });
});

Deno.test("a client verifies the server's authority and name", async () => {
  const refusals: Partial<TlsClientOptions>[] = [
    { ca: authority("Other CA").ca },
    { serverName: "example.org" },
    { serverName: "127.0.0.2" },
  ];
  for (const options of refusals) {
    await handshake(serverOptions(), clientOptions(options), (outcome) => {
      assert(outcome.client.status === "rejected");
      assert(outcome.client.reason instanceof TlsHandshakeError);
      assertEquals(outcome.client.reason.kind, "certificate");
    });
  }
  await connected(
    serverOptions(),
    clientOptions({ serverName: "127.0.0.1" }),
    (server) => assertEquals(server.tls.serverName, ""),
  );
});

Deno.test("an insecure client accepts any server", async () => {
  await connected(
    serverOptions({ identities: [selfSigned({ names: ["elsewhere"] })] }),
    { insecure: true, minVersion: "1.2" },
    (_server, client) => assertEquals(client.tls.version, "1.3"),
  );
});

Deno.test("the lowest version is enforced by both sides", async () => {
  await connected(
    serverOptions({ minVersion: "1.3" }),
    clientOptions(),
    (server) => assertEquals(server.tls.version, "1.3"),
  );
  await using old = await startOldClient(serverOptions({ minVersion: "1.3" }));
  const error = await assertRejects(() => old.accepted, TlsHandshakeError);
  assertEquals(error.kind, "other");
});

Deno.test("a TLS 1.2 client is served with an IANA cipher suite name", async () => {
  await using old = await startOldClient(serverOptions());
  const accepted = await old.accepted;
  assertEquals(accepted.tls.version, "1.2");
  assertMatch(accepted.tls.cipherSuite, /^TLS_ECDHE_ECDSA_WITH_/);
  accepted.close();
});

/** A client that knows nothing newer than TLS 1.2. */
async function startOldClient(
  options: TlsServerOptions,
): Promise<AsyncDisposable & { accepted: Promise<TlsTransport> }> {
  const node = await import("node:tls");
  const listener = network.listen({ host: "127.0.0.1", port: 0 });
  const socket = node.connect({
    host: "127.0.0.1",
    port: listener.address.port,
    servername: "localhost",
    ca: ca.ca,
    maxVersion: "TLSv1.2",
  });
  const closed = new Promise<void>((resolve) =>
    socket.once("close", () => resolve())
  );
  socket.on("error", () => {});
  const transport = await listener.accept();
  listener.close();
  return {
    accepted: tls.server(options).accept(transport, NOTHING, TIMEOUT),
    async [Symbol.asyncDispose]() {
      socket.destroy();
      transport.close();
      await closed;
    },
  };
}

Deno.test("the identity is chosen by server name; the first serves others", async () => {
  const usual = ca.server();
  const other = ca.server({ names: ["nats.example", "*.wild.example"] });
  const options = serverOptions({ identities: [usual, other] });
  const cases = [
    ["localhost", usual],
    ["nats.example", other],
    ["a.wild.example", other],
    ["127.0.0.1", usual],
  ] as const;
  for (const [serverName, identity] of cases) {
    await connected(
      options,
      clientOptions({ serverName }),
      (_server, client) => {
        assertEquals(client.tls.peerCertificates[0]?.raw, identity.raw);
      },
    );
  }
  await connected(
    options,
    clientOptions({ serverName: "unknown.example", insecure: true }),
    (_server, client) => {
      assertEquals(client.tls.peerCertificates[0]?.raw, usual.raw);
    },
  );
});

Deno.test("client certificates are required whatever name the client asks for", async () => {
  const identities = [ca.server({ names: ["nats.example"] }), ca.server()];
  for (const serverName of ["localhost", "nats.example", "127.0.0.1"]) {
    await refused(
      serverOptions({ ...MUTUAL, identities }),
      clientOptions({
        serverName,
        insecure: true,
        identity: authority("Other CA").client(),
      }),
      "certificate",
      /^tls: failed to verify certificate/,
    );
    await refused(
      serverOptions({ ...MUTUAL, identities }),
      clientOptions({ serverName, insecure: true }),
      "certificate",
      /^tls: client didn't provide a certificate$/,
    );
  }
});

Deno.test("reload changes later handshakes and leaves connections alone", async () => {
  const server = tls.server(serverOptions());
  await withSockets(async (serverSide, clientSide) => {
    const [before, client] = await Promise.all([
      server.accept(serverSide, NOTHING, TIMEOUT),
      tls.connect(clientSide, clientOptions(), TIMEOUT),
    ]);
    const renewed = authority("Other CA").server();
    server.reload(serverOptions({ ...MUTUAL, identities: [renewed] }));
    await withSockets(async (serverSide, clientSide) => {
      const [after, seen] = await Promise.all([
        server.accept(serverSide, NOTHING, TIMEOUT),
        tls.connect(
          clientSide,
          clientOptions({
            ca: authority("Other CA").ca,
            identity: ca.client(),
          }),
          TIMEOUT,
        ),
      ]);
      assertEquals(seen.tls.peerCertificates[0]?.raw, renewed.raw);
      assertEquals(after.tls.peerCertificates[0]?.raw, ca.client().raw);
      after.close();
      seen.close();
    });
    await writeAll(before, Uint8Array.of(1));
    assertEquals(await readExactly(client, 1), Uint8Array.of(1));
    before.close();
    client.close();
  });
});

Deno.test("10 MiB travel both ways at once, unharmed", async () => {
  const there = noise(10 * 1024 * 1024);
  const back = noise(10 * 1024 * 1024);
  await connected(serverOptions(), clientOptions(), async (server, client) => {
    const [, , atServer, atClient] = await Promise.all([
      writeAll(client, there),
      writeAll(server, back),
      readExactly(server, there.length),
      readExactly(client, back.length),
    ]);
    assertEquals(await digest(atServer), await digest(there));
    assertEquals(await digest(atClient), await digest(back));
  });
});

Deno.test("a slow reader holds the writer back, and loses nothing", async () => {
  const sent = noise(32 * 1024 * 1024);
  await connected(serverOptions(), clientOptions(), async (server, client) => {
    let taken = 0;
    const writing = (async () => {
      while (taken < sent.length) {
        taken += await server.write(sent.subarray(taken));
      }
    })();
    await stable(() => taken);
    assertLess(taken, sent.length / 2);
    const received = await readExactly(client, sent.length);
    await writing;
    assertEquals(await digest(received), await digest(sent));
  });
});

/** Waits until a value stays the same for 300 ms. */
async function stable(value: () => number): Promise<void> {
  for (let before = -1; before !== value();) {
    before = value();
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

Deno.test("what was written before close arrives, then the end of the stream", async () => {
  await connected(serverOptions(), clientOptions(), async (server, client) => {
    await writeAll(server, noise(100_000));
    await server.closeWrite();
    assertEquals((await readExactly(client, 200_000)).length, 100_000);
    assertEquals(await client.read(new Uint8Array(1)), null);
  });
  await connected(serverOptions(), clientOptions(), async (server, client) => {
    await writeAll(server, noise(1_000));
    server.close();
    assertEquals((await readExactly(client, 1_000)).length, 1_000);
  });
});

Deno.test("close rejects what is pending and everything after", async () => {
  await connected(serverOptions(), clientOptions(), async (server) => {
    const reading = assertRejects(
      () => server.read(new Uint8Array(1)),
      TransportError,
    );
    server.close();
    server.close();
    assertEquals((await reading).code, "CLOSED");
    const later = await assertRejects(
      () => server.write(Uint8Array.of(1)),
      TransportError,
    );
    assertEquals(later.code, "CLOSED");
  });
});

Deno.test("plaintext on a TLS port is not TLS", async () => {
  for (const text of ["CONNECT {}\r\nPING\r\n", "GET / HTTP/1.1\r\n\r\n"]) {
    await withSockets(async (server, client) => {
      const accepted = tls.server(serverOptions())
        .accept(server, NOTHING, TIMEOUT);
      await writeAll(client, new TextEncoder().encode(text));
      const error = await assertRejects(() => accepted, TlsHandshakeError);
      assertEquals(error.kind, "not-tls");
      assertEquals(
        error.message,
        "tls: first record does not look like a TLS handshake",
      );
      assertEquals(await client.read(new Uint8Array(1)), null);
    });
  }
});

Deno.test("a server that speaks plaintext is not TLS", async () => {
  await withSockets(async (server, client) => {
    const connecting = tls.connect(client, clientOptions(), TIMEOUT);
    await writeAll(server, new TextEncoder().encode("INFO {}\r\n"));
    const error = await assertRejects(() => connecting, TlsHandshakeError);
    assertEquals(error.kind, "not-tls");
  });
});

Deno.test("a silent peer times out on both sides", async () => {
  await withSockets(async (server, client) => {
    const [first, second] = await Promise.all([
      assertRejects(
        () => tls.server(serverOptions()).accept(server, NOTHING, 50),
        TlsHandshakeError,
      ),
      client.read(new Uint8Array(1)),
    ]);
    assertEquals([first.kind, second], ["timeout", null]);
  });
  await withSockets(async (_server, client) => {
    const error = await assertRejects(
      () => tls.connect(client, clientOptions(), 50),
      TlsHandshakeError,
    );
    assertEquals(error.kind, "timeout");
  });
});

Deno.test("a peer that leaves during the handshake closes it", async () => {
  await withSockets(async (server, client) => {
    const accepted = tls.server(serverOptions())
      .accept(server, NOTHING, TIMEOUT);
    await writeAll(client, Uint8Array.of(0x16, 3, 1));
    client.close();
    const error = await assertRejects(() => accepted, TlsHandshakeError);
    assertEquals(error.kind, "closed");
  });
});

Deno.test("closing the server ends handshakes under way", async () => {
  await withSockets(async (transport) => {
    const server = tls.server(serverOptions());
    const accepted = assertRejects(
      () => server.accept(transport, NOTHING, TIMEOUT),
      TlsHandshakeError,
    );
    server.close();
    assertEquals((await accepted).kind, "closed");
  });
});

Deno.test("TLS runs over an in-process pipe", async () => {
  const [near, far] = network.pipe();
  const [server, client] = await Promise.all([
    tls.server(serverOptions()).accept(near, NOTHING, TIMEOUT),
    tls.connect(far, clientOptions(), TIMEOUT),
  ]);
  const sent = noise(1_000_000);
  const [received] = await Promise.all([
    readExactly(server, sent.length),
    writeAll(client, sent),
  ]);
  assertEquals(await digest(received), await digest(sent));
  server.close();
  client.close();
});

Deno.test("2,000 failed handshakes leave no memory behind", async () => {
  const timeout = 200;
  const server = tls.server(serverOptions(MUTUAL));
  const garbage = new TextEncoder().encode("CONNECT {}\r\n");
  const failMany = async (times: number) => {
    for (let i = 0; i < times; i++) {
      const [near, far] = network.pipe();
      await assertRejects(
        () => server.accept(near, garbage, timeout),
        TlsHandshakeError,
      );
      far.close();
    }
    // The platform holds on to a connection for as long as it may time out.
    await new Promise((resolve) => setTimeout(resolve, 2 * timeout));
    return await memoryInUse();
  };
  const before = await failMany(200);
  const after = await failMany(2_000);
  assertLess(after - before, 2_000 * 1_000);
});

Deno.test("options that can't work are named when the server is made", () => {
  const good = ca.server();
  const other = ca.client();
  const cases: [Partial<TlsServerOptions>, string][] = [
    [{ identities: [] }, "no certificates configured"],
    [
      { identities: [{ cert: "", key: good.key }] },
      "tls: failed to find any PEM data in certificate input",
    ],
    [
      { identities: [{ cert: good.cert, key: "nothing" }] },
      "tls: failed to find any PEM data in key input",
    ],
    [
      { identities: [{ cert: good.key, key: good.cert }] },
      "PEM inputs may have been switched",
    ],
    [
      { identities: [{ cert: good.cert, key: good.cert }] },
      "tls: found a certificate rather than a key in the PEM for the private key",
    ],
    [
      { identities: [{ cert: good.cert, key: other.key }] },
      "tls: private key does not match public key",
    ],
    [
      { identities: [{ cert: good.cert, key: ca.client({ key: "RSA" }).key }] },
      "tls: private key type does not match public key type",
    ],
    [
      {
        identities: [{
          cert: good.cert.replace(/\n[^-\n]{20}/, "\nAAAAAAAAAAAAAAAAAAAA"),
          key: good.key,
        }],
      },
      "x509: malformed certificate",
    ],
    [{ ca: "nothing" }, "failed to parse root ca certificate"],
  ];
  for (const [options, message] of cases) {
    const error = assertThrows(() => tls.server(serverOptions(options)), Error);
    assertStringIncludes(error.message, message);
  }
});

Deno.test("client options that can't work fail before anything is sent", async () => {
  const cases: [TlsClientOptions, string][] = [
    [{ insecure: false, minVersion: "1.2" }, "either ServerName or Insecure"],
    [
      clientOptions({
        identity: { cert: ca.client().cert, key: ca.server().key },
      }),
      "tls: private key does not match public key",
    ],
  ];
  for (const [options, message] of cases) {
    const [near, far] = network.pipe();
    await assertRejects(
      () => tls.connect(near, options, TIMEOUT),
      TlsHandshakeError,
      message,
    );
    assertEquals(await far.read(new Uint8Array(1)), null);
  }
});
