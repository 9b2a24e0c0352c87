/**
 * TLS before INFO, or not at all.
 *
 * @module
 */

import {
  closed,
  connect,
  expect,
  open,
  quiet,
  type Scenario,
  scenario,
  send,
  sync,
  tls,
} from "../harness/mod.ts";
import {
  id,
  secured,
  securedFirst,
  tlsServer,
  trusting,
} from "./tls_servers.ts";

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

export const FIRST_OR_NOT: readonly Scenario[] = [
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
