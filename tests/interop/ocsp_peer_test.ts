/**
 * Clients whose certificates an authority may have revoked, let in or kept out
 * by both servers: who gets in, what is logged of it and what the system
 * account hears must be the same.
 */

import { assertEquals } from "@std/assert";
import { denoRuntime } from "../../src/runtime/mod.ts";
import { capability, type Claims } from "../tools/capability.ts";
import { authority, type Issued } from "../tools/certificates.ts";
import { OcspResponder, type Verdict } from "../tools/ocsp_responder.ts";
import { type Peer, startGoServer, startOurServer } from "../tools/oracle.ts";
import { RawClient } from "../tools/raw_client.ts";
import { comparable } from "./events/conversation.ts";

const root = authority("Compared OCSP CA");
const below = root.intermediate("Compared OCSP Intermediate");
const stranger = authority("Compared OCSP Stranger");
const delegate = root.client({ subject: "CN=delegate", usages: ["ocsp"] });
const impostor = root.client({ subject: "CN=impostor" });
const own = root.server();
const watcher = root.client({ subject: "CN=watcher" });
const { network, tls } = denoRuntime();

/** What is done to both servers with one configuration, in order. */
interface Visit {
  readonly verdict?: Verdict;
  /** Milliseconds before it. */
  readonly after?: number;
  /** Default: a client below the root. */
  readonly who?: "deep" | "plain" | "unreachable";
}

interface Case {
  readonly name: string;
  readonly peer: string;
  readonly cache?: string;
  readonly claims: Claims;
  readonly visits: readonly Visit[];
}

const both = (...rows: string[]): Claims => {
  const ids = rows.map((row) => `tls-ocsp/${row}`);
  return { positive: ids, edge: ids };
};

const CASES: readonly Case[] = [
  {
    name: "verdicts",
    peer: "true",
    claims: {
      positive: ["tls-ocsp/rejection", "system-events/ocsp"],
      edge: ["tls-ocsp/fetch", "tls-ocsp/rejection", "system-events/ocsp"],
    },
    visits: [
      { verdict: { status: "good" } },
      { verdict: { status: "revoked" } },
      { verdict: { status: "unknown" } },
      { verdict: { status: "good", garbage: true } },
      { verdict: { status: "good", httpStatus: 500 } },
      { who: "unreachable" },
      { who: "plain" },
    ],
  },
  {
    name: "chains",
    peer: "true",
    claims: both("chain-rule"),
    visits: [
      { who: "deep", verdict: { status: "good", signer: below } },
      { who: "deep", verdict: { status: "revoked", signer: below } },
    ],
  },
  {
    name: "times and signers",
    peer:
      "{verify: true, allowed_clockskew: 30, cache_ttl_when_next_update_unset: 600}",
    claims: both("response-validity", "delegated-signer"),
    visits: [
      { verdict: { status: "good", nextUpdate: -20 } },
      { verdict: { status: "good", nextUpdate: -40 } },
      { verdict: { status: "good", thisUpdate: 20 } },
      { verdict: { status: "good", thisUpdate: 60 } },
      { verdict: { status: "good", nextUpdate: null, thisUpdate: -500 } },
      { verdict: { status: "good", nextUpdate: null, thisUpdate: -700 } },
      { verdict: { status: "good", signer: delegate } },
      { verdict: { status: "good", signer: impostor } },
      { verdict: { status: "good", signer: stranger } },
    ],
  },
  {
    name: "warnings only",
    peer: "{verify: true, warn_only: true, allow_when_ca_unreachable: true}",
    claims: both("warn-only"),
    visits: [
      { verdict: { status: "revoked" } },
      { verdict: { status: "good", garbage: true } },
      { verdict: { status: "good", httpStatus: 404 } },
      { verdict: { status: "good", signer: impostor } },
      { verdict: { status: "good", nextUpdate: -40 } },
    ],
  },
  {
    name: "what is unknown is good",
    peer: "{verify: true, unknown_is_good: true}",
    claims: both("unknown-is-good"),
    visits: [
      { verdict: { status: "unknown" } },
      { verdict: { status: "revoked" } },
    ],
  },
  {
    name: "no answer, with and without a revocation that was seen",
    peer: "{verify: true, allow_when_ca_unreachable: true}",
    cache: "{type: local, local_store: '{{dir}}/rc', preserve_revoked: true}",
    claims: both("allow-when-ca-unreachable", "preserve-revoked"),
    visits: [
      { verdict: { status: "good", httpStatus: 503 } },
      { verdict: { status: "revoked", nextUpdate: -25 } },
      // By then what was seen is no longer current.
      { after: 7_000, verdict: { status: "good", httpStatus: 503 } },
      { verdict: { status: "good" } },
      { verdict: { status: "good", httpStatus: 503 } },
    ],
  },
  {
    name: "answers that are kept",
    peer: "true",
    cache: "{type: local, local_store: '{{dir}}/rc'}",
    claims: both("file", "stats"),
    visits: [
      { verdict: { status: "good" } },
      { verdict: { status: "revoked" } },
      { who: "deep", verdict: { status: "revoked", signer: below } },
      { who: "deep", verdict: { status: "good", signer: below } },
    ],
  },
];

function configuration({ peer, cache = "false" }: Case): string {
  return `
listen: "127.0.0.1:-1"
server_name: revoking
debug: true
ocsp_cache: ${cache}
accounts { SYS { users [ { user: sys, password: sys } ] } }
system_account: SYS
tls {
  cert_file: "{{dir}}/s.pem", key_file: "{{dir}}/s.key", ca_file: "{{dir}}/ca.pem"
  verify: true, timeout: 5, ocsp_peer: ${peer}
}`;
}

const FILES = { "s.pem": own.cert, "s.key": own.key, "ca.pem": root.ca };

/** Connects with a certificate, as a user if one is named; null when the server refuses. */
async function come(
  { host, port }: Peer,
  identity: Issued,
  user?: string,
): Promise<RawClient | null> {
  const transport = await network.connect({ host, port });
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
    const login = user === undefined
      ? ""
      : `,"user":"${user}","pass":"${user}"`;
    await client.send(`CONNECT {"verbose":false${login}}\r\nPING\r\n`);
    await client.expect(/PONG/);
    return client;
  } catch {
    transport.close();
    return null;
  }
}

/** Lines of the log that are about certificates and their authorities. */
function told(log: string): string[] {
  return log.split("\n")
    .filter((line) => /OCSP|Chain \[|TLS handshake error/.test(line))
    .map((line) =>
      line.replace(/^\[\d+\] \S+ \S+ /, "")
        .replace(/127\.0\.0\.1:\d+ - cid:\d+/, "<client>")
        .replace(/\(\d+ bytes\)/, "(<n> bytes)")
        .replace(/\[\d{4}-\S+Z\]/g, "[<time>]")
        // What is wrong with bytes that are no answer, each says in its words.
        .replace(/(Could not parse .*\]): .*/, "$1")
    )
    // How large an answer is when it is compressed is the compressor's.
    .filter((line) => !/compression ratio/.test(line));
}

/** What one server makes of a client. */
async function play(peer: Peer, identity: Issued): Promise<string[]> {
  const listener = await come(peer, watcher, "sys");
  if (listener === null) throw new Error(peer.log());
  await listener.send("SUB $SYS.SERVER.*.OCSP.> 1\r\n");
  await listener.flush();
  const start = peer.log().length;
  const client = await come(peer, identity);
  await client?.close();
  // The log comes through a pipe of its own.
  await new Promise((resolve) => setTimeout(resolve, 60));
  const seen = [client === null ? "out" : "in"];
  seen.push(...told(peer.log().slice(start)));
  for (;;) {
    const heard = await hear(listener);
    if (heard === null) break;
    seen.push(heard);
  }
  await listener.close();
  return seen;
}

async function hear(listener: RawClient): Promise<string | null> {
  const head = await listener.expect(/MSG (\S+) \S+ +(\d+)\r\n/, 30)
    .catch(() => null);
  if (head === null) return null;
  const [body] = await listener.expect(
    new RegExp(`^[^]{${Number(head[2])}}\\r\\n`),
  );
  return comparable(`${head[1]} ${body.trimEnd()}`);
}

for (const one of CASES) {
  capability(`ocsp_peer as Go does it: ${one.name}`, one.claims, async () => {
    let asking: Verdict = { status: "good" };
    await using answers = new OcspResponder(() =>
      asking.signer === below ? below : root
    );
    const url = answers.url;
    const identities = {
      usual: root.client({ subject: "CN=client", ocsp: url }),
      plain: root.client({ subject: "CN=plain" }),
      deep: below.client({ subject: "CN=deep", ocsp: url }),
      unreachable: root.client({
        subject: "CN=nobody answers",
        ocsp: "http://127.0.0.1:1",
      }),
    };
    const config = configuration(one);
    await using go = await startGoServer({ config, files: FILES });
    await using ours = await startOurServer({ config, files: FILES });
    for (const [index, visit] of one.visits.entries()) {
      await new Promise((resolve) => setTimeout(resolve, visit.after ?? 0));
      asking = visit.verdict ?? asking;
      const { signer, ...verdict } = asking;
      answers.verdict = signer === undefined || signer === below
        ? verdict
        : asking;
      const [expected, actual] = await Promise.all(
        [go, ours].map((peer) => play(peer, identities[visit.who ?? "usual"])),
      );
      assertEquals(actual, expected, `visit ${index + 1}`);
    }
  });
}
