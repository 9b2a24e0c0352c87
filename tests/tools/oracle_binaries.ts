/**
 * Which binaries of the Go project judge ours, and where they are kept.
 *
 * @module
 */

/** A program of the Go project, pinned to the version that we measure against. */
export interface OracleBinary {
  /** File name under {@linkcode ORACLE_FOLDER}. */
  readonly name: string;
  /** Go package path; its tail names the binary. */
  readonly package: string;
  /** Module version, with the leading `v`. */
  readonly version: string;
}

/** The reference server. */
export const GO_SERVER: OracleBinary = {
  name: "nats-server",
  package: "github.com/nats-io/nats-server/v2",
  version: "v2.15.2",
};

/** The reference command line client. */
export const NATS_CLI: OracleBinary = {
  name: "nats",
  package: "github.com/nats-io/natscli/nats",
  version: "v0.5.1",
};

/** Root folder of the project, with a trailing slash. */
export const PROJECT_ROOT = decodeURIComponent(
  new URL("../../", import.meta.url).pathname,
);

/** Where `deno task oracle:install` puts the binaries. */
export const ORACLE_FOLDER = `${PROJECT_ROOT}.cache/oracle`;

/** The path of an installed binary. */
export function binaryPath(binary: OracleBinary): string {
  return `${ORACLE_FOLDER}/${binary.name}`;
}

/** The version an installed binary reports, or undefined when it is not there. */
export async function installedVersion(
  binary: OracleBinary,
): Promise<string | undefined> {
  try {
    const command = new Deno.Command(binaryPath(binary), {
      args: ["--version"],
    });
    const { stdout } = await command.output();
    return new TextDecoder().decode(stdout).match(/v\d+\.\d+\.\d+\S*/)?.[0];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * The path of a binary of the right version.
 * @throws Error that names the remedy when it is missing or of another version
 */
export async function locate(binary: OracleBinary): Promise<string> {
  const version = await installedVersion(binary);
  if (version !== binary.version) {
    throw new Error(
      `${binary.name} ${binary.version} is not installed (found ${
        version ?? "none"
      }): ` +
        "run `deno task oracle:install`",
    );
  }
  return binaryPath(binary);
}
