/**
 * TLS for clients: the usual flow, times, rates, reload.
 *
 * @module
 */

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
  sync,
  tls,
} from "../harness/mod.ts";
import { server } from "./fixtures.ts";
import {
  FILES,
  id,
  refusal,
  root,
  secured,
  tlsServer,
  trusting,
} from "./tls_servers.ts";

const REQUIRED = tlsServer("timeout: 2");
const HASTY = tlsServer("timeout: 0.5");
const HASTY_DURATION = tlsServer('timeout: "500ms"');
const MODERN = tlsServer('min_version: "1.3"');
const DEBUGGED = tlsServer("timeout: 2", "debug: true");
const RATED = tlsServer("connection_rate_limit: 2");
const PASSWORD = tlsServer(
  "timeout: 2",
  "authorization { user: derek, password: x, timeout: 0.5 }",
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

export const TLS: readonly Scenario[] = [
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
    DEBUGGED,
    "the debug log tells what a handshake agreed on",
    { positive: [id("debug-lines")] },
    secured("a"),
    logged(/ cid:\d+ - Starting TLS client connection handshake/),
    logged(/ cid:\d+ - TLS handshake complete/),
    logged(
      / cid:\d+ - TLS version 1\.3, cipher suite TLS_(AES_\d+_GCM|CHACHA20_POLY1305)_SHA\d+/,
    ),
  ),
  scenario(
    DEBUGGED,
    "the debug log tells of TLS 1.2 and its cipher suites",
    { edge: [id("debug-lines")] },
    secured("a", { ...trusting, maxVersion: "TLSv1.2" }),
    logged(/ cid:\d+ - TLS version 1\.2, cipher suite TLS_ECDHE_ECDSA_WITH_/),
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
