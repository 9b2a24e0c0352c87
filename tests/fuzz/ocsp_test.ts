/**
 * Answers of OCSP responders with bytes changed: none of them becomes another
 * verdict, and none is more than an error.
 */

import fc from "fast-check";
import { assertEquals } from "@std/assert";
import {
  type CheckedCertificate,
  readCertificate,
} from "../../src/auth/ocsp/certificate.ts";
import {
  OcspError,
  ocspRequest,
  readAnswer,
} from "../../src/auth/ocsp/messages.ts";
import { DerError } from "../../src/auth/certificate/der.ts";
import { authority } from "../tools/certificates.ts";
import { OcspResponder } from "../tools/ocsp_responder.ts";

const root = authority("Fuzzed OCSP CA");
const client = readCertificate(root.client({ subject: "CN=fuzzed" }).raw);
const issuer = readCertificate(root.raw);

async function revoked(): Promise<Uint8Array> {
  await using responder = new OcspResponder(() => root);
  responder.verdict = { status: "revoked" };
  const request = encodeURIComponent(ocspRequest(client, issuer).toBase64());
  const answer = await fetch(`${responder.url}/${request}`);
  return new Uint8Array(await answer.arrayBuffer());
}

const changes = fc.array(
  fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }) }),
  { minLength: 1, maxLength: 8 },
);

function changed(
  bytes: Uint8Array,
  edits: readonly { at: number; to: number }[],
): Uint8Array {
  const copy = bytes.slice();
  for (const { at, to } of edits) copy[at % copy.length] = to;
  return copy;
}

Deno.test("altered answers are errors, or say what they said before", async () => {
  const answer = await revoked();
  assertEquals(readAnswer(answer, client, issuer).status, "revoked");
  fc.assert(fc.property(changes, fc.nat(), (edits, cut) => {
    const altered = changed(answer, edits);
    for (const bytes of [altered, altered.subarray(0, cut % altered.length)]) {
      try {
        assertEquals(readAnswer(bytes, client, issuer).status, "revoked");
      } catch (error) {
        if (!(error instanceof OcspError)) throw error;
      }
    }
  }));
});

Deno.test("altered certificates are read or refused", () => {
  fc.assert(fc.property(changes, (edits) => {
    let read: CheckedCertificate | undefined;
    try {
      read = readCertificate(changed(client.raw, edits));
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
    }
    if (read !== undefined) assertEquals(read.raw.length, client.raw.length);
  }));
});
