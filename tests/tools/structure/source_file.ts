/**
 * What the structure check knows of the tree.
 *
 * @module
 */

import { dirname, join } from "node:path/posix";
import type { Fact } from "./facts_plugin.ts";

/** One import of a file of this project by another. */
export interface Import {
  /** Path of the imported file, relative to the project. */
  readonly target: string;
  readonly typeOnly: boolean;
}

/** A function and its length. */
export interface FunctionSize {
  readonly name: string;
  /** Line on which it begins, from 1. */
  readonly line: number;
  readonly lines: number;
}

/** A source file. */
export interface SourceFile {
  /** Relative to the project, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
  readonly functions: readonly FunctionSize[];
}

interface Report {
  readonly diagnostics: readonly {
    readonly filename: string;
    readonly message: string;
    readonly range: {
      readonly start: { readonly line: number };
      readonly end: { readonly line: number };
    };
  }[];
  readonly errors: readonly { readonly message: string }[];
  readonly checked_files: readonly string[];
}

/** Reads all sources under `folders` of the project at `root`. */
export async function readTree(
  root: string,
  folders: readonly string[],
): Promise<SourceFile[]> {
  const config = new URL("./facts.json", import.meta.url).pathname;
  const lint = new Deno.Command(Deno.execPath(), {
    args: ["lint", "--json", "--config", config, ...folders],
    cwd: root,
  });
  const { stdout, stderr } = await lint.output();
  const output = new TextDecoder().decode(stdout);
  if (output === "") throw new Error(new TextDecoder().decode(stderr));
  const report: Report = JSON.parse(output);
  for (const { message } of report.errors) throw new Error(message);
  return report.checked_files
    .map((file) => describe(root, file, report))
    .sort((a, b) => a.path < b.path ? -1 : 1);
}

function describe(root: string, file: string, report: Report): SourceFile {
  const path = relative(root, file);
  const imports: Import[] = [];
  const functions: FunctionSize[] = [];
  for (const { filename, message, range } of report.diagnostics) {
    if (relative(root, filename) !== path) continue;
    const fact: Fact = JSON.parse(message);
    if (fact.kind === "function") {
      const { start, end } = range;
      const lines = end.line - start.line + 1;
      functions.push({ name: fact.name, line: start.line, lines });
    } else if (fact.specifier.startsWith(".")) {
      const target = join(dirname(path), fact.specifier);
      imports.push({ target, typeOnly: fact.typeOnly });
    }
  }
  return {
    path,
    text: Deno.readTextFileSync(join(root, path)),
    imports,
    functions,
  };
}

function relative(root: string, file: string): string {
  const path = file.startsWith("file://")
    ? decodeURIComponent(new URL(file).pathname)
    : file;
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
}
