/**
 * What is wrong with a configuration: problems found while options are read.
 * The lexical layer stops at its first error; this layer collects all.
 *
 * @module
 */

import { quote } from "./go_text.ts";
import type { ConfigNode } from "./value.ts";

/** A configuration that can't be used. `message` has a line for each problem. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  constructor(
    readonly warnings: readonly string[],
    readonly errors: readonly string[],
  ) {
    super([...warnings, ...errors].map((line) => line + "\n").join(""));
  }
}

/** Options that contradict each other or can't be served; found at start. */
export class OptionsError extends Error {
  override readonly name = "OptionsError";
}

/** One bad entry; ends the reading of the field or block it stands in. */
export class FieldError extends Error {
  override readonly name = "FieldError";
  constructor(readonly node: ConfigNode | undefined, message: string) {
    super(message);
  }
}

/**
 * A value of another type than its field takes. The message is the one of Go's
 * type assertion; which entry it is reported at depends on the block.
 */
export class TypeMismatch extends Error {
  override readonly name = "TypeMismatch";
  constructor(message: string, readonly node?: ConfigNode) {
    super(message);
  }
}

/** Collects warnings and errors. */
export class Report {
  readonly warnings: string[] = [];
  readonly errors: string[] = [];

  error(node: ConfigNode | undefined, reason: string): void {
    this.errors.push(node === undefined ? reason : `${place(node)}: ${reason}`);
  }

  warning(node: ConfigNode | undefined, reason: string): void {
    this.warnings.push(
      node === undefined ? reason : `${place(node)}: ${reason}`,
    );
  }

  /** Warns about a field that is used in a doubtful way. */
  misuse(node: ConfigNode, field: string, reason: string): void {
    this.warning(node, `invalid use of field ${quote(field)}: ${reason}`);
  }
}

/** `file:line:position` of an entry. */
export function place(node: ConfigNode): string {
  return `${node.file}:${node.line}:${node.pos}`;
}
