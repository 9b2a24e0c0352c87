/**
 * TLS for clients: after INFO, before it, or not at all.
 *
 * @module
 */

import { createHash } from "node:crypto";
import {
  authority,
  type Issued,
  selfSigned,
} from "../../tools/certificates.ts";
import {
  aloneScenario,
  closed,
  connect,
  expect,
  type Fixture,
  lines,
  logged,
  open,
  quiet,
  refusedTls,
  reload,
  type Scenario,
  scenario,
  send,
  type Steps,
  sync,
  tls,
  type TlsChoice,
} from "../harness/mod.ts";
import { server } from "./fixtures.ts";

const root = authority();
const serverCertificate = root.server({ subject: "CN=north" });
const clientCertificate = root.client({
  subject: "O=NATS,CN=derek",
  emails: ["derek@example.com"],
});
const otherClient = root.client({ subject: "CN=other" });
const strangerClient = authority("Stranger CA").client();
const expiredClient = root.client({
  subject: "CN=late",
  validFrom: -20,
  validTo: -10,
});
const wrongUsage = root.client({ subject: "CN=wrong", usages: ["server"] });
const chained = root.intermediate("Middle CA").client({
  subject: "CN=chained",
});

const trusting: TlsChoice = { ca: root.ca };

/** Presents a certificate and trusts the server's. */
function presenting({ cert, key }: Issued): TlsChoice {
  return { ...trusting, cert, key };
}

/** What a pin lists: the digest of the public key. */
function pin({ publicKeyInfo }: Issued): string {
  return createHash("sha256").update(publicKeyInfo).digest("hex");
}

const FILES = {
  "server.pem": serverCertificate.cert,
  "server-key.pem": serverCertificate.key,
  "ca.pem": root.ca,
};

/** A server with the common certificate, `tls` and other settings. */
function tlsServer(tlsSettings: string, ...settings: string[]): Fixture {
  const block =
    `tls { cert_file: "{{dir}}/server.pem", key_file: "{{dir}}/server-key.pem"
    ca_file: "{{dir}}/ca.pem", ${tlsSettings} }`;
  return { ...server(block, ...settings), files: FILES };
}

const REQUIRED = tlsServer("timeout: 2");
const HASTY = tlsServer("timeout: 0.5");
const HASTY_DURATION = tlsServer('timeout: "500ms"');
const MODERN = tlsServer('min_version: "1.3"');
const VERIFY = tlsServer("verify: true");
const PINNED = tlsServer(
  `verify: true, pinned_certs: ["${pin(clientCertificate).toUpperCase()}"]`,
);
const FIRST = tlsServer("handshake_first: true, timeout: 1");
const FIRST_AUTO = tlsServer("handshake_first: auto");
const FIRST_LATER = tlsServer('handshake_first: "400ms"');
const OPTIONAL = tlsServer("timeout: 1", "allow_non_tls: true");
const FIRST_AND_OPTIONAL = tlsServer(
  "handshake_first: true, timeout: 1",
  "allow_non_tls: true",
);
const AUTO_AND_OPTIONAL = tlsServer(
  "handshake_first: auto, timeout: 1",
  "allow_non_tls: true",
);
const RATED = tlsServer("connection_rate_limit: 2");
const PASSWORD = tlsServer(
  "timeout: 2",
  "authorization { user: derek, password: x, timeout: 0.5 }",
);
const MAPPED = tlsServer(
  "verify_and_map: true",
  `authorization { users = [
    {user: "derek@example.com", permissions: {publish: "ok"}}
    {user: "CN=chained"}
    {user: "secret", password: "x"}
  ] }`,
);
const PROXIED = tlsServer("timeout: 2", "proxy_protocol: true");
const CERTIFICATES: Fixture = {
  ...server(
    `tls { certs: [
      {cert_file: "{{dir}}/server.pem", key_file: "{{dir}}/server-key.pem"}
      {cert_file: "{{dir}}/south.pem", key_file: "{{dir}}/south-key.pem"}
    ] }`,
  ),
  files: { ...FILES, ...southFiles() },
};

function southFiles(): Record<string, string> {
  const { cert, key } = root.server({
    subject: "CN=south",
    names: ["south.example.com"],
  });
  return { "south.pem": cert, "south-key.pem": key };
}

/** INFO, handshake, CONNECT: what a usual client does. */
function secured(
  on: string,
  choice: TlsChoice = trusting,
  fields: Record<string, unknown> = {},
): Steps {
  return [
    open(on),
    expect(on, "INFO"),
    tls(on, choice),
    connect(on, fields),
    sync(on),
  ];
}

/** Handshake before anything was received. */
function securedFirst(on: string, choice: TlsChoice = trusting): Steps {
  return [open(on), tls(on, choice), expect(on, "INFO"), connect(on), sync(on)];
}

const refusal = (
  fixture: Fixture,
  name: string,
  proves: Scenario["proves"],
  choice: TlsChoice,
): Scenario =>
  scenario(
    fixture,
    name,
    proves,
    open("a"),
    expect("a", "INFO"),
    refusedTls("a", choice),
  );

const id = (name: string) => `tls-ocsp/${name}`;

const FLOW: readonly Scenario[] = [
  scenario(
    REQUIRED,
    "INFO in clear, then the handshake, and no second INFO",
    {
      positive: [
        id("default-flow"),
        "client-protocol/tls-required-tls-available",
        id("cert-key-pair"),
      ],
    },
    open("a"),
    expect("a", '"tls_required":true'),
    tls("a", trusting),
    quiet("a"),
    connect("a", { tls_required: true }),
    lines("a", "SUB safe 1", "PUB safe 2", "hi"),
    sync("a"),
  ),
  scenario(
    REQUIRED,
    "connect_info after a handshake does not ask for TLS again",
    { edge: [id("default-flow"), "client-protocol/connect-info-info"] },
    secured("a", trusting, { protocol: 1 }),
    sync("a"),
  ),
  scenario(
    REQUIRED,
    "a large message both ways over TLS",
    { positive: [id("default-flow")] },
    secured("a"),
    lines("a", "SUB large 1", "PUB large 200000", "0123456789".repeat(20_000)),
    sync("a"),
  ),
  scenario(
    REQUIRED,
    "operations cut at odd places over TLS",
    { edge: ["client-protocol/split-buffers"] },
    secured("a"),
    send("a", "SUB cut.* 1\r\nPUB cut.x 5\r\nhello\r\n", {
      cuts: [3, 9, 20, 27, 30],
    }),
    sync("a"),
  ),
  scenario(
    REQUIRED,
    "plain text where a handshake is due",
    { edge: [id("default-flow")] },
    open("a"),
    expect("a", "INFO"),
    connect("a"),
    closed("a"),
  ),
  scenario(
    REQUIRED,
    "TLS 1.2 and 1.3 are spoken",
    { positive: [id("min-version")] },
    secured("a", { ...trusting, maxVersion: "TLSv1.2" }),
    secured("b", { ...trusting, minVersion: "TLSv1.3" }),
  ),
  scenario(MODERN, "min_version 1.3 accepts 1.3", {
    positive: [id("min-version")],
  }, secured("a")),
  refusal(
    MODERN,
    "min_version 1.3 refuses 1.2",
    { edge: [id("min-version")] },
    { ...trusting, maxVersion: "TLSv1.2" },
  ),
  scenario(
    HASTY,
    "who does not begin the handshake in time is closed",
    { positive: [id("handshake-timeout"), id("timeout")] },
    open("a"),
    expect("a", "INFO"),
    closed("a", { after: 300, within: 1_500 }),
  ),
  scenario(
    HASTY_DURATION,
    "the timeout may be a duration",
    { edge: [id("timeout")] },
    open("a"),
    expect("a", "INFO"),
    closed("a", { after: 300, within: 1_500 }),
  ),
  scenario(
    HASTY,
    "half a handshake does not hold the timeout up",
    { edge: [id("handshake-timeout")] },
    open("a"),
    expect("a", "INFO"),
    send("a", new Uint8Array([0x16, 0x03, 0x01, 0x02, 0x00, 0x01])),
    closed("a", { after: 300, within: 1_500 }),
  ),
  scenario(
    HASTY,
    "after the handshake the timeout is over",
    { edge: [id("handshake-timeout")] },
    secured("a"),
    quiet("a", 800),
    sync("a"),
  ),
  scenario(
    server(),
    "a handshake with a server without TLS is a parse error",
    { edge: ["client-protocol/parse-error"] },
    open("a"),
    expect("a", "INFO"),
    refusedTls("a"),
  ),
  scenario(
    CERTIFICATES,
    "the certificate is chosen by the name asked for",
    { positive: [id("certs-list")] },
    secured("a", { ...trusting, serverName: "south.example.com" }),
    secured("b", { ...trusting, serverName: "localhost" }),
  ),
  scenario(
    CERTIFICATES,
    "for an unknown name the first certificate is shown",
    { edge: [id("certs-list")] },
    secured("a", { serverName: "nowhere.example.com" }),
  ),
  scenario(
    PASSWORD,
    "CONNECT is judged over TLS",
    { positive: [id("auth-over-tls")] },
    secured("a", trusting, { user: "derek", pass: "x" }),
  ),
  scenario(
    PASSWORD,
    "a violation is told over TLS",
    { edge: [id("auth-over-tls")] },
    open("a"),
    expect("a", "INFO"),
    tls("a", trusting),
    connect("a", { user: "derek", pass: "y" }),
    closed("a"),
  ),
  scenario(
    PASSWORD,
    "the deadline for CONNECT begins after the handshake",
    { edge: ["client-protocol/auth-deadline"] },
    open("a"),
    expect("a", "INFO"),
    tls("a", trusting),
    closed("a", { after: 300, within: 1_500 }),
  ),
  scenario(
    PROXIED,
    "a PROXY header comes before the handshake",
    { positive: [id("proxy-protocol-tls")] },
    open("a"),
    expect("a", "INFO"),
    send("a", "PROXY TCP4 192.0.2.7 127.0.0.1 40000 4222\r\n"),
    tls("a", trusting),
    connect("a", { protocol: 1 }),
    sync("a"),
    sync("a"),
  ),
  scenario(
    PROXIED,
    "without a PROXY header the handshake works too",
    { edge: [id("proxy-protocol-tls")] },
    secured("a"),
  ),
  scenario(
    RATED,
    "handshakes over the rate are throttled",
    { positive: [id("connection-rate-limit")] },
    secured("a"),
    secured("b"),
    open("c"),
    closed("c"),
  ),
  aloneScenario(
    RATED,
    "a second later there is room again",
    { edge: [id("connection-rate-limit")] },
    secured("a"),
    secured("b"),
    quiet("a", 1_200),
    secured("c"),
  ),
  aloneScenario(
    REQUIRED,
    "a reload holds new clients to the new tls block and leaves the old ones alone",
    { positive: [id("rotation-on-reload")] },
    secured("a"),
    reload(
      server(
        `tls { cert_file: "{{dir}}/ca.pem", key_file: "{{dir}}/nothing.pem" }`,
      ).config,
      /Failed to reload server configuration/,
    ),
    secured("b"),
    reload(
      server(
        `tls { cert_file: "{{dir}}/server.pem", key_file: "{{dir}}/server-key.pem", min_version: "1.3" }`,
      ).config,
    ),
    open("c"),
    expect("c", "INFO"),
    refusedTls("c", { ...trusting, maxVersion: "TLSv1.2" }),
    sync("a"),
  ),
  aloneScenario(
    REQUIRED,
    "a reload without the tls block lets plain clients in",
    { edge: [id("rotation-on-reload")] },
    secured("a"),
    reload(server().config),
    open("b"),
    connect("b"),
    sync("b"),
    sync("a"),
  ),
];

const VERIFICATION: readonly Scenario[] = [
  scenario(
    VERIFY,
    "verify asks for a certificate and says so in INFO",
    { positive: [id("verify"), id("ca-file")] },
    open("a"),
    expect("a", '"tls_verify":true'),
    tls("a", presenting(clientCertificate)),
    connect("a"),
    sync("a"),
  ),
  scenario(
    VERIFY,
    "verify under TLS 1.2",
    { positive: [id("verify")] },
    secured("a", { ...presenting(clientCertificate), maxVersion: "TLSv1.2" }),
  ),
  scenario(VERIFY, "a certificate with an intermediate", {
    edge: [id("ca-file")],
  }, secured("a", presenting(chained))),
  refusal(VERIFY, "no certificate", { edge: [id("verify")] }, trusting),
  refusal(VERIFY, "no certificate, TLS 1.2", { edge: [id("verify")] }, {
    ...trusting,
    maxVersion: "TLSv1.2",
  }),
  refusal(VERIFY, "a certificate of another authority", {
    edge: [id("verify"), id("ca-file")],
  }, presenting(strangerClient)),
  refusal(
    VERIFY,
    "a self-signed certificate",
    { edge: [id("verify")] },
    presenting(selfSigned()),
  ),
  refusal(
    VERIFY,
    "an expired certificate",
    { edge: [id("verify")] },
    presenting(expiredClient),
  ),
  refusal(
    VERIFY,
    "a certificate for servers only",
    { edge: [id("verify")] },
    presenting(wrongUsage),
  ),
  scenario(
    PINNED,
    "a pinned certificate, the pin in capitals",
    { positive: [id("pinned-certs")] },
    secured("a", presenting(clientCertificate)),
  ),
  refusal(PINNED, "a certificate that is not pinned", {
    edge: [id("pinned-certs")],
  }, presenting(otherClient)),
  scenario(
    MAPPED,
    "verify_and_map makes the e-mail address the user",
    { positive: ["auth/verify-and-map", id("verify-and-map"), id("order")] },
    secured("a", presenting(clientCertificate)),
    lines("a", "PUB ok 1", "x", "PUB no 1", "x"),
    sync("a"),
  ),
  scenario(
    MAPPED,
    "verify_and_map falls back to the subject",
    { positive: [id("order")] },
    secured("a", presenting(chained)),
  ),
  scenario(
    MAPPED,
    "verify_and_map does not look at the user in CONNECT, and warns",
    {
      positive: ["auth/username-in-connect"],
      edge: ["auth/verify-and-map"],
    },
    secured("a", presenting(clientCertificate), { user: "secret" }),
    lines("a", "PUB no 1", "x"),
    sync("a"),
    logged(/User "secret" found in connect proto, but user required from cert/),
  ),
  scenario(
    MAPPED,
    "verify_and_map holds a password in CONNECT against the mapped user",
    { edge: ["auth/username-in-connect"] },
    open("a"),
    expect("a", "INFO"),
    tls("a", presenting(clientCertificate)),
    connect("a", { user: "secret", pass: "x" }),
    closed("a"),
  ),
  scenario(
    MAPPED,
    "verify_and_map refuses a certificate that is nobody's",
    {
      edge: [
        "auth/verify-and-map",
        id("verify-and-map"),
        id("order"),
        "auth/username-in-connect",
      ],
    },
    open("a"),
    expect("a", "INFO"),
    tls("a", presenting(otherClient)),
    connect("a", { user: "secret", pass: "x" }),
    closed("a"),
  ),
];

const FIRST_OR_NOT: readonly Scenario[] = [
  scenario(
    FIRST,
    "handshake_first: nothing before the handshake, INFO after it",
    { positive: [id("handshake-first-true"), id("handshake-first")] },
    open("a"),
    quiet("a", 300),
    tls("a", trusting),
    expect("a", "INFO"),
    connect("a"),
    sync("a"),
  ),
  scenario(
    FIRST,
    "handshake_first: plain text is closed without INFO",
    { edge: [id("handshake-first-true")] },
    open("a"),
    connect("a"),
    closed("a"),
  ),
  scenario(
    FIRST,
    "handshake_first: silence runs into the timeout",
    { edge: [id("handshake-first-true"), id("handshake-timeout")] },
    open("a"),
    closed("a", { after: 700, within: 2_500 }),
  ),
  scenario(
    FIRST_AUTO,
    "auto: a handshake at once works, INFO comes after it",
    { positive: [id("handshake-first-with-fallback")] },
    securedFirst("a"),
  ),
  scenario(
    FIRST_AUTO,
    "auto: who waits gets INFO and the usual flow",
    { positive: [id("handshake-first-with-fallback"), id("handshake-first")] },
    secured("a"),
  ),
  scenario(
    FIRST_LATER,
    "a delay: silence until it is over",
    { edge: [id("handshake-first-with-fallback"), id("handshake-first")] },
    open("a"),
    quiet("a", 200),
    expect("a", "INFO"),
    tls("a", trusting),
    connect("a"),
    sync("a"),
  ),
  scenario(
    FIRST_LATER,
    "a delay: plain text within it fails the handshake",
    { edge: [id("handshake-first-with-fallback")] },
    open("a"),
    connect("a"),
    closed("a"),
  ),
  scenario(
    OPTIONAL,
    "allow_non_tls: plain clients are served",
    {
      positive: [id("allow-non-tls")],
      edge: ["client-protocol/tls-required-tls-available"],
    },
    open("a"),
    expect("a", '"tls_available":true'),
    connect("a", { protocol: 1 }),
    sync("a"),
    sync("a"),
  ),
  scenario(
    OPTIONAL,
    "allow_non_tls: TLS clients are served",
    { positive: [id("allow-non-tls")] },
    secured("a", trusting, { protocol: 1 }),
    sync("a"),
  ),
  scenario(
    OPTIONAL,
    "allow_non_tls: a silent client is taken for a plain one after the timeout",
    { edge: [id("allow-non-tls")] },
    open("a"),
    expect("a", "INFO"),
    quiet("a", 1_300),
    connect("a"),
    sync("a"),
  ),
  scenario(
    OPTIONAL,
    "allow_non_tls: a first operation of few bytes",
    { edge: [id("allow-non-tls")] },
    open("a"),
    expect("a", "INFO"),
    send("a", "PI", {}),
    send("a", "NG\r\n"),
    expect("a", "PONG"),
  ),
  scenario(
    FIRST_AND_OPTIONAL,
    "handshake_first wins over allow_non_tls",
    { edge: [id("allow-non-tls"), id("handshake-first-true")] },
    securedFirst("a"),
    open("b"),
    connect("b"),
    closed("b"),
  ),
  scenario(
    AUTO_AND_OPTIONAL,
    "auto with allow_non_tls: handshake at once, after INFO, or never",
    { edge: [id("handshake-first-with-fallback"), id("allow-non-tls")] },
    securedFirst("a"),
    secured("b"),
    open("c"),
    expect("c", "INFO"),
    connect("c"),
    sync("c"),
  ),
];

export const TLS: readonly Scenario[] = [
  ...FLOW,
  ...VERIFICATION,
  ...FIRST_OR_NOT,
];
