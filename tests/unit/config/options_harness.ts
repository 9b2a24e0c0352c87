/**
 * Loading options from text, for tests.
 *
 * @module
 */

import { assertEquals, assertInstanceOf } from "@std/assert";
import {
  ConfigurationError,
  type Loaded,
  loadOptions,
  type LoadRequest,
  type Options,
  OptionsError,
} from "../../../src/config/mod.ts";
import { applyDefaults } from "../../../src/config/defaults.ts";
import { validateOptions } from "../../../src/config/validate.ts";
import { memorySources } from "./memory_sources.ts";

/** Name of the configuration, as it stands in errors. */
export const FILE = "main.conf";

/** What surrounds a configuration. */
export interface Surroundings {
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly directories?: readonly string[];
  readonly overrides?: LoadRequest["overrides"];
  readonly allowUnknownFields?: boolean;
}

/** Loads a configuration from memory. */
export function load(text: string, surroundings: Surroundings = {}): Loaded {
  const files = { ...surroundings.files, [FILE]: text };
  const { disk, env } = memorySources(files, surroundings.env);
  const directories = new Set(surroundings.directories);
  return loadOptions({
    configFile: FILE,
    overrides: surroundings.overrides ?? {},
    allowUnknownFields: surroundings.allowUnknownFields ?? false,
    env,
    disk: {
      ...disk,
      exists: (path) => directories.has(path) || Object.hasOwn(files, path),
      stat: (path) => ({
        isFile: !directories.has(path),
        isDirectory: directories.has(path),
        size: 0,
        modified: 0,
      }),
    },
  });
}

/** Options of a configuration that draws no warnings. */
export function options(text: string, surroundings?: Surroundings): Options {
  const loaded = load(text, surroundings);
  assertEquals(loaded.warnings, [], text);
  return loaded.options;
}

/** Asserts that a configuration sets these options. */
export function assertOptions(
  text: string,
  expected: Partial<Options>,
  surroundings?: Surroundings,
): void {
  assertContains(options(text, surroundings), expected, text);
}

/** Asserts that an object has these properties. */
export function assertContains<T extends object>(
  actual: T,
  expected: Partial<T>,
  message?: string,
): void {
  const found: Partial<T> = {};
  for (const key in expected) {
    if (Object.hasOwn(expected, key)) found[key] = actual[key];
  }
  assertEquals(found, expected, message);
}

/** Errors of a configuration, without the name of the file. */
export function errors(text: string, surroundings?: Surroundings): string[] {
  return [...failure(text, surroundings).errors].map(withoutFile);
}

/** What a configuration is refused with. */
export function failure(
  text: string,
  surroundings?: Surroundings,
): ConfigurationError {
  try {
    load(text, surroundings);
  } catch (error) {
    assertInstanceOf(error, ConfigurationError, String(error));
    return error;
  }
  throw new Error(`not refused: ${text}`);
}

/** Warnings of a configuration, without the name of the file. */
export function warnings(text: string, surroundings?: Surroundings): string[] {
  return load(text, surroundings).warnings.map(withoutFile);
}

function withoutFile(line: string): string {
  return line.startsWith(FILE + ":") ? line.slice(FILE.length + 1) : line;
}

/** Options as a server sees them: complete and validated. */
export function ready(text: string, surroundings?: Surroundings): Options {
  return validateOptions(applyDefaults(load(text, surroundings).options));
}

/** What a server refuses to start with. */
export function startFailure(
  text: string,
  surroundings?: Surroundings,
): string {
  try {
    ready(text, surroundings);
  } catch (error) {
    assertInstanceOf(error, OptionsError, String(error));
    return error.message;
  }
  throw new Error(`not refused: ${text}`);
}
