/**
 * From a configuration file and a command line to options.
 *
 * @module
 */

import { accountLinkProblems } from "./account_links.ts";
import { emptyOptions } from "./empty_options.ts";
import { type ConfigDisk, Field } from "./field.ts";
import { quote } from "./go_text.ts";
import type { Options } from "./options.ts";
import { applyCombinedFlags, applyFlags, type Overrides } from "./overrides.ts";
import type { ParsedConfig } from "./parsed_config.ts";
import { parseConfigFile, parseConfigText } from "./parser.ts";
import { ConfigurationError, Report } from "./report.ts";
import { readServer, readSystemAccount } from "./server_fields.ts";

/** What loading may use, and how strict it is. */
export interface LoadContext {
  readonly disk: ConfigDisk;
  /** Value of an environment variable. */
  readonly env: (name: string) => string | undefined;
  /** Unknown top-level options are no errors. Default false. */
  readonly allowUnknownFields?: boolean;
}

/** Options as configured: defaults are not applied yet. */
export interface Loaded {
  readonly options: Options;
  /** One line each. They do not keep a server from starting. */
  readonly warnings: readonly string[];
}

/** What to load. */
export interface LoadRequest extends LoadContext {
  /** Path; without one only the command line counts. */
  readonly configFile?: string;
  readonly overrides?: Overrides;
}

/**
 * Loads options: the file's, with those of the command line on top.
 * @throws ConfigSyntaxError when the file can't be read or parsed
 * @throws ConfigurationError when its options are wrong
 * @throws OptionsError when the command line contradicts itself
 */
export function loadOptions(request: LoadRequest): Loaded {
  const { configFile = "", overrides = {}, disk } = request;
  const options = emptyOptions();
  // Checks within the file see flags, so they are set before it, too.
  applyFlags(options, overrides);
  options.configFile = configFile;
  let warnings: readonly string[] = [];
  if (configFile !== "") {
    warnings = readConfig(
      parseConfigFile(configFile, request),
      options,
      request,
    );
    applyFlags(options, overrides);
  }
  applyCombinedFlags(options, overrides, disk);
  return { options, warnings };
}

/**
 * Checks a configuration file, without a command line on top.
 * @throws ConfigSyntaxError | ConfigurationError
 */
export function checkConfigFile(
  configFile: string,
  context: LoadContext,
): Loaded {
  return loadOptions({ ...context, configFile });
}

/**
 * Loads options from configuration text.
 * @throws ConfigSyntaxError | ConfigurationError
 */
export function parseOptions(text: string, context: LoadContext): Loaded {
  const options = emptyOptions();
  const parsed = parseConfigText(text, context);
  const warnings = readConfig({ ...parsed, digest: "" }, options, context);
  return { options, warnings };
}

/** Reads a parsed configuration into `options`; answers the warnings. */
function readConfig(
  { root, digest }: ParsedConfig,
  options: Options,
  context: LoadContext,
): readonly string[] {
  const report = new Report();
  options.configDigest = digest;
  if (root.size === 0) {
    report.warning(
      undefined,
      `${options.configFile}: config has no values or is empty`,
    );
  }
  const { disk, env } = context;
  const node = {
    value: root,
    file: options.configFile,
    line: 0,
    pos: 0,
    usedAsVariable: false,
  };
  const field = new Field("", node, { report, disk, env });
  readSystemAccount(field, options);
  readServer(field, options, context.allowUnknownFields ?? false);
  checkAcrossBlocks(field, options);
  if (report.errors.length > 0) {
    throw new ConfigurationError(report.warnings, report.errors);
  }
  return report.warnings;
}

/** Checks what needs all of the file. */
function checkAcrossBlocks(root: Field, options: Options): void {
  const { report } = root.scope;
  const accounts = [...root.map()].find(([key]) =>
    key.toLowerCase() === "accounts"
  )?.[1];
  if (report.errors.length === 0 && accounts !== undefined) {
    for (const problem of accountLinkProblems(options)) {
      report.error(accounts, problem);
    }
  }
  const names = new Set(options.accounts.map((account) => account.name));
  if (options.mappings.length > 0) names.add("$G");
  for (const account of options.authCallout?.allowedAccounts ?? []) {
    if (!names.has(account)) {
      report.error(
        undefined,
        `auth_callout allowed account ${
          quote(account)
        } not found in configured accounts`,
      );
    }
  }
}
