/**
 * TLS with client certificates: verified, pinned, mapped to users.
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
  closed,
  connect,
  expect,
  lines,
  logged,
  open,
  type Scenario,
  scenario,
  sync,
  tls,
} from "../harness/mod.ts";
import {
  id,
  presenting,
  refusal,
  root,
  secured,
  tlsServer,
  trusting,
} from "./tls_servers.ts";

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
const VERIFY = tlsServer("verify: true");
const PINNED = tlsServer(
  `verify: true, pinned_certs: ["${pin(clientCertificate).toUpperCase()}"]`,
);
const MAPPED = tlsServer(
  "verify_and_map: true",
  `authorization { users = [
    {user: "derek@example.com", permissions: {publish: "ok"}}
    {user: "CN=chained"}
    {user: "secret", password: "x"}
  ] }`,
);

/** What a pin lists: the digest of the public key. */
function pin({ publicKeyInfo }: Issued): string {
  return createHash("sha256").update(publicKeyInfo).digest("hex");
}

export const VERIFICATION: readonly Scenario[] = [
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
