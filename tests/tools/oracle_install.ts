/**
 * `deno task oracle:install`: builds the pinned binaries of the Go project
 * from the Go module proxy into `.cache/oracle`, unless they are there.
 *
 * @module
 */

import {
  GO_SERVER,
  installedVersion,
  NATS_CLI,
  ORACLE_FOLDER,
  type OracleBinary,
} from "./oracle_binaries.ts";
import { complain, print } from "./print.ts";

/** Runs `go install package@version`; @throws Error when Go is missing or fails. */
async function install(binary: OracleBinary): Promise<void> {
  const target = `${binary.package}@${binary.version}`;
  const { success, code } = await new Deno.Command("go", {
    args: ["install", target],
    env: { GOBIN: ORACLE_FOLDER, GOFLAGS: "", GO111MODULE: "on" },
  }).spawn().status.catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(
      "Go is not on the PATH; it is needed to build the reference server " +
        "(https://go.dev/dl/)",
      { cause: error },
    );
  });
  if (!success) throw new Error(`go install ${target} ended with code ${code}`);
  const version = await installedVersion(binary);
  if (version !== binary.version) {
    throw new Error(`${target} was built but reports version ${version}`);
  }
}

async function main(): Promise<void> {
  await Deno.mkdir(ORACLE_FOLDER, { recursive: true });
  for (const binary of [GO_SERVER, NATS_CLI]) {
    if (await installedVersion(binary) === binary.version) {
      print(`${binary.name} ${binary.version} is installed`);
      continue;
    }
    print(`installing ${binary.name} ${binary.version}`);
    await install(binary);
  }
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    Deno.exit(1);
  }
}
