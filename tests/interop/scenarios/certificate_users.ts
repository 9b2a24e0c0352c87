/**
 * Users who are known by their client certificates.
 *
 * @module
 */

import type { Description } from "../../tools/certificates.ts";
import {
  closed,
  connect,
  expect,
  type Fixture,
  lines,
  logged,
  open,
  type Scenario,
  scenario,
  type Steps,
  sync,
  tls,
} from "../harness/mod.ts";
import { id, presenting, root, tlsServer } from "./tls_servers.ts";

/** A server that maps certificates to the given users. */
function mapping(...users: string[]): Fixture {
  return tlsServer(
    "verify_and_map: true, timeout: 5",
    "debug: true",
    `authorization { users = [${users.join("\n")}] }`,
  );
}

function user(name: string, ...fields: string[]): string {
  return `{${[`user: ${JSON.stringify(name)}`, ...fields].join(", ")}}`;
}

/** A handshake with a certificate of that description, and a CONNECT. */
function presented(
  certificate: Description,
  fields: Readonly<Record<string, unknown>> = {},
): Steps {
  return [
    open("a"),
    expect("a", "INFO"),
    tls("a", presenting(root.client(certificate))),
    connect("a", fields),
  ];
}

type Outcome = "in" | "out";

function mapped(
  fixture: Fixture,
  name: string,
  proves: Scenario["proves"],
  certificate: Description,
  outcome: Outcome,
  log?: RegExp,
  fields: Readonly<Record<string, unknown>> = {},
): Scenario {
  return scenario(
    fixture,
    name,
    proves,
    presented(certificate, fields),
    outcome === "in"
      ? [lines("a", "SUB x 1", "PUB x 1", "y"), ...sync("a")]
      : closed("a"),
    log === undefined ? [] : logged(log),
  );
}

const positive = {
  positive: ["auth/verify-and-map", id("order"), id("verify-and-map")],
};
const edge = {
  edge: ["auth/verify-and-map", id("order"), id("verify-and-map")],
};

const NAMES = mapping(
  user("mail@example.com"),
  user("host.example.com"),
  user("spiffe://example.com/service"),
  user("CN=subject"),
  user("CN=www,OU=b,O=a,C=us"),
);
const ALL: Description = {
  subject: "CN=subject",
  names: ["host.example.com"],
  emails: ["mail@example.com"],
  uris: ["spiffe://example.com/service"],
};
const ORDERED = mapping(
  user("CN=Jane Doe,OU=People,O=Acme,DC=example,DC=com"),
  user("CN=no,OU=such+OU=user"),
);
const DOMAIN = mapping(
  user(
    "CN=*.example.com,OU=NATS,O=NATS,L=Los Angeles,ST=CA,C=US,DC=foo1,DC=foo2",
  ),
);
const MULTIPLE = mapping(user("CN=two,OU=b+OU=a,O=x"), user("not a name"));
const ESCAPED = mapping(
  user('CN=Doe\\, Jane,O=A\\+B \\"C\\"'),
);
const RESTRICTED = mapping(
  user("CN=web", 'allowed_connection_types: ["WEBSOCKET"]'),
  user("CN=std", 'allowed_connection_types: ["STANDARD"]'),
  user("web.example.com", 'allowed_connection_types: ["MQTT"]'),
);
const PASSWORD = mapping(user("CN=guarded", "password: secret"));
const PERMISSIONS = mapping(
  user("CN=limited", 'permissions: {publish: "a", subscribe: "a"}'),
);
const ELSEWHERE = tlsServer(
  "verify: true, timeout: 5",
  "debug: true",
  `authorization { users = [${user("CN=plain")}] }`,
);

export const CERTIFICATE_USERS: readonly Scenario[] = [
  mapped(
    NAMES,
    "the e-mail address goes first",
    positive,
    ALL,
    "in",
    /Using email found in cert for auth \["mail@example.com"\]/,
  ),
  mapped(
    NAMES,
    "then the host name",
    positive,
    { ...ALL, emails: ["other@example.com"] },
    "in",
    /Using SAN found in cert for auth \["host.example.com"\]/,
  ),
  mapped(
    NAMES,
    "then the URI",
    { positive: ["auth/verify-and-map", id("spiffe")] },
    { ...ALL, emails: ["other@example.com"], names: ["other.example.com"] },
    "in",
    /Using URI found in cert for auth \["spiffe:\/\/example.com\/service"\]/,
  ),
  mapped(
    NAMES,
    "another URI is nobody",
    { edge: [id("spiffe"), "auth/verify-and-map"] },
    { subject: "CN=x", uris: ["spiffe://example.com/other"] },
    "out",
  ),
  mapped(
    NAMES,
    "then the subject",
    positive,
    { subject: "CN=subject", names: ["other.example.com"] },
    "in",
    /Using DistinguishedNameMatch for auth \["CN=subject"\]/,
  ),
  mapped(
    NAMES,
    "a certificate without subject has other names",
    { positive: [id("no-subject-certs")] },
    { subject: "", names: ["host.example.com"] },
    "in",
  ),
  mapped(
    NAMES,
    "a certificate without subject and known names is nobody",
    { edge: [id("no-subject-certs")] },
    { subject: "", names: ["other.example.com"] },
    "out",
  ),
  mapped(
    NAMES,
    "names are compared with regard to case",
    edge,
    { subject: "CN=Subject", names: ["HOST.example.com"] },
    "out",
    /User in cert \["CN=Subject"\], not found/,
  ),
  mapped(
    NAMES,
    "the user of CONNECT does not count",
    {
      positive: ["auth/username-in-connect"],
      edge: ["auth/username-in-connect"],
    },
    { subject: "CN=subject" },
    "in",
    /User "mail@example.com" found in connect proto, but user required from cert/,
    { user: "mail@example.com" },
  ),
  mapped(
    NAMES,
    "a subject in the order of the certificate",
    positive,
    { subject: "C=us,O=a,OU=b,CN=www" },
    "in",
  ),
  mapped(
    NAMES,
    "a subject in another order",
    edge,
    { subject: "CN=www,OU=b,O=a,C=us" },
    "in",
  ),
  mapped(
    NAMES,
    "a subject with one name more",
    edge,
    { subject: "C=us,O=a,OU=b,OU=c,CN=www" },
    "out",
  ),
  mapped(
    ORDERED,
    "domain components are names like others",
    { positive: ["auth/verify-and-map", "auth/ldap-dn-parser"] },
    { subject: "DC=com,DC=example,O=Acme,OU=People,CN=Jane Doe" },
    "in",
    /Using DistinguishedNameMatch/,
  ),
  mapped(
    ORDERED,
    "and in whatever order",
    { edge: ["auth/verify-and-map", "auth/ldap-dn-parser"] },
    { subject: "CN=Jane Doe,OU=People,O=Acme,DC=com,DC=example" },
    "in",
    /Using DistinguishedNameMatch/,
  ),
  mapped(
    ORDERED,
    "but all of them",
    { edge: ["auth/verify-and-map", "auth/ldap-dn-parser"] },
    { subject: "DC=example,O=Acme,OU=People,CN=Jane Doe" },
    "out",
    /RDNSequence could not be used for auth/,
  ),
  mapped(
    DOMAIN,
    "domain components at the end",
    positive,
    {
      subject:
        "DC=foo2,DC=foo1,C=US,ST=CA,L=Los Angeles,O=NATS,OU=NATS,CN=*.example.com",
    },
    "in",
  ),
  mapped(
    MULTIPLE,
    "several values in one part",
    positive,
    { subject: "O=x,OU=a+OU=b,CN=two" },
    "in",
  ),
  mapped(
    MULTIPLE,
    "several parts instead of several values",
    edge,
    { subject: "O=x,OU=b,OU=a,CN=two" },
    "in",
    /Using certificate subject for auth/,
  ),
  mapped(
    ESCAPED,
    "special characters are escaped",
    { positive: ["auth/ldap-dn-parser"], edge: ["auth/ldap-dn-parser"] },
    { subject: 'O=A\\+B "C",CN=Doe\\, Jane' },
    "in",
  ),
  mapped(
    RESTRICTED,
    "a mapped user with the right connection type",
    { positive: [id("allowed-connection-types"), "auth/connection-types"] },
    { subject: "CN=std" },
    "in",
  ),
  mapped(
    RESTRICTED,
    "a mapped user with another connection type",
    { edge: [id("allowed-connection-types"), "auth/connection-types"] },
    { subject: "CN=web" },
    "out",
  ),
  mapped(
    RESTRICTED,
    "a name whose user may not connect so gives way to the next",
    { edge: [id("allowed-connection-types"), "auth/verify-and-map"] },
    { subject: "CN=std", names: ["web.example.com"] },
    "in",
  ),
  mapped(
    PASSWORD,
    "a certificate and the password that the user has",
    { positive: ["auth/verify-and-map"] },
    { subject: "CN=guarded" },
    "in",
    undefined,
    { pass: "secret" },
  ),
  mapped(
    PASSWORD,
    "a certificate without the password that the user has",
    edge,
    { subject: "CN=guarded" },
    "out",
  ),
  scenario(
    PERMISSIONS,
    "a mapped user has the user's permissions",
    { positive: ["auth/verify-and-map"] },
    presented({ subject: "CN=limited" }),
    lines("a", "SUB a 1", "SUB b 2", "PUB a 1", "x", "PUB b 1", "y"),
    sync("a"),
  ),
  mapped(
    ELSEWHERE,
    "without mapping a user has an empty password",
    { edge: ["auth/cert-users-w-o-password"] },
    { subject: "CN=other" },
    "in",
    undefined,
    { user: "CN=plain" },
  ),
];
