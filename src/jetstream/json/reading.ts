/**
 * What goes wrong while JSON becomes a structure.
 *
 * @module
 */

import { quoteText } from "../../log/mod.ts";
import type { JsonNode } from "./node.ts";

/** JSON that is none, or not what was asked for; the text is Go's. */
export class JsonError extends Error {
  override readonly name: string = "JsonError";
}

/**
 * One reading. What does not fit is remembered, the first of it at least, and
 * the reading goes on, so that much is known even of a value with faults.
 */
export class Reading {
  /** What did not fit first. */
  error: JsonError | null = null;
  /** The structure at hand, as Go names it. */
  struct = "";
  readonly path: string[] = [];

  /** @param strict whether fields that nobody knows are faults */
  constructor(readonly strict: boolean) {}

  /**
   * Notes that a value is of another type; null fits everything and changes
   * nothing. @returns `previous`
   */
  mismatch<T>(
    node: JsonNode,
    goType: string,
    previous: T,
    found: string = node.type,
  ): T {
    if (node.type !== "null") this.error ??= this.misfit(found, goType);
    return previous;
  }

  /** That a value is of another type than its place. */
  misfit(found: string, goType: string): JsonError {
    const holder = this.struct === ""
      ? "Go value"
      : `Go struct field ${this.struct}.${this.path.join(".")}`;
    return new JsonError(
      `json: cannot unmarshal ${found} into ${holder} of type ${goType}`,
    );
  }

  unknownField(name: string): void {
    if (!this.strict) return;
    this.error ??= new JsonError(`json: unknown field ${quoteText(name)}`);
  }

  /** Ends the reading. @throws JsonError */
  refuse(complaint: string, node: JsonNode): never {
    const shown = complaint.endsWith(":") ? node.raw : quoteText(node.raw);
    throw new JsonError(`${complaint} ${shown}`);
  }
}
