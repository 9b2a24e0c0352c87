/** The `tls` block, and OCSP options. */

import { assert, assertEquals } from "@std/assert";
import type { TlsBlock } from "../../../src/config/mod.ts";
import { capability } from "../../tools/capability.ts";
import { authority } from "../../tools/certificates.ts";
import {
  assertContains,
  assertOptions,
  errors,
  options,
} from "./options_harness.ts";

function both(row: string) {
  return { positive: [`tls-ocsp/${row}`], edge: [`tls-ocsp/${row}`] };
}

const root = authority();
const own = root.server();
const other = root.server({ names: ["other"] });
const rsa = root.server({ key: "RSA" });
const files = {
  "cert.pem": own.cert,
  "key.pem": own.key,
  "other-cert.pem": other.cert,
  "other-key.pem": other.key,
  "rsa-key.pem": rsa.key,
  "ca.pem": root.ca + "\n" + authority("Second CA").ca,
  "bad.pem": "nothing\n",
  "bad-cert.pem":
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
};
const PAIR = "cert_file: cert.pem, key_file: key.pem";
const PREFIX = "error parsing tls config,";
const PAIR_PREFIX = "error parsing X509 certificate/key pair";

/** The `tls` block with these entries. */
function tls(entries: string): TlsBlock {
  const { tls } = options(`tls { ${entries} }`, { files });
  assert(tls !== undefined);
  return tls;
}

/** The only error of such a block, without its place. */
function refused(
  entries: string,
  block = (text: string) => `tls { ${text} }`,
): string {
  const [error = "", ...more] = errors(block(entries), { files });
  assertEquals(more, []);
  return error.replace(/^\d+:\d+: /, "");
}

capability("tls - knows its keys in any case", both("key-set"), () => {
  const block = tls(
    `Cert_File: cert.pem, KEY_FILE: key.pem, ca_file: ca.pem, insecure: true, timeout: 3`,
  );
  assertContains(block, {
    certFile: "cert.pem",
    keyFile: "key.pem",
    caFile: "ca.pem",
    insecure: true,
  });
  assertEquals(refused("nope: 1"), `${PREFIX} unknown field "nope"`);
  // Unlike elsewhere, not even variables may stand in the block.
  assertEquals(
    refused("mine: 3, timeout: $mine"),
    `${PREFIX} unknown field "mine"`,
  );
});

capability("tls - is the same block everywhere", {
  positive: ["tls-ocsp/key-set"],
}, () => {
  const o = options(
    ["cluster", "gateway", "leafnodes", "websocket", "mqtt"]
      .map((name) => `${name} { tls { ${PAIR}, timeout: 3 } }`)
      .concat(`resolver_tls { ${PAIR} }`).join("\n"),
    { files },
  );
  for (
    const { tls } of [o.cluster, o.gateway, o.leafnodes, o.websocket, o.mqtt]
  ) {
    assertEquals(tls?.identities[0]?.cert, own.cert);
  }
  assertEquals(o.resolverTls?.certFile, "cert.pem");
  // Routes and gateways verify each other, asked for or not.
  assertEquals([
    o.cluster.tls?.verify,
    o.gateway.tls?.verify,
    o.mqtt.tls?.verify,
  ], [true, true, false]);
  assertEquals([o.cluster.tlsTimeout, o.mqtt.tlsTimeout], [3000, 3000]);
});

capability("tls - wants the right types", both("type-errors"), () => {
  for (const key of ["cert_file", "key_file", "ca_file"]) {
    assertEquals(
      refused(`${key}: 5`),
      `${PREFIX} expected '${key}' to be filename`,
    );
  }
  for (
    const key of [
      "insecure",
      "verify",
      "verify_and_map",
      "allow_insecure_cipher_suites",
    ]
  ) {
    assertEquals(
      refused(`${key}: 5`),
      `${PREFIX} expected '${key}' to be a boolean`,
    );
    tls(`${key}: true`);
  }
  assertEquals(
    refused("cipher_suites: x"),
    "interface conversion: interface {} is string, not []interface {}",
  );
  assertEquals(errors("tls: x"), [
    "1:0: interface conversion: interface {} is string, not map[string]interface {}",
  ]);
});

capability(
  "tls - certificate and key belong together",
  both("cert-key-pair"),
  () => {
    assertEquals(tls(PAIR).identities, [{ cert: own.cert, key: own.key }]);
    assertEquals(
      refused("cert_file: cert.pem"),
      "missing 'key_file' in TLS configuration",
    );
    assertEquals(
      refused("key_file: key.pem"),
      "missing 'cert_file' in TLS configuration",
    );
    const pairs: [string, string, string][] = [
      ["none.pem", "key.pem", "open none.pem: no such file or directory"],
      ["cert.pem", "none.pem", "open none.pem: no such file or directory"],
      [
        "bad.pem",
        "key.pem",
        "tls: failed to find any PEM data in certificate input",
      ],
      ["bad-cert.pem", "key.pem", "x509: malformed certificate"],
      ["cert.pem", "bad.pem", "tls: failed to find any PEM data in key input"],
      [
        "cert.pem",
        "other-key.pem",
        "tls: private key does not match public key",
      ],
      [
        "cert.pem",
        "rsa-key.pem",
        "tls: private key type does not match public key type",
      ],
      [
        "key.pem",
        "key.pem",
        "tls: failed to find certificate PEM data in certificate input, " +
        "but did find a private key; PEM inputs may have been switched",
      ],
      [
        "cert.pem",
        "cert.pem",
        "tls: found a certificate rather than a key in the PEM for the private key",
      ],
    ];
    for (const [cert, key, reason] of pairs) {
      assertEquals(
        refused(`cert_file: ${cert}, key_file: ${key}`),
        `${PAIR_PREFIX}: ${reason}`,
      );
    }
  },
);

capability("tls - may have several certificates", both("certs-list"), () => {
  const second = "{ cert_file: other-cert.pem, key_file: other-key.pem }";
  const block = tls(`certs: [ { ${PAIR} }, ${second} ]`);
  assertEquals(block.identities.map(({ key }) => key), [own.key, other.key]);
  assertEquals(tls(`certificates: [ ${second} ]`).certs.length, 1);
  const prefix = "error parsing certificates config:";
  assertEquals(
    refused("certs: [ { cert_file: cert.pem } ]"),
    `${prefix} both 'cert_file' and 'cert_key' options are required`,
  );
  assertEquals(
    refused("certs: [ { nope: cert.pem } ]"),
    'error parsing tls certs config, unknown field "nope"',
  );
  assertEquals(
    refused("certs: [ { cert_file: 5 } ]"),
    `${prefix} unsupported type int64`,
  );
  assertEquals(
    refused("certs: x"),
    `${prefix} unsupported type map[string]interface {}`,
  );
  assertEquals(
    refused(`certs: [ ${second} ], ${PAIR}`),
    `${PREFIX} cannot combine 'cert_file' option with 'certs' option`,
  );
  assertEquals(
    refused("certs: [ { cert_file: other-cert.pem, key_file: key.pem } ]"),
    `${PAIR_PREFIX} 1/1: tls: private key does not match public key`,
  );
});

capability("tls - reads authorities", both("ca-file"), () => {
  assertEquals(tls("ca_file: ca.pem").ca, files["ca.pem"]);
  assertEquals(tls(PAIR).ca, undefined);
  assertEquals(
    refused("ca_file: bad.pem"),
    "failed to parse root ca certificate",
  );
  assertEquals(
    refused("ca_file: bad-cert.pem"),
    "failed to parse root ca certificate",
  );
  assertEquals(
    refused("ca_file: none"),
    "open none: no such file or directory",
  );
});

capability("tls - verifies clients when asked to", {
  positive: ["tls-ocsp/verify", "tls-ocsp/verify-and-map"],
}, () => {
  assertContains(tls("verify: true"), { verify: true, map: false });
  assertContains(tls("verify_and_map: true"), { verify: true, map: true });
  assertContains(tls("verify: true, verify_and_map: false"), {
    verify: true,
    map: false,
  });
  assertOptions(`tls { ${PAIR}, verify_and_map: true }`, { tlsMap: true }, {
    files,
  });
});

capability(
  "tls - checks known URLs on links only",
  both("verify-cert-and-check-known-urls"),
  () => {
    const entry = "verify_cert_and_check_known_urls: true";
    const { cluster } = options(`cluster { tls { ${entry} } }`);
    assertEquals([cluster.tlsCheckKnownUrls, cluster.tls?.verify], [
      true,
      true,
    ]);
    assertEquals(
      options(`gateway { tls { ${entry} } }`).gateway.tlsCheckKnownUrls,
      true,
    );
    assertEquals(
      refused(entry),
      "verify_cert_and_check_known_urls not supported in this context",
    );
    assertEquals(tls("verify_cert_and_check_known_urls: false").verify, false);
  },
);

capability("tls - may skip verification of servers", {
  positive: ["tls-ocsp/insecure"],
}, () => {
  assertEquals(
    options("cluster { tls { insecure: true } }").cluster.tls?.insecure,
    true,
  );
  assertEquals(tls(PAIR).insecure, false);
});

capability(
  "tls - takes times in seconds or as durations",
  both("timeout"),
  () => {
    assertEquals(tls("timeout: 2").timeout, 2000);
    assertEquals(tls("timeout: 0.5").timeout, 500);
    assertEquals(tls("timeout: '1m'").timeout, 60_000);
    assertOptions("tls { timeout: 2 }", { tlsTimeout: 2000 });
    assertEquals(refused("timeout: true"), `${PREFIX} 'timeout' wrong type`);
    assertEquals(
      refused("timeout: x"),
      `${PREFIX} 'timeout' time: invalid duration "x"`,
    );
  },
);

capability("tls - limits handshakes", both("connection-rate-limit"), () => {
  assertOptions("tls { connection_rate_limit: 5 }", { tlsRateLimit: 5 });
  assertEquals(
    refused("connection_rate_limit: 1.5"),
    `${PREFIX} 'connection_rate_limit' wrong type`,
  );
});

capability("tls - knows cipher suites", both("cipher-suites"), () => {
  assertEquals(tls(PAIR).cipherSuites, undefined);
  assertEquals(tls("cipher_suites: [TLS_AES_128_GCM_SHA256]").cipherSuites, [
    "TLS_AES_128_GCM_SHA256",
  ]);
  assertEquals(
    refused("cipher_suites: []"),
    `${PREFIX} 'cipher_suites' cannot be empty`,
  );
  assertEquals(refused("cipher_suites: [X]"), "unrecognized cipher X");
  const insecure =
    "cipher_suites: [TLS_RSA_WITH_RC4_128_SHA, TLS_RSA_WITH_AES_128_CBC_SHA]";
  assertEquals(
    refused(insecure),
    "insecure cipher suites configured without 'allow_insecure_cipher_suites' option set: " +
      "TLS_RSA_WITH_RC4_128_SHA, TLS_RSA_WITH_AES_128_CBC_SHA",
  );
  assertEquals(
    tls(`${insecure}, allow_insecure_cipher_suites: true`).cipherSuites?.length,
    2,
  );
});

capability("tls - knows curves", both("curve-preferences"), () => {
  const names = [
    "X25519MLKEM768",
    "SecP384r1MLKEM1024",
    "SecP256r1MLKEM768",
    "X25519",
    "CurveP256",
    "CurveP384",
    "CurveP521",
  ];
  assertEquals(
    tls(`curve_preferences: [${names.join(", ")}]`).curvePreferences,
    names,
  );
  assertEquals(
    refused("curve_preferences: []"),
    `${PREFIX} 'curve_preferences' cannot be empty`,
  );
  assertEquals(
    refused("curve_preferences: [P256]"),
    "unrecognized curve preference P256",
  );
});

capability("tls - has a lowest version", both("min-version"), () => {
  assertEquals(tls(PAIR).minVersion, "1.2");
  assertEquals(tls("min_version: '1.3'").minVersion, "1.3");
  assertEquals(
    refused("min_version: '1.1'"),
    "error parsing tls config: unsupported TLS version: TLS 1.1",
  );
  assertEquals(
    refused("min_version: 1.3"),
    "error parsing tls config: 'min_version' wrong type: 1.3",
  );
  assertEquals(
    refused("min_version: '3'"),
    "error parsing tls config: unknown version: 3",
  );
});

capability("tls - pins certificates", both("pinned-certs"), () => {
  const pin = "A".repeat(63) + "0";
  const pins = new Set([pin.toLowerCase()]);
  assertEquals(
    tls(`pinned_certs: ["${pin}", "${pin.toLowerCase()}"]`).pinnedCerts,
    pins,
  );
  assertOptions(`tls { pinned_certs: ["${pin}"] }`, { tlsPinnedCerts: pins });
  assertEquals(tls("pinned_certs: []").pinnedCerts.size, 0);
  assertEquals(
    refused("pinned_certs: [X]"),
    `${PREFIX} 'pinned_certs' key x does not look like hex-encoded sha256 of DER encoded SubjectPublicKeyInfo`,
  );
  assertEquals(
    refused("pinned_certs: x"),
    `${PREFIX} expected 'pinned_certs' to be a list of hex-encoded sha256 of DER encoded SubjectPublicKeyInfo`,
  );
});

capability("tls - may shake hands first", both("handshake-first"), () => {
  const cases: [string, boolean, number][] = [
    ["true", true, 0],
    ["'ON'", true, 0],
    ["'false'", false, 0],
    ["'off'", false, 0],
    ["auto", true, 50],
    ["auto_fallback", true, 50],
    ["'300ms'", true, 300],
  ];
  for (const [value, first, fallback] of cases) {
    for (const key of ["handshake_first", "first", "immediate"]) {
      assertOptions(`tls { ${key}: ${value} }`, {
        tlsHandshakeFirst: first,
        tlsHandshakeFirstFallback: fallback,
      });
    }
  }
  assertEquals(refused("first: x"), `field "first"'s value "x" is invalid`);
  assertEquals(
    refused("First: 5"),
    'field "First" should be a boolean or a string, got int64',
  );
  const { leafnodes } = options("leafnodes { tls { handshake_first: auto } }");
  assertEquals([
    leafnodes.tlsHandshakeFirst,
    leafnodes.tlsHandshakeFirstFallback,
  ], [true, 50]);
});

capability("tls - has no certificate store", both("cert-store-family"), () => {
  assertEquals(
    refused("cert_store: WindowsLocalMachine"),
    "cert_store not compatible with current operating system",
  );
  assertEquals(refused("cert_store: x"), "cert store type not implemented");
  assertEquals(
    refused("cert_store: ''"),
    "expected 'cert_store' to be a valid non-empty string",
  );
  assertEquals(
    refused("cert_match_by: x"),
    "cert match by type not implemented",
  );
  assertEquals(
    tls("cert_match_by: Thumbprint, cert_match: m, ca_certs_match: [a]")
      .certStore,
    {
      store: "",
      matchBy: "Thumbprint",
      match: "m",
      skipInvalid: false,
      caMatches: ["a"],
    },
  );
});

capability("tls - may ask for revocation checks", {
  positive: ["tls-ocsp/ocsp-peer", "tls-ocsp/options"],
  edge: ["tls-ocsp/ocsp-peer", "tls-ocsp/options"],
}, () => {
  assertEquals(tls("ocsp_peer: true").ocspPeer, {
    verify: true,
    timeout: 2000,
    allowedClockSkew: 30_000,
    warnOnly: false,
    unknownIsGood: false,
    allowWhenCaUnreachable: false,
    ttlUnsetNextUpdate: 3_600_000,
  });
  assertEquals(tls("ocsp_peer: false").ocspPeer?.verify, false);
  const block = tls(
    "ocsp_peer { verify: true, ca_timeout: 5, allowed_clockskew: '1m', warn_only: yes, ca_timeout: -1 }",
  );
  assertContains(block.ocspPeer ?? {}, {
    verify: true,
    timeout: 2000,
    allowedClockSkew: 60_000,
    warnOnly: true,
  });
  // The place of the entry is part of the reason.
  assertEquals(
    refused("ocsp_peer { nope: 1 }"),
    'main.conf:1:18: error parsing tls peer config, unknown field ["nope"]',
  );
  assertEquals(
    refused("ocsp_peer { ca_timeout: x }"),
    'main.conf:1:18: error parsing tls peer config, conversion error: time: invalid duration "x"',
  );
  assertEquals(
    refused("ocsp_peer: 5"),
    "error parsing ocsp peer config: unsupported type map[string]interface {}",
  );
});

capability("tls, allow_non_tls, ocsp, ocsp_cache - are read at the top", {
  positive: [
    "config/tls-allow-non-tls-ocsp-ocsp-cache",
    "tls-ocsp/config",
    "tls-ocsp/config-2",
  ],
  edge: [
    "config/tls-allow-non-tls-ocsp-ocsp-cache",
    "tls-ocsp/config",
    "tls-ocsp/config-2",
  ],
}, () => {
  assertOptions("allow_non_tls: true\nocsp: true", {
    allowNonTls: true,
    ocsp: { mode: "auto", urls: [] },
  });
  assertOptions("ocsp: false", { ocsp: { mode: "never", urls: [] } });
  assertOptions("ocsp { mode: MUST, url: 'http://r' }", {
    ocsp: { mode: "must", urls: ["http://r"] },
  });
  assertEquals(errors("ocsp { mode: x }"), [
    "1:7: error parsing ocsp config: unsupported ocsp mode string",
  ]);
  assertEquals(errors("ocsp: 5"), [
    "1:0: error parsing ocsp config: unsupported type int64",
  ]);
  assertOptions("ocsp_cache: false", {
    ocspCache: {
      type: "none",
      localStore: "_rc_",
      preserveRevoked: false,
      saveInterval: 300_000,
    },
  });
  assertOptions(
    "ocsp_cache { type: LOCAL, local_store: d, preserve_revoked: true, save_interval: '1500ms' }",
    {
      ocspCache: {
        type: "local",
        localStore: "d",
        preserveRevoked: true,
        saveInterval: 1000,
      },
    },
  );
  assertEquals(
    options("ocsp_cache { save_interval: 0.1 }").ocspCache?.saveInterval,
    1000,
  );
  assertEquals(errors("ocsp_cache { type: x }"), [
    "1:13: error parsing OCSP peer cache config, unknown type [x]",
  ]);
  assertEquals(errors("ocsp_cache { nope: x }"), [
    '1:13: error parsing OCSP peer cache config, unknown field ["nope"]',
  ]);
});
