/**
 * Options of any shape are read or refused: whatever a configuration holds,
 * loading it ends in options or in an error that is meant for the operator.
 */

import { assert } from "@std/assert";
import fc from "fast-check";
import {
  applyDefaults,
  ConfigSyntaxError,
  ConfigurationError,
  emptyOptions,
  OptionsError,
  parseOptions,
  unsupportedOptions,
  validateOptions,
} from "../../src/config/mod.ts";
import { memorySources } from "../unit/config/memory_sources.ts";

const BLOCKS =
  "authorization accounts cluster gateway leafnodes websocket mqtt jetstream tls ocsp " +
  "ocsp_cache ocsp_peer resolver proxies permissions publish subscribe allow_responses auth_callout " +
  "limits batch tpm A B exports imports stream service latency remotes gateways users routes certs " +
  "compression proxy mappings headers server_tags server_metadata feature_flags trusted operators";
const LEAVES =
  "port host listen name user pass token timeout nkey account subject url urls verify " +
  "handshake_first pinned_certs min_version cipher_suites max_payload ping_interval write_deadline " +
  "lame_duck_duration system_account store_dir enabled domain weight dest mode rtts allow deny max " +
  "expires sampling nope compression accounts type dir ttl default_js_domain no_auth_user";

const block = fc.constantFrom(...BLOCKS.split(" "));
const leaf = fc.constantFrom(...LEAVES.split(" "));
const scalar = fc.oneof(
  fc.integer().map((value) => `${value} `),
  fc.constantFrom(
    "true",
    "off",
    "'1s'",
    "-1 ",
    "0 ",
    "1.5 ",
    "always",
    "'$G'",
    "'a.*'",
    "'a..b'",
    "''",
  ),
  fc.constantFrom(
    "2020-01-01T00:00:00Z",
    "'nats://h:1'",
    "'*'",
    "'>'",
    "A",
    "B",
    "10MB",
    "'1G'",
    "x",
  ),
);

/** Values as configuration text: scalars, lists and maps of them. */
const { value } = fc.letrec<{ value: string; map: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc.array(tie("value"), { maxLength: 3 }).map((items) =>
      `[${items.join(", ")}]`
    ),
    tie("map"),
  ),
  map: fc.array(
    fc.tuple(fc.oneof(block, leaf), tie("value")),
    { maxLength: 4 },
  ).map((entries) =>
    `{ ${entries.map(([key, text]) => `${key}: ${text}`).join(", ")} }`
  ),
}));

const configuration = fc.array(fc.tuple(fc.oneof(block, block, leaf), value), {
  maxLength: 4,
})
  .map((entries) => entries.map(([key, text]) => `${key}: ${text}`).join("\n"));

const context = {
  ...memorySources(),
  disk: {
    ...memorySources().disk,
    exists: () => false,
    stat: () => ({ isFile: false, isDirectory: false, size: 0, modified: 0 }),
  },
};

Deno.test("options - any configuration is read or refused for the operator", () => {
  let read = 0;
  fc.assert(
    fc.property(configuration, (text) => {
      try {
        const { options } = parseOptions(text, context);
        read++;
        unsupportedOptions(validateOptions(applyDefaults(options)));
      } catch (error) {
        const meant = error instanceof ConfigurationError ||
          error instanceof OptionsError ||
          error instanceof ConfigSyntaxError;
        if (!meant) throw error;
        assert(error.message !== "");
      }
    }),
    { numRuns: 3000 },
  );
  assert(read > 0, "some are good");
  assert(validateOptions(applyDefaults(emptyOptions())).port === 4222);
});
