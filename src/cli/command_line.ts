/**
 * What a command line asks for.
 *
 * @module
 */

import { quoteText } from "../log/mod.ts";
import {
  FlagError,
  type FlagValue,
  type ParsedFlags,
  parseFlags,
} from "./flag_set.ts";
import { FLAGS } from "./flags.ts";

/** A command line, understood. */
export type CommandLine =
  | { readonly kind: "help" | "tls help" | "version" }
  /** A mistake in the flags. */
  | { readonly kind: "mistake"; readonly message: string }
  | { readonly kind: "signal"; readonly signal: string }
  | Check
  | Serve;

/** `-t`: is the configuration good? */
export interface Check {
  readonly kind: "check";
  readonly configFile: string;
}

/** Run a server. */
export interface Serve {
  readonly kind: "serve";
  /** Empty: none. */
  readonly configFile: string;
  readonly flags: ParsedFlags;
}

/** A command line that asks for what is not there; the message is for the operator. */
export class CommandLineError extends Error {
  override readonly name = "CommandLineError";
}

/** Reads the arguments after the program's name. @throws CommandLineError */
export function parseCommandLine(args: readonly string[]): CommandLine {
  let flags: ParsedFlags;
  try {
    flags = parseFlags(FLAGS, args);
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    return { kind: "mistake", message: error.message };
  }
  const { values, rest } = flags;
  if (values.get("version") === true) return { kind: "version" };
  if (values.get("help") === true) return { kind: "help" };
  if (values.get("helpTls") === true) return { kind: "tls help" };
  if (rest[0] !== undefined) return parseCommand(rest[0]);

  const signal = text(values.get("signal"));
  if (signal !== "") return { kind: "signal", signal };
  const configFile = text(values.get("configFile"));
  if (values.get("check") !== true) return { kind: "serve", configFile, flags };
  if (configFile === "") {
    throw new CommandLineError(
      "must specify [-c, --config] option to check configuration file syntax",
    );
  }
  return { kind: "check", configFile };
}

function parseCommand(command: string): CommandLine {
  switch (command.toLowerCase()) {
    case "version":
      return { kind: "version" };
    case "help":
      return { kind: "help" };
    default:
      throw new CommandLineError(`unrecognized command: ${quoteText(command)}`);
  }
}

function text(value: FlagValue | undefined): string {
  return typeof value === "string" ? value : "";
}
