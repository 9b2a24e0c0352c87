/** A server that can't do what its configuration asks for does not start. */

import { assertEquals, assertRejects } from "@std/assert";
import { StartError } from "../../../src/mod.ts";
import { capability } from "../../tools/capability.ts";
import { authority } from "../../tools/certificates.ts";
import { withServer } from "../../tools/started_server.ts";

const root = authority();
const TLS = 'tls { cert_file: "cert.pem", key_file: "key.pem" }';

function filesOf(mustStaple: boolean): Record<string, string> {
  const { cert, key } = root.server({ mustStaple });
  return { "cert.pem": cert, "key.pem": key };
}

capability(
  "refused options - OCSP staples that would be missing prevent the start",
  { edge: ["tls-ocsp/config", "tls-ocsp/never"] },
  async () => {
    const start = (ocsp: string, mustStaple: boolean) =>
      withServer(
        `${ocsp}\n${TLS}`,
        (server) => {
          assertEquals(server.options.tls?.identities.length, 1);
          return Promise.resolve();
        },
        { files: filesOf(mustStaple) },
      );
    for (const ocsp of ["", "ocsp: true", "ocsp { mode: must }"]) {
      await start(ocsp, false);
      await assertRejects(() => start(ocsp, true), StartError, "option ocsp");
    }
    const always = "ocsp { mode: always }";
    await assertRejects(() => start(always, false), StartError, "option ocsp");
    await start("ocsp: false", true);
  },
);
