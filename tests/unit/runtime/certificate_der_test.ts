import { assertEquals, assertThrows } from "@std/assert";
import {
  createPrivateKey,
  createPublicKey,
  X509Certificate,
} from "node:crypto";
import { certificateFields } from "../../../src/runtime/deno/certificate_der.ts";
import { authority } from "../../tools/certificates.ts";

Deno.test("the fields of a certificate are cut out whole", () => {
  for (const key of ["P-256", "P-384", "RSA", "Ed25519"] as const) {
    const issued = authority().server({ key });
    const fields = certificateFields(issued.raw);
    const expected = createPublicKey(createPrivateKey(issued.key))
      .export({ type: "spki", format: "der" });
    assertEquals(fields.publicKeyInfo, new Uint8Array(expected));
    assertEquals(new X509Certificate(issued.cert).subject, "CN=localhost");
  }
});

Deno.test("issuer and subject are equal in a root only", () => {
  const root = certificateFields(authority().raw);
  const leaf = certificateFields(authority().client().raw);
  assertEquals(root.issuer, root.subject);
  assertEquals(leaf.issuer, root.subject);
  assertEquals(leaf.subject.length === leaf.issuer.length, false);
});

Deno.test("a certificate cut short anywhere before its key's end is an error", () => {
  const { raw } = authority().client();
  const { publicKeyInfo } = certificateFields(raw);
  const end = publicKeyInfo.byteOffset + publicKeyInfo.length;
  for (let size = 0; size < end; size++) {
    assertThrows(() => certificateFields(raw.slice(0, size)), RangeError);
  }
});
