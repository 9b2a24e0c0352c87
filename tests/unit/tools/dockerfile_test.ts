/** What can be known of the Dockerfile without a Docker engine. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { ENTRIES } from "../../tools/bundle.ts";
import { PROJECT_ROOT } from "../../tools/oracle_binaries.ts";
import { startFlags } from "../../tools/start_flags.ts";

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/** The instructions of each stage; the first list stands before any stage. */
function parseStages(text: string): Instruction[][] {
  const stages: Instruction[][] = [[]];
  const lines = text.replaceAll(/^#.*\n/gm, "").replaceAll(/\\\n\s*/g, "");
  for (const line of lines.split("\n")) {
    const [, name = "", rest = ""] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    if (name === "FROM") stages.push([]);
    if (name !== "") stages.at(-1)?.push({ name, rest });
    else assertEquals(line, "");
  }
  return stages;
}

const text = await Deno.readTextFile(`${PROJECT_ROOT}Dockerfile`);
const [globals = [], ...stages] = parseStages(text);
const final = stages.at(-1) ?? [];

function restOf(stage: readonly Instruction[], name: string): string {
  const found = stage.filter((each) => each.name === name);
  assertEquals(found.length, 1, name);
  return found[0]?.rest ?? "";
}

Deno.test("Dockerfile - builds in stages with the Deno that the project pins", async () => {
  const version = /DENO_VERSION=(\S+)/.exec(restOf(globals, "ARG"))?.[1];
  const readme = await Deno.readTextFile(`${PROJECT_ROOT}README.md`);
  assertMatch(readme, RegExp(`npx -y deno@${version} task start`));
  assertEquals(stages.map((stage) => restOf(stage, "FROM")), [
    "denoland/deno:bin-${DENO_VERSION} AS deno",
    "denoland/deno:${DENO_VERSION} AS build",
    "gcr.io/distroless/cc-debian12:nonroot",
  ]);
});

Deno.test("Dockerfile - copies what exists", async () => {
  const names = stages.map((stage) => / AS (\S+)$/.exec(restOf(stage, "FROM")));
  const made: string[] = ENTRIES.map(({ name }) => name);
  for (const stage of stages) {
    for (const { name, rest } of stage) {
      if (name !== "COPY") continue;
      const from = /^--from=(\S+) /.exec(rest)?.[1];
      const sources = rest.split(" ").slice(from === undefined ? 0 : 1, -1);
      assert(from === undefined || names.some((each) => each?.[1] === from));
      for (const source of sources) {
        if (from === "build") {
          assert(made.includes(source.replace("/build/dist/", "")), source);
        } else if (from === undefined) {
          await Deno.stat(`${PROJECT_ROOT}${source}`);
        }
      }
    }
  }
});

Deno.test("Dockerfile - runs without root, with no more permissions than deno task start", async () => {
  assertEquals(restOf(final, "USER"), "65532:65532");
  const [program, run, ...flags]: string[] = JSON.parse(
    restOf(final, "ENTRYPOINT"),
  );
  assertEquals([program, run], ["deno", "run"]);
  // Flags of the image alone, then those of the task but for --allow-run.
  const own = ["--no-config", "--no-lock", "--no-code-cache", "--cached-only"];
  const wanted = (await startFlags()).filter((flag) => flag !== "--allow-run");
  assertEquals(flags.slice(0, -1).sort(), [...own, ...wanted].sort());
  assertEquals(flags.at(-1), "/opt/nats/nats-server.js");
});

Deno.test("Dockerfile - has a health check that needs no shell", () => {
  const rest = restOf(final, "HEALTHCHECK");
  const command: string[] = JSON.parse(rest.slice(rest.indexOf("[")));
  assertEquals(command[0], "deno");
  assertEquals(command.at(-1), "/opt/nats/health_check.js");
  assertMatch(rest, /--timeout=5s/);
});
