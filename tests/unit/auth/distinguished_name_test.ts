import { assertEquals, assertThrows } from "@std/assert";
import {
  isAncestor,
  nameOfSubject,
  NameSyntaxError,
  parseDistinguishedName,
  sameName,
  sameRelativeNames,
} from "../../../src/auth/certificate/distinguished_name.ts";
import { certificateNames } from "../../../src/auth/certificate/names.ts";
import {
  domainComponents,
  subjectText,
} from "../../../src/auth/certificate/subject_text.ts";
import { DerError } from "../../../src/auth/certificate/der.ts";
import { capability } from "../../tools/capability.ts";
import { authority } from "../../tools/certificates.ts";

const row = "auth/ldap-dn-parser";

capability("distinguished names - are read part by part", {
  positive: [row],
}, () => {
  const cases: [string, [string, string][][]][] = [
    ["", []],
    ["cn=Jim\\2C \\22Hasse Hö\\22 Hansson!,dc=dummy,dc=com", [
      [["cn", 'Jim, "Hasse Hö" Hansson!']],
      [["dc", "dummy"]],
      [["dc", "com"]],
    ]],
    ["UID=jsmith,DC=example,DC=net", [
      [["UID", "jsmith"]],
      [["DC", "example"]],
      [["DC", "net"]],
    ]],
    ["OU=Sales+CN=J. Smith,DC=net", [
      [["OU", "Sales"], ["CN", "J. Smith"]],
      [["DC", "net"]],
    ]],
    ["CN=Lu\\C4\\8Di\\C4\\87", [[["CN", "Lučić"]]]],
    ['  CN=James \\"Jim\\" Smith\\, III , DC=x', [
      [["CN", 'James "Jim" Smith, III']],
      [["DC", "x"]],
    ]],
    ["CN=  blanks\\  ", [[["CN", "blanks "]]]],
    ["CN=a\\+b\\=c\\<d\\>\\;\\#\\\\", [[["CN", "a+b=c<d>;#\\"]]]],
  ];
  for (const [text, expected] of cases) {
    const read = parseDistinguishedName(text).map((relative) =>
      relative.map(({ type, value }) => [type, value])
    );
    assertEquals(read, expected, text);
  }
});

capability("distinguished names - what is none is refused", {
  edge: [row],
}, () => {
  const cases: [string, string][] = [
    ["*", "DN ended with incomplete type, value pair"],
    ["cn=Jim\\0Test", "failed to decode escaped character"],
    ["cn=Jim\\0", "got corrupted escaped character"],
    ["DC=example,=net", "incomplete type, value pair"],
    ["DC=example,a", "DN ended with incomplete type, value pair"],
    ["1.3.6=#04024869,DC=net", "unsupported BER encoding"],
    ["a,b", "incomplete type, value pair"],
  ];
  for (const [text, reason] of cases) {
    assertThrows(() => parseDistinguishedName(text), NameSyntaxError, reason);
  }
});

capability(
  "distinguished names - equal whatever the case of types and order of values",
  {
    positive: [row],
    edge: [row, "auth/verify-and-map"],
  },
  () => {
    const same = (a: string, b: string, compare = sameName) =>
      compare(parseDistinguishedName(a), parseDistinguishedName(b));
    assertEquals(same("ou=a+cn=b,o=c", "CN=b+OU=a,O=c"), true);
    assertEquals(same("ou=a,o=c", "o=c,ou=a"), false);
    assertEquals(same("ou=a,o=c", "o=c,ou=a", sameRelativeNames), true);
    assertEquals(
      same("cn=x,cn=x,o=c", "cn=x,o=c,o=c", sameRelativeNames),
      false,
    );
    assertEquals(same("cn=x", "cn=X"), false);
    assertEquals(same("cn=x+cn=x", "cn=x+cn=y"), false);
    assertEquals(same("ou=w,o=acme", "ou=s,ou=w,o=acme", isAncestor), true);
    assertEquals(same("ou=w,o=acme", "ou=w,o=acme", isAncestor), false);
    assertEquals(same("ou=w,o=acme", "ou=s,ou=w,o=foo", isAncestor), false);
  },
);

capability(
  "certificates - give their names in the forms that users are written in",
  {
    positive: ["auth/verify-and-map"],
    edge: ["auth/verify-and-map"],
  },
  () => {
    const certificate = authority().client({
      subject:
        "DC=org,DC=NATS,C=us,O=a\\,b,OU=x+OU=y,CN=first,CN=last,STREET=s",
      names: ["host.example.com", "127.0.0.1"],
      emails: ["u@example.com"],
      uris: ["spiffe://a/b"],
    });
    const { subject, ...others } = certificateNames(certificate.raw);
    assertEquals(others, {
      emails: ["u@example.com"],
      dnsNames: ["host.example.com"],
      uris: ["spiffe://a/b"],
    });
    assertEquals(
      subjectText(subject),
      "CN=last,STREET=s,OU=x+OU=y,O=a\\,b,C=us",
    );
    assertEquals(domainComponents(subject), "DC=org,DC=NATS");
    const written =
      "STREET=s,CN=last,CN=first,OU=y+OU=x,O=a\\,b,C=us,DC=NATS,DC=org";
    const name = nameOfSubject(subject);
    assertEquals(
      name !== undefined && sameName(name, parseDistinguishedName(written)),
      true,
    );
    assertEquals(
      nameOfSubject([[{ oid: "1.2.3", value: "unknown" }]]),
      undefined,
    );
    for (const length of [0, 1, 5, 40, certificate.raw.length - 1]) {
      assertThrows(
        () => certificateNames(certificate.raw.subarray(0, length)),
        DerError,
      );
    }
  },
);
