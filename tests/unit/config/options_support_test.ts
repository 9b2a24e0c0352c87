/** Options that are read but not served. */

import { assertEquals } from "@std/assert";
import { unsupportedOptions } from "../../../src/config/mod.ts";
import {
  CURVES,
  PLATFORM_CIPHER_SUITES,
} from "../../../src/config/tls_names.ts";
import { capability } from "../../tools/capability.ts";
import { authority, type Issued } from "../../tools/certificates.ts";
import { load } from "./options_harness.ts";

/** Names of the options that a configuration can't have. */
function refused(text: string): string[] {
  return unsupportedOptions(load(text).options).map((line) =>
    line.replace(
      /^option (.*?) (is not|that|other|belongs|needs|can't).*$/,
      "$1",
    )
  );
}

Deno.test("support - what the platform can't do is named", () => {
  const cases: [string, string[]][] = [
    ["prof_block_rate: 1", ["prof_block_rate"]],
    ["ocsp { mode: always }", ["ocsp"]],
    ["tls { cert_match: x }", ["cert_store"]],
    ["tls { cipher_suites: [TLS_AES_128_GCM_SHA256] }", ["cipher_suites"]],
    ["tls { curve_preferences: [CurveP256] }", ["curve_preferences"]],
    ["leafnodes { tls { curve_preferences: [CurveP256] } }", [
      "curve_preferences",
    ]],
    ["ocsp { mode: always }\ntls { cert_match: x }", ["ocsp", "cert_store"]],
  ];
  for (const [text, names] of cases) assertEquals(refused(text), names, text);
});

Deno.test("support - what is switched off or changes nothing is not refused", () => {
  const harmless = [
    "port: 4222",
    "jetstream: disabled\nocsp: false\nocsp_cache: false",
    "jetstream { enabled: false, store_dir: x }",
    "tls { ocsp_peer: false }",
    `tls { cipher_suites: [${[...PLATFORM_CIPHER_SUITES].join(", ")}] }`,
    `tls { curve_preferences: [${CURVES.join(", ")}] }`,
    "cluster { name: c }\nmappings { a: b }",
    "authorization { users: [ {user: a, password: b} ] }",
  ];
  for (const text of harmless) assertEquals(refused(text), [], text);
});

capability(
  "support - checking a configuration is not affected",
  { edge: ["config/t-c-f"] },
  () => {
    const { options, warnings } = load(
      "ocsp { mode: always }\nprof_block_rate: 1",
    );
    assertEquals(warnings, []);
    assertEquals(unsupportedOptions(options).length, 2);
  },
);

const root = authority();
const files = (name: string, { cert, key }: Issued) => ({
  [`${name}.pem`]: cert,
  [`${name}-key.pem`]: key,
});
const FILES = {
  ...files("usual", root.server()),
  ...files("stapled", root.server({ mustStaple: true })),
};

capability(
  "support - a certificate that demands a staple is refused, unless staples are ruled out",
  { edge: ["tls-ocsp/config", "tls-ocsp/never"] },
  () => {
    const block = (name: string) =>
      `tls { cert_file: "${name}.pem", key_file: "${name}-key.pem" }`;
    const refusedWith = (text: string) =>
      unsupportedOptions(load(text, { files: FILES }).options);
    const refusal = ["option ocsp can't be had from the platform's TLS"];
    for (const mode of ["", "ocsp: true", "ocsp { mode: must }"]) {
      assertEquals(refusedWith(`${mode}\n${block("usual")}`), []);
      assertEquals(refusedWith(`${mode}\n${block("stapled")}`), refusal);
    }
    assertEquals(refusedWith(`ocsp: false\n${block("stapled")}`), []);
    assertEquals(
      refusedWith(`ocsp { mode: always }\n${block("usual")}`),
      refusal,
    );
  },
);
