/**
 * Options of configurations against the real Go server: `nats-server -t` must
 * accept, warn about and refuse what ours does, in the same words.
 *
 * Go reads the options of a block in random order and reports only some errors
 * of a block, so its verdict may differ from run to run; ours must be one of
 * its verdicts.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import {
  checkConfigFile,
  ConfigSyntaxError,
  ConfigurationError,
} from "../../src/config/mod.ts";
import { DiskError } from "../../src/runtime/ports.ts";
import { denoRuntime } from "../../src/runtime/mod.ts";
import { capability } from "../tools/capability.ts";
import { authority } from "../tools/certificates.ts";
import { OPERATOR_JWT } from "../tools/identities.ts";
import { GO_SERVER, locate } from "../tools/oracle_binaries.ts";
import { START_FAILURES } from "../unit/config/start_failures.ts";
import { type CheckCase, TOP_LEVEL } from "./scenarios/config_options.ts";
import { SECURITY } from "./scenarios/config_security.ts";
import { SUBSYSTEMS } from "./scenarios/config_subsystems.ts";

const FILE = "main.conf";
const HOME = "/home/someone";
/** Runs of Go that may be needed to see the verdict that we come to. */
const MAX_RUNS = 12;

const server = Deno.env.get("NATS_SERVER_GO") ?? await locate(GO_SERVER);
const { disk } = denoRuntime();
const root = authority("Test CA");
const own = root.server();
const other = root.server({ names: ["other"] });

const FILES: Readonly<Record<string, string>> = {
  "cert.pem": own.cert,
  "key.pem": own.key,
  "other-key.pem": other.key,
  "ca.pem": root.ca,
  "bad.pem": "no PEM\n",
  "bad-cert.pem":
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
  "op.jwt":
    `-----BEGIN NATS OPERATOR JWT-----\n${OPERATOR_JWT}\n------END NATS OPERATOR JWT------\n`,
};

/** Exit code and lines, sorted, without the program's name. */
interface Verdict {
  readonly code: number;
  readonly lines: readonly string[];
}

function verdict(code: number, text: string): Verdict {
  const lines = text.replace(/^nats-server: /, "").replace(
    /0x[0-9a-f]+/g,
    "...",
  ).split("\n").filter((line) => line !== "");
  // Where Go has no value after a type mismatch, it reports its own crash on top.
  const kept = lines.filter((line) =>
    !line.includes("runtime error: invalid memory address")
  );
  return { code, lines: kept.sort() };
}

async function goVerdict(folder: string): Promise<Verdict> {
  const { code, stderr } = await new Deno.Command(server, {
    args: ["-t", "-c", FILE],
    cwd: folder,
    env: { HOME },
    clearEnv: true,
  }).output();
  return verdict(code, new TextDecoder().decode(stderr));
}

/** What `-t` comes to with our options, the folder being the working directory. */
function ourVerdict(folder: string): Verdict {
  const path = (name: string) => `${folder}/${name}`;
  const rooted = {
    ...disk,
    readFile: (name: string) => {
      try {
        return disk.readFile(path(name));
      } catch (error) {
        if (!(error instanceof DiskError)) throw error;
        throw new DiskError(error.message, error.code, name);
      }
    },
    stat: (name: string) => disk.stat(path(name)),
    exists: (name: string) => disk.exists(path(name)),
  };
  try {
    const env = (name: string) => name === "HOME" ? HOME : undefined;
    const { options, warnings } = checkConfigFile(FILE, { disk: rooted, env });
    if (warnings.length > 0) return verdict(1, warnings.join("\n"));
    return verdict(
      0,
      `configuration file ${FILE} is valid (${options.configDigest})`,
    );
  } catch (error) {
    if (
      error instanceof ConfigSyntaxError || error instanceof ConfigurationError
    ) {
      return verdict(1, error.message);
    }
    throw error;
  }
}

async function check({ text }: CheckCase): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "nats-check-" });
  try {
    for (const [name, content] of Object.entries({ ...FILES, [FILE]: text })) {
      await Deno.writeTextFile(`${folder}/${name}`, content);
    }
    const ours = ourVerdict(folder);
    let theirs: Verdict | undefined;
    for (let run = 0; run < MAX_RUNS; run++) {
      theirs = await goVerdict(folder);
      if (JSON.stringify(theirs) === JSON.stringify(ours)) return;
    }
    assertEquals(ours, theirs);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

capability(
  "config check: options of the top level",
  {
    positive: [
      "config/t-c-f",
      "config/error-text",
      "config/warnings",
      "config/unknown-field",
    ],
    edge: [
      "config/t-c-f",
      "config/error-text",
      "config/warnings",
      "config/unknown-field",
    ],
  },
  async (t) => {
    for (const one of TOP_LEVEL) {
      await t.step(one.name || "(empty)", () => check(one));
    }
  },
);

capability(
  "config check: users, accounts and operators",
  {
    positive: [
      "config/authorization-accounts-no-auth-user-default-sentinel-proxies",
    ],
    edge: [
      "config/authorization-accounts-no-auth-user-default-sentinel-proxies",
    ],
  },
  async (t) => {
    for (const one of SECURITY) await t.step(one.name, () => check(one));
  },
);

/** Rows about who may be configured where, with what stands and what falls. */
const WHO_IS_WHERE: readonly [row: string, texts: readonly string[]][] = [
  ["accounts/config-conflicts", [
    "authorization { user: a, password: b }, accounts { A { users: [] } }",
    "authorization { user: a, password: b }, accounts { A { users: [ { user: c } ] } }",
    "authorization { token: a }, accounts { A { users: [ { user: c } ] } }",
    "authorization { users: [ { user: a } ] }, accounts { A { users: [ { user: c } ] } }",
    "accounts { A { users: [ { user: c } ] }, B { users: [ { user: c } ] } }",
  ]],
  ["accounts/global-account-g", [
    "accounts { $G { users: [] } }",
    "accounts [ $G ]",
    "mappings { a: b }",
    "accounts { A {} }, mappings { a: b }",
  ]],
  ["accounts/system-account", [
    "accounts { A { users: [ { user: a } ] } }, system_account: A",
    "accounts { A {} }, system: A",
    "accounts { $SYS { users: [ { user: a } ] } }",
    "system_account: 5",
    "no_system_account: true",
    "no_system_account: x",
  ]],
  ["auth/subject-validation", [
    "authorization { users: [ { user: a, permissions { publish: 'a.*' } } ] }",
    "authorization { users: [ { user: a, permissions { publish: 'a b' } } ] }",
    "authorization { users: [ { user: a, permissions { publish: 'a..b' } } ] }",
    "authorization { users: [ { user: a, permissions { publish { allow: ['>.a'] } } } ] }",
    "authorization { users: [ { user: a, permissions { subscribe: 'a q' } } ] }",
    "authorization { users: [ { user: a, permissions { subscribe: 'a q r' } } ] }",
    "authorization { users: [ { user: a, permissions { subscribe { deny: ['a.', 'b'] } } } ] }",
    "authorization { default_permissions { publish: '' }, users: [ { user: a } ] }",
  ]],
  ["auth/option-errors", [
    "resolver { type: cache, dir: './x', allow_delete: true }",
    "resolver { type: cache, dir: './x', hard_delete: true }",
    "resolver { type: cache, dir: './x', interval: '1m' }",
    "resolver { type: full, dir: './x', ttl: '1h' }",
    "resolver { type: full, dir: './x', hard_delete: true }",
    "resolver { type: full, dir: '' }",
    "resolver { type: full }",
    "resolver { type: full, dir: 'ca.pem' }",
    "resolver { type: full, dir: './x', timeout: '0s' }",
    "resolver { type: nothing }",
    "resolver { type: full, dir: './x', limit: x }",
    "resolver: nothing",
    "resolver: URL('')",
    "resolver: MEMORY",
  ]],
];

for (const [row, texts] of WHO_IS_WHERE) {
  capability(
    `config check: ${row}`,
    { positive: [row], edge: [row] },
    async (t) => {
      for (const text of texts) {
        await t.step(text, () => check({ name: text, text }));
      }
    },
  );
}

capability(
  "config check: TLS, links, listeners and JetStream",
  {
    positive: [
      "config/cluster-gateway-leafnodes-websocket-mqtt-jetstream",
      "tls-ocsp/key-set",
    ],
    edge: [
      "config/cluster-gateway-leafnodes-websocket-mqtt-jetstream",
      "tls-ocsp/key-set",
    ],
  },
  async (t) => {
    for (const one of SUBSYSTEMS) await t.step(one.name, () => check(one));
  },
);

/** What the Go server refuses to start with. */
async function startVerdict(text: string): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "nats-start-" });
  try {
    await Deno.writeTextFile(`${folder}/${FILE}`, text);
    const { code, stderr } = await new Deno.Command(server, {
      args: ["-c", FILE],
      cwd: folder,
    }).output();
    assertEquals(code, 1, text);
    return new TextDecoder().decode(stderr);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

capability(
  "config check: what no server starts with",
  { edge: ["config/validation-order-at-start"] },
  async (t) => {
    for (const [text, message] of START_FAILURES) {
      await t.step(text, async () => {
        assertEquals(await startVerdict(text), `nats-server: ${message}\n`);
      });
    }
  },
);
