/** Clients whose certificates an authority may have revoked. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { applyDefaults, type Options } from "../../../src/config/mod.ts";
import { Server } from "../../../src/mod.ts";
import { denoRuntime } from "../../../src/runtime/mod.ts";
import { capability } from "../../tools/capability.ts";
import { authority, type Issued } from "../../tools/certificates.ts";
import { LogRecorder } from "../../tools/log_recorder.ts";
import { OcspResponder, type Verdict } from "../../tools/ocsp_responder.ts";
import { RawClient } from "../../tools/raw_client.ts";
import { options } from "../../unit/config/options_harness.ts";

const root = authority("OCSP Root CA");
const own = root.server();
const { network, tls } = denoRuntime();

/** A server that checks, and the responder whom its clients' certificates name. */
interface Setting extends AsyncDisposable {
  readonly server: Server;
  readonly responder: OcspResponder;
  readonly log: LogRecorder;
  readonly client: Issued;
  /** Whether a client with that certificate (default: `client`) gets in. */
  admits(identity?: Issued): Promise<boolean>;
}

function configuration(peer: string, more = ""): Options {
  return applyDefaults(options(
    `listen: "127.0.0.1:-1", ${more}
    accounts { $SYS { users: [ { user: sys, password: p } ] } }
    tls { cert_file: "s.pem", key_file: "s.key", ca_file: "ca.pem", timeout: 10
      verify: true, ocsp_peer: ${peer} }`,
    { files: { "s.pem": own.cert, "s.key": own.key, "ca.pem": root.ca } },
  ));
}

let made = 0;

async function setting(
  peer: string,
  more = "ocsp_cache: false",
): Promise<Setting> {
  const responder = new OcspResponder(() => root);
  const client = root.client({
    subject: `CN=client ${++made}`,
    ocsp: responder.url,
  });
  const log = new LogRecorder();
  const server = new Server(
    configuration(peer, more),
    denoRuntime(),
    log,
  );
  await server.start();
  return {
    server,
    responder,
    log,
    client,
    admits: (identity = client) => admits(server, identity),
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await responder[Symbol.asyncDispose]();
    },
  };
}

async function admits(server: Server, identity: Issued): Promise<boolean> {
  const transport = await network.connect({
    host: "127.0.0.1",
    port: server.address?.port ?? 0,
  });
  await transport.read(new Uint8Array(2048));
  try {
    const secured = await tls.connect(transport, {
      serverName: "localhost",
      insecure: false,
      ca: root.ca,
      identity,
      minVersion: "1.2",
    }, 10_000);
    const client = new RawClient(secured);
    await client.send('CONNECT {"verbose":false}\r\nPING\r\n');
    await client.expect(/PONG/);
    await client.close();
    return true;
  } catch {
    transport.close();
    return false;
  }
}

const ROWS = {
  positive: ["tls-ocsp/scope", "tls-ocsp/chain-rule", "tls-ocsp/fetch"],
  edge: ["tls-ocsp/scope", "tls-ocsp/chain-rule", "tls-ocsp/fetch"],
};

capability("ocsp_peer - good certificates get in, revoked ones don't", {
  positive: [...ROWS.positive, "tls-ocsp/rejection"],
  edge: [...ROWS.edge, "tls-ocsp/rejection"],
}, async () => {
  await using place = await setting("true");
  assertEquals(await place.admits(), true);
  place.responder.verdict = { status: "revoked" };
  assertEquals(await place.admits(), false);
  place.responder.verdict = { status: "unknown" };
  assertEquals(await place.admits(), false);
  assertEquals(place.responder.asked, 3);
  const errors = place.log.texts("error").join("\n");
  assertMatch(errors, /TLS handshake error: client not OCSP valid/);
  // Who names no responder is nobody's business.
  const plain = root.client({ subject: "CN=plain" });
  assertEquals(await place.admits(plain), true);
  assertEquals(place.responder.asked, 3);
});

capability("ocsp_peer - every link of the chain counts", {
  positive: ["tls-ocsp/chain-rule"],
  edge: ["tls-ocsp/chain-rule"],
}, async () => {
  const below = root.intermediate("OCSP Intermediate");
  await using responder = new OcspResponder(() => below);
  await using place = await setting("true");
  const client = below.client({ subject: "CN=deep", ocsp: responder.url });
  assertEquals(await place.admits(client), true);
  responder.verdict = { status: "revoked" };
  assertEquals(await place.admits(client), false);
});

capability("ocsp_peer - answers that can't be relied upon keep clients out", {
  positive: ["tls-ocsp/response-validity", "tls-ocsp/delegated-signer"],
  edge: [
    "tls-ocsp/response-validity",
    "tls-ocsp/delegated-signer",
    "tls-ocsp/fetch",
  ],
}, async () => {
  const stranger = authority("OCSP Stranger");
  const delegate = root.client({ subject: "CN=delegate", usages: ["ocsp"] });
  const impostor = root.client({ subject: "CN=impostor" });
  await using place = await setting(
    "{ verify: true, allowed_clockskew: 30, cache_ttl_when_next_update_unset: 600, ca_timeout: 5 }",
  );
  const cases: [Verdict, boolean][] = [
    [{ status: "good", nextUpdate: -20 }, true],
    [{ status: "good", nextUpdate: -40 }, false],
    [{ status: "good", thisUpdate: 20 }, true],
    [{ status: "good", thisUpdate: 60 }, false],
    [{ status: "good", nextUpdate: null, thisUpdate: -500 }, true],
    [{ status: "good", nextUpdate: null, thisUpdate: -700 }, false],
    [{ status: "good", signer: delegate }, true],
    [{ status: "good", signer: impostor }, false],
    [{ status: "good", signer: stranger }, false],
    [{ status: "good", garbage: true }, false],
    [{ status: "good", httpStatus: 500 }, false],
    [{ status: "good" }, true],
  ];
  for (const [verdict, expected] of cases) {
    place.responder.verdict = verdict;
    const { signer: _, ...shown } = verdict;
    assertEquals(await place.admits(), expected, JSON.stringify(shown));
  }
});

capability("ocsp_peer - what is unknown, and warnings instead of refusals", {
  positive: ["tls-ocsp/unknown-is-good", "tls-ocsp/warn-only"],
  edge: ["tls-ocsp/unknown-is-good", "tls-ocsp/warn-only"],
}, async () => {
  await using lenient = await setting(
    "{ verify: true, unknown_is_good: true }",
  );
  lenient.responder.verdict = { status: "unknown" };
  assertEquals(await lenient.admits(), true);
  lenient.responder.verdict = { status: "revoked" };
  assertEquals(await lenient.admits(), false);
  await using warning = await setting("{ verify: true, warn_only: true }");
  for (
    const verdict of [
      { status: "revoked" },
      { status: "good", garbage: true },
      { status: "good", httpStatus: 404 },
    ] as const
  ) {
    warning.responder.verdict = verdict;
    assertEquals(await warning.admits(), true);
  }
  assertMatch(
    warning.log.texts("warn").join("\n"),
    /OCSP verify fail for \[CN=client \d+\] but WarnOnly is true so allowing/,
  );
});

capability("ocsp_peer - an authority out of reach", {
  positive: ["tls-ocsp/allow-when-ca-unreachable"],
  edge: ["tls-ocsp/allow-when-ca-unreachable"],
}, async () => {
  await using strict = await setting("true");
  strict.responder.verdict = { status: "good", httpStatus: 503 };
  assertEquals(await strict.admits(), false);
  const store = await Deno.makeTempDir();
  await using lenient = await setting(
    "{ verify: true, allow_when_ca_unreachable: true, allowed_clockskew: 0 }",
    `ocsp_cache: { type: local, local_store: "${store}", preserve_revoked: true }`,
  );
  lenient.responder.verdict = { status: "good", httpStatus: 503 };
  assertEquals(await lenient.admits(), true);
  // A revocation that was seen once is remembered, even when it is old.
  lenient.responder.verdict = { status: "revoked", nextUpdate: 1 };
  assertEquals(await lenient.admits(), false);
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  lenient.responder.verdict = { status: "good", httpStatus: 503 };
  assertEquals(await lenient.admits(), false);
  assertMatch(
    lenient.log.texts("warn").join("\n"),
    /cached revocation exists so rejecting/,
  );
});

capability("ocsp_peer - answers are kept, and found again after a restart", {
  positive: ["tls-ocsp/file", "tls-ocsp/stats", "tls-ocsp/preserve-revoked"],
  edge: ["tls-ocsp/file", "tls-ocsp/stats", "tls-ocsp/preserve-revoked"],
}, async () => {
  const store = `${await Deno.makeTempDir()}/rc`;
  const cache = `ocsp_cache: { type: local, local_store: "${store}" }`;
  await using responder = new OcspResponder(() => root);
  const client = root.client({ subject: "CN=kept", ocsp: responder.url });
  const started = async () => {
    const server = new Server(
      configuration("true", cache),
      denoRuntime(),
      new LogRecorder(),
    );
    await server.start();
    return server;
  };
  const first = await started();
  assertEquals(await admits(first, client), true);
  assertEquals(await admits(first, client), true);
  assertEquals(responder.asked, 1);
  const stats = first.state.ocspCache;
  assertEquals(stats?.stats, { hits: 1, misses: 1 });
  assertEquals([stats?.count("good"), stats?.count("revoked")], [1, 0]);
  await first.shutdown();
  const saved = JSON.parse(await Deno.readTextFile(`${store}/cache.json`));
  const [item] = Object.values<Record<string, string>>(saved);
  assertEquals([item?.subject, item?.resp_status], ["CN=kept", "good"]);
  responder.verdict = { status: "revoked" };
  const second = await started();
  assertEquals(await admits(second, client), true);
  assertEquals(responder.asked, 1);
  await second.shutdown();
  // What can't be read is not relied upon.
  await Deno.writeTextFile(`${store}/cache.json`, "{");
  const third = await started();
  assertEquals(await admits(third, client), false);
  assertEquals(responder.asked, 2);
  await third.shutdown();
});

capability("ocsp_peer - the kind of cache follows a reload", {
  positive: ["tls-ocsp/reload-2", "reload/ocsp-ocsp-cache"],
  edge: ["tls-ocsp/reload-2", "reload/ocsp-ocsp-cache"],
}, async () => {
  const store = await Deno.makeTempDir();
  let next = configuration("true", "ocsp_cache: false");
  const log = new LogRecorder();
  const server = new Server(next, denoRuntime(), log, {
    loadOptions: () => next,
  });
  await server.start();
  try {
    assertEquals(server.state.ocspCache?.type, "none");
    next = configuration(
      "true",
      `ocsp_cache: { type: local, local_store: "${store}" }`,
    );
    await server.reload();
    assertEquals(server.state.ocspCache?.type, "local");
    const notices = log.texts("notice");
    assert(notices.includes("Reloaded OCSP peer cache"));
    assert(notices.includes("OCSP peer cache online, type [none]"));
    assert(notices.includes("OCSP peer cache online, type [local]"));
    next = { ...next, tls: next.tls && { ...next.tls, verify: false } };
    await assertRejects(() => server.reload(), Error, "requires TLS verify");
    assertEquals(server.state.ocspCache?.type, "local");
  } finally {
    await server.shutdown();
  }
});

capability("ocsp_peer - is told to those who watch", {
  positive: ["tls-ocsp/varz-flag", "tls-ocsp/monitoring-port"],
  edge: ["tls-ocsp/varz-flag", "tls-ocsp/monitoring-port", "tls-ocsp/scope"],
}, async () => {
  await using place = await setting(
    "true",
    'ocsp_cache: false, https: "127.0.0.1:-1"',
  );
  const watcher = new RawClient(place.server.connectInProcess());
  await watcher.send(
    'CONNECT {"user":"sys","pass":"p","verbose":false}\r\nSUB $SYS.SERVER.*.OCSP.> 1\r\n',
  );
  await watcher.flush();
  const port = place.server.monitorAddress?.port;
  const varz = async (identity?: Issued) => {
    using http = Deno.createHttpClient({
      caCerts: [root.ca],
      ...(identity === undefined ? {} : identity),
    });
    const response = await fetch(`https://localhost:${port}/varz`, {
      client: http,
    });
    return await response.json();
  };
  assertEquals((await varz(place.client)).tls_ocsp_peer_verify, true);
  await assertRejects(() => varz());
  place.responder.verdict = { status: "revoked" };
  await assertRejects(() => varz(place.client));
  assertEquals(await place.admits(), false);
  await watcher.expect(/OCSP\.PEER\.LINK\.INVALID[^]*ocsp_peer_link_invalid/);
  await watcher.expect(
    /OCSP\.PEER\.CONN\.REJECT[^]*ocsp_peer_reject[^]*client not OCSP valid/,
  );
  await watcher.close();
  const bad = configuration("true");
  const lax = { ...bad, tls: bad.tls && { ...bad.tls, verify: false } };
  const server = new Server(lax, denoRuntime(), new LogRecorder());
  await assertRejects(() => server.start(), Error, "requires TLS verify");
});
