/** Chains from a peer's certificate to an authority, and what they are good for. */

import { assertEquals } from "@std/assert";
import { OcspCache, PeerCheck } from "../../../src/auth/mod.ts";
import { readCertificate } from "../../../src/auth/ocsp/certificate.ts";
import { chainsOf } from "../../../src/auth/ocsp/chain.ts";
import { denoRuntime } from "../../../src/runtime/mod.ts";
import { capability } from "../../tools/capability.ts";
import { authority, selfSigned } from "../../tools/certificates.ts";
import { LogRecorder } from "../../tools/log_recorder.ts";

const root = authority("Chain Root");
const other = authority("Other Chain Root");
const below = root.intermediate("Chain Intermediate");
const URL = "http://127.0.0.1:1";

const OPTIONS = {
  verify: true,
  timeout: 100,
  allowedClockSkew: 0,
  warnOnly: false,
  unknownIsGood: false,
  allowWhenCaUnreachable: false,
  ttlUnsetNextUpdate: 0,
};

function isValid(
  presented: readonly Uint8Array[],
  authorities: string,
): Promise<boolean> {
  const runtime = denoRuntime();
  const log = new LogRecorder();
  const cache = new OcspCache(
    { type: "none", localStore: "", preserveRevoked: false, saveInterval: 0 },
    runtime,
    log,
  );
  return new PeerCheck(runtime, log, cache, () => {})
    .isValid(presented, authorities, OPTIONS);
}

capability("ocsp_peer - chains end at an authority", {
  positive: ["tls-ocsp/chain-rule"],
}, () => {
  const anchors = [readCertificate(root.raw)];
  const direct = root.client({ subject: "CN=direct" });
  const deep = below.client({ subject: "CN=deep" });
  const lengths = (...presented: Uint8Array[]) =>
    chainsOf(presented, anchors).map(({ length }) => length);
  assertEquals(lengths(direct.raw), [2]);
  assertEquals(lengths(deep.raw, below.raw), [3]);
  // What else is presented does no harm, nor does the authority itself.
  assertEquals(lengths(deep.raw, other.raw, below.raw), [3]);
  assertEquals(lengths(deep.raw, below.raw, root.raw), [3]);
  assertEquals(lengths(root.raw), [1]);
});

capability("ocsp_peer - a chain that ends nowhere is no chain", {
  edge: ["tls-ocsp/chain-rule"],
}, async () => {
  const deep = below.client({ subject: "CN=deep", ocsp: URL });
  const direct = root.client({ subject: "CN=direct", ocsp: URL });
  const own = selfSigned({ subject: "CN=own" });
  assertEquals(chainsOf([], []), []);
  assertEquals(chainsOf([deep.raw], [readCertificate(root.raw)]), []);
  assertEquals(await isValid([], root.ca), false);
  assertEquals(await isValid([deep.raw], root.ca), false);
  assertEquals(await isValid([direct.raw], other.ca), false);
  assertEquals(await isValid([own.raw], root.ca), false);
  assertEquals(await isValid([own.raw], own.cert), true);
  assertEquals(
    await isValid([root.client({ subject: "CN=plain" }).raw], root.ca),
    true,
  );
});
