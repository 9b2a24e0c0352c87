/**
 * The configuration language against the real Go server: `nats-server -t`
 * must accept and refuse what our parser does, with the same digest and words.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import {
  ConfigSyntaxError,
  type ParsedConfig,
} from "../../src/config/parsed_config.ts";
import { parseConfigFile } from "../../src/config/parser.ts";
import { denoRuntime } from "../../src/runtime/mod.ts";
import { capability } from "../tools/capability.ts";
import { GO_SERVER, locate } from "../tools/oracle_binaries.ts";
import golden from "../unit/config/conf_golden.json" with { type: "json" };
import { CONFIG_CASES, type ConfigCase } from "./scenarios/config_language.ts";

const FILE = "main.conf";
const server = Deno.env.get("NATS_SERVER_GO") ?? await locate(GO_SERVER);
const { disk } = denoRuntime();

/** What a run of `nats-server -t` comes to. */
interface Verdict {
  readonly code: number;
  readonly output: string;
}

/**
 * The configuration with its own keys referred to. The reference stands in an
 * option that is set again behind it, so that any type of value will do.
 */
function withReferences({ text, keys }: ConfigCase): string {
  if (keys === undefined) return text;
  const references = keys.map((key) => `$${key}`).join(", ");
  return `${text}\nserver_name: [${references}]\nserver_name: n1\n`;
}

async function inFolder<Result>(
  configuration: ConfigCase,
  run: (folder: string) => Result | Promise<Result>,
): Promise<Result> {
  const folder = await Deno.makeTempDir({ prefix: "nats-config-" });
  try {
    const files = {
      ...configuration.files,
      [FILE]: withReferences(configuration),
    };
    for (const [path, text] of Object.entries(files)) {
      const parent = `${folder}/${path}`.replace(/\/[^/]*$/, "");
      await Deno.mkdir(parent, { recursive: true });
      await Deno.writeTextFile(`${folder}/${path}`, text);
    }
    return await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function goVerdict(
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<Verdict> {
  const { code, stderr } = await new Deno.Command(server, {
    args: ["-t", "-c", FILE],
    cwd: folder,
    env,
    clearEnv: true,
  }).output();
  return { code, output: new TextDecoder().decode(stderr) };
}

/** Parses the file of a folder as if that were the working directory. */
function parse(
  folder: string,
  env: Readonly<Record<string, string>>,
): ParsedConfig {
  const readFile = (path: string) => disk.readFile(`${folder}/${path}`);
  return parseConfigFile(FILE, {
    disk: { readFile },
    env: (name) => env[name],
  });
}

/** What our parser's outcome looks like in the words of `-t`. */
function ourVerdict(
  folder: string,
  env: Readonly<Record<string, string>>,
): Verdict {
  try {
    const { digest } = parse(folder, env);
    const valid = `configuration file ${FILE} is valid (${digest})`;
    return { code: 0, output: `nats-server: ${valid}\n` };
  } catch (error) {
    if (!(error instanceof ConfigSyntaxError)) throw error;
    const message = error.message.toWellFormed();
    return { code: 1, output: `nats-server: ${message}\n` };
  }
}

/** Objections to options, which are no matter of the language. */
const ABOUT_OPTIONS =
  /^nats-server: \S+:\d+:\d+: (unknown field|interface conversion)/;

async function compare(configuration: ConfigCase): Promise<void> {
  const { env = {} } = configuration;
  await inFolder(configuration, async (folder) => {
    const go = await goVerdict(folder, env);
    if (ABOUT_OPTIONS.test(go.output)) {
      comparePlaces(go.output, parse(folder, env));
    } else {
      assertEquals(ourVerdict(folder, env), go, withReferences(configuration));
    }
  });
}

/** Checks that the places of which Go complains are those of our keys. */
function comparePlaces(output: string, { root }: ParsedConfig): void {
  const unknown = output.matchAll(/(\S+):(\d+):(\d+): unknown field "(.*)"/g);
  for (const [, file, line, pos, key = ""] of unknown) {
    const node = root.get(key);
    const place = `${node?.file}:${node?.line}:${node?.pos}`;
    assertEquals(place, `${file}:${line}:${pos}`, key);
    assertEquals(node?.usedAsVariable, false, key);
  }
}

capability("configurations meet the same fate as in Go", {
  positive: ["config/digest", "config/include", "config/env-values"],
  edge: [
    "config/bad-hex",
    "config/block-strings",
    "config/cycles",
    "config/dangling-key",
    "config/include",
    "config/lexer-errors",
    "config/quoted-strings",
    "config/source-positions",
  ],
}, async (t) => {
  assert(CONFIG_CASES.length >= 60);
  for (const configuration of CONFIG_CASES) {
    await t.step(configuration.name, () => compare(configuration));
  }
});

/** Recorded inputs in a form that `-t` can judge: their keys are no options. */
const recorded: readonly ConfigCase[] = golden.cases
  .map(({ input, value }) => ({
    name: JSON.stringify(input),
    text: input,
    files: golden.files,
    env: golden.env,
    ...(value === undefined ? {} : { keys: Object.keys(value) }),
  }))
  .filter(({ keys = ["none"] }) =>
    keys.length > 0 && keys.every((key) => /^(?!cluster$)[\w.]+$/.test(key))
  );

capability("recorded answers are still those of the Go server", {
  positive: ["config/digest", "config/lexer-errors"],
}, async (t) => {
  for (const configuration of recorded) {
    await t.step(configuration.name, () => compare(configuration));
  }
});
