import { parseArgs as parseTokens } from "node:util";

/** What {@link parseArgs} found; positional arguments in `_`. */
export type Args<
  TBooleans extends string = string,
  TStrings extends string = string,
  TCollectable extends string = string,
> =
  & { _: Array<string | number> }
  & { [K in Exclude<TBooleans, TCollectable>]: boolean }
  & { [K in Exclude<TStrings, TCollectable>]?: string }
  & { [K in TBooleans & TCollectable]: boolean[] }
  & { [K in TStrings & TCollectable]: string[] };

/** How to read the arguments. Every option is declared under `boolean` or `string`. */
export interface ParseOptions<
  TBooleans extends string = string,
  TStrings extends string = string,
  TCollectable extends string = string,
> {
  /** Options without a value. */
  boolean?: TBooleans | readonly TBooleans[];
  /** Options with a value. */
  string?: TStrings | readonly TStrings[];
  /** Options that may be repeated; their value is an array. */
  collect?: TCollectable | readonly TCollectable[];
  /** Other names of an option. */
  alias?: Record<string, string | readonly string[]>;
  /** Values of options that are not given. */
  default?: Record<string, unknown>;
  /** Takes everything after the first positional argument as positional. */
  stopEarly?: boolean;
  /** Called for options that are not declared; `false` drops them. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/**
 * Parses command line arguments: `--name value`, `--name=value`, `-n value`,
 * `-abc` for three booleans; everything after `--` is positional.
 */
export function parseArgs<
  TBooleans extends string = never,
  TStrings extends string = never,
  TCollectable extends string = never,
>(
  args: string[],
  options: ParseOptions<TBooleans, TStrings, TCollectable> = {},
): Args<TBooleans, TStrings, TCollectable> {
  const booleans = list(options.boolean);
  const strings = list(options.string);
  const collected = new Set<string>(list(options.collect));
  const names = canonicalNames(options.alias ?? {}, [...booleans, ...strings]);
  const kinds = new Map<string, "boolean" | "string">([
    ...booleans.map((name) => [name, "boolean"] as const),
    ...strings.map((name) => [name, "string"] as const),
  ]);
  const positional: string[] = [];
  const found: Record<string, unknown> = { _: positional };
  for (const name of booleans) found[name] = collected.has(name) ? [] : false;
  for (const name of strings) if (collected.has(name)) found[name] = [];
  Object.assign(found, options.default);

  for (const token of tokenize(args, names, kinds, options.stopEarly)) {
    if (token.kind === "positional") positional.push(token.value);
    if (token.kind !== "option") continue;
    const name = names.get(token.name) ?? token.name;
    const kind = kinds.get(name);
    const value = kind === "string" ? token.value ?? "" : token.value ?? true;
    if (
      kind === undefined &&
      options.unknown?.(token.rawName, token.name, value) === false
    ) continue;
    const known = kind === "boolean" ? value !== "false" : value;
    const previous = found[name];
    found[name] = collected.has(name)
      ? [...(Array.isArray(previous) ? previous : []), known]
      : known;
  }
  for (const [alias, name] of names) {
    if (alias !== name && name in found) found[alias] = found[name];
  }
  return found as Args<TBooleans, TStrings, TCollectable>;
}

function list<T extends string>(names: T | readonly T[] | undefined): T[] {
  return names === undefined
    ? []
    : typeof names === "string"
    ? [names]
    : [...names];
}

/** Maps every spelling of an option to the name under which it is declared. */
function canonicalNames(
  alias: Record<string, string | readonly string[]>,
  declared: readonly string[],
): Map<string, string> {
  const names = new Map(declared.map((name) => [name, name]));
  for (const [key, others] of Object.entries(alias)) {
    const group = [key, ...list(others)];
    const name = group.find((other) => names.get(other) === other) ?? key;
    for (const other of group) names.set(other, name);
  }
  return names;
}

function tokenize(
  args: string[],
  names: ReadonlyMap<string, string>,
  kinds: ReadonlyMap<string, "boolean" | "string">,
  stopEarly = false,
) {
  const known = Object.fromEntries(
    [...names].map(([alias, name]) => [alias, {
      type: kinds.get(name) ?? "boolean",
      ...(alias.length === 1 ? { short: alias } : {}),
    }]),
  );
  const parse = (part: string[]) =>
    parseTokens({ args: part, options: known, strict: false, tokens: true })
      .tokens;
  const tokens = parse(args);
  const first = tokens.find((token) => token.kind === "positional");
  if (!stopEarly || first === undefined) return tokens;
  return [
    ...parse(args.slice(0, first.index)),
    ...args.slice(first.index).map((value, i) => ({
      kind: "positional" as const,
      index: first.index + i,
      value,
    })),
  ];
}
