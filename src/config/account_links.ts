/**
 * Whether exports and imports of the configured accounts fit together: what is
 * imported must be exported to the importer, and no import may lead back.
 *
 * @module
 */

import {
  createTransform,
  destinationPattern,
  hasWildcard,
  identityDestination,
  INVALID_SUBJECT,
  isSubsetMatch,
  subjectFromText,
  subjectsCollide,
  SubjectTransformError,
} from "../subject/mod.ts";
import { quote } from "./go_text.ts";
import type { Options } from "./options.ts";
import type {
  AccountOptions,
  ServiceExport,
  ServiceImport,
  StreamExport,
  StreamImport,
} from "./options_accounts.ts";
import { isValidPublishSubject, isValidSubject } from "./subjects.ts";

/** How many accounts a chain of imports may pass. */
const MAX_CHAIN = 1024;

/** Checking draws nothing. */
const NO_CHANCE = { fill: () => {}, below: () => 0 };

/** An import that was accepted, from the importer's point of view. */
interface Link {
  readonly origin: string;
  /** Subject in the account that exports. */
  readonly exported: string;
  /** Subject in the account that imports. */
  readonly local: string;
}

/** Exports and accepted imports of one account. */
interface LinkedAccount {
  readonly name: string;
  readonly streams: Map<string, StreamExport>;
  readonly services: Map<string, ServiceExport>;
  readonly streamImports: Link[];
  readonly serviceImports: Link[];
}

type Accounts = ReadonlyMap<string, LinkedAccount>;

/** What is wrong with exports and imports, one text for each. */
export function accountLinkProblems(
  options: Pick<Options, "accounts" | "mappings" | "noSystemAccount">,
): string[] {
  const accounts = new Map(
    options.accounts.map(({ name }) => [name, emptyLinks(name)]),
  );
  // Mappings at the top level define the global account.
  if (options.mappings.length > 0) accounts.set("$G", emptyLinks("$G"));
  const { noSystemAccount } = options;
  const each = <
    K extends "stream" | "service",
    T extends "exports" | "imports",
  >(
    kind: K,
    list: T,
    check: (
      own: LinkedAccount,
      item: Extract<AccountOptions[T][number], { kind: K }>,
    ) => string | undefined,
  ): string[] =>
    options.accounts.flatMap((account) => {
      const own = accounts.get(account.name) ?? emptyLinks(account.name);
      return account[list].flatMap((item) =>
        isKind(item, kind) ? check(own, item) ?? [] : []
      );
    });
  // Exports come first: imports are checked against them.
  return [
    ...each(
      "stream",
      "exports",
      (own, item) => exportProblem(own, item, accounts),
    ),
    ...each(
      "service",
      "exports",
      (own, item) =>
        exportProblem(own, item, accounts) ??
          serviceProblem(own, item, noSystemAccount),
    ),
    ...each(
      "stream",
      "imports",
      (own, item) => streamProblem(own, item, accounts),
    ),
    ...each(
      "service",
      "imports",
      (own, item) => serviceImportProblem(own, item, accounts),
    ),
  ];
}

function isKind<T extends { readonly kind: string }, K extends T["kind"]>(
  item: T,
  kind: K,
): item is Extract<T, { kind: K }> {
  return item.kind === kind;
}

function emptyLinks(name: string): LinkedAccount {
  return {
    name,
    streams: new Map(),
    services: new Map(),
    streamImports: [],
    serviceImports: [],
  };
}

function exportProblem(
  own: LinkedAccount,
  item: StreamExport | ServiceExport,
  accounts: Accounts,
): string | undefined {
  const { kind, subject, accountTokenPosition: position } = item;
  const missing = item.accounts.find((name) => !accounts.has(name));
  if (missing !== undefined) {
    return `${quote(missing)} account not defined for ${kind} export`;
  }
  if (position !== 0 && subject.split(".")[position - 1] !== "*") {
    return `Error adding ${kind} export ${quote(subject)}: ${INVALID_SUBJECT}`;
  }
  if (item.kind === "stream") own.streams.set(subject, item);
  else own.services.set(subject, item);
  return undefined;
}

/** Checks what only services have: reports of their latency. */
function serviceProblem(
  own: LinkedAccount,
  { subject, latency, responseType }: ServiceExport,
  noSystemAccount: boolean,
): string | undefined {
  if (latency === undefined) return undefined;
  const prefix = `Error adding service latency sampling for ${quote(subject)}`;
  if (noSystemAccount) return `${prefix}: system account not setup`;
  const exported = [...own.services.keys()].some((one) =>
    covers(one, latency.subject)
  );
  const problem = !isValidPublishSubject(latency.subject) || exported
    ? "invalid publish subject"
    : responseType !== "singleton"
    ? "bad service response type"
    : undefined;
  if (problem === undefined) return undefined;
  return `${prefix} on subject ${quote(latency.subject)}: ${problem}`;
}

function streamProblem(
  own: LinkedAccount,
  item: StreamImport,
  accounts: Accounts,
): string | undefined {
  const origin = accounts.get(item.account);
  if (origin === undefined) {
    return `${quote(item.account)} account not defined for stream import`;
  }
  const { subject } = item;
  const local = localSubject(item);
  const problem =
    !isValidSubject(subject) || !isApproved(origin.streams, subject, own.name)
      ? "stream import not authorized"
      : hasWildcard(item.prefix)
      ? "stream import prefix can not contain wildcard tokens"
      : streamCycle(origin, local, new Set([own.name]), accounts) ??
        streamCycle(origin, subject, new Set([own.name]), accounts) ??
        transformProblem(
          "stream",
          subject,
          local,
          subject,
          identityDestination(local),
        ) ??
        (own.streamImports.some((one) =>
            one.origin === item.account && one.exported === subject
          )
          ? "stream import already exists"
          : undefined);
  if (problem !== undefined) {
    return `Error adding stream import ${quote(subject)}: ${problem}`;
  }
  own.streamImports.push({
    origin: item.account,
    exported: subject,
    local: destinationPattern(local).pattern,
  });
  return undefined;
}

/** Where messages of an imported stream appear. */
function localSubject({ prefix, to, subject }: StreamImport): string {
  if (prefix === "") return to || subject;
  return (prefix.endsWith(".") ? prefix : prefix + ".") + subject;
}

function serviceImportProblem(
  own: LinkedAccount,
  { account, subject, to }: ServiceImport,
  accounts: Accounts,
): string | undefined {
  const origin = accounts.get(account);
  if (origin === undefined) {
    return `${quote(account)} account not defined for service import`;
  }
  const local = destinationPattern(to).pattern;
  const taken = own.serviceImports.find((one) =>
    one.origin === account && one.local === local
  );
  const problem = !isValidSubject(to) || !isValidSubject(subject)
    ? INVALID_SUBJECT
    : !isApproved(origin.services, subject, own.name)
    ? "service import not authorized"
    : serviceCycle(origin, local, new Set([own.name]), accounts) ??
      (taken === undefined
        ? undefined
        : `duplicate service import subject ${quote(to)}, ` +
          `previously used in import for account ${quote(account)}, ` +
          `subject ${quote(taken.exported)}`) ??
      transformProblem(
        "service",
        subject,
        to,
        destinationPattern(subject).pattern,
        identityDestination(to),
      );
  if (problem !== undefined) {
    return `Error adding service import ${quote(subject)}: ${problem}`;
  }
  own.serviceImports.push({ origin: account, exported: subject, local });
  return undefined;
}

/** Whether an account may import a subject. */
function isApproved(
  exports: ReadonlyMap<string, StreamExport | ServiceExport>,
  subject: string,
  importer: string,
): boolean {
  const exact = exports.get(subject);
  const found = exact ??
    [...exports.values()].find((one) => covers(one.subject, subject));
  if (found === undefined) return false;
  const { accountTokenPosition: position, accounts } = found;
  if (position > 0) {
    return exact === undefined && subject.split(".")[position - 1] === importer;
  }
  return accounts.length === 0 || accounts.includes(importer);
}

/** Whether every subject that `subject` matches is matched by `pattern`. */
function covers(pattern: string, subject: string): boolean {
  return isSubsetMatch(subjectFromText(subject), subjectFromText(pattern));
}

function collide(a: string, b: string): boolean {
  return subjectsCollide(subjectFromText(a), subjectFromText(b));
}

function streamCycle(
  account: LinkedAccount,
  subject: string,
  visited: Set<string>,
  accounts: Accounts,
): string | undefined {
  const reexported = [...account.streams.keys()].some((pattern) =>
    covers(pattern, subject)
  );
  if (!reexported) return undefined;
  return importCycle(account, subject, visited, accounts, {
    imports: (one) => one.streamImports,
    matches: (link) => link.local,
    continues: (link) => link.local,
    search: streamCycle,
  });
}

function serviceCycle(
  account: LinkedAccount,
  subject: string,
  visited: Set<string>,
  accounts: Accounts,
): string | undefined {
  return importCycle(account, subject, visited, accounts, {
    imports: (one) => one.serviceImports,
    matches: (link) => link.exported,
    continues: (link) => link.local,
    search: serviceCycle,
  });
}

interface CycleSearch {
  readonly imports: (account: LinkedAccount) => readonly Link[];
  /** Side of a link that the subject is compared with. */
  readonly matches: (link: Link) => string;
  /** Side of a link with which the search goes on if it covers the subject. */
  readonly continues: (link: Link) => string;
  readonly search: typeof streamCycle;
}

function importCycle(
  account: LinkedAccount,
  subject: string,
  visited: Set<string>,
  accounts: Accounts,
  search: CycleSearch,
): string | undefined {
  if (visited.size >= MAX_CHAIN) return "search cycle depth exhausted";
  for (const link of search.imports(account)) {
    if (!collide(subject, search.matches(link))) continue;
    if (visited.has(link.origin)) return "import forms a cycle";
    visited.add(account.name);
    const next = search.continues(link);
    const origin = accounts.get(link.origin);
    if (origin === undefined) continue;
    const problem = search.search(
      origin,
      covers(next, subject) ? next : subject,
      visited,
      accounts,
    );
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** What is wrong with renaming an imported subject that has wildcards, or undefined. */
function transformProblem(
  kind: "stream" | "service",
  subject: string,
  local: string,
  source: string,
  destination: string,
): string | undefined {
  if (!hasWildcard(subject) || subject === local) return undefined;
  try {
    createTransform(source, destination, { random: NO_CHANCE, strict: true });
    return undefined;
  } catch (error) {
    if (!(error instanceof SubjectTransformError)) throw error;
    const from = kind === "stream" ? subject : local;
    const to = kind === "stream" ? local : source;
    return `failed to create mapping transform for ${kind} import subject ` +
      `from ${quote(from)} to ${quote(to)}: ${error.message}`;
  }
}
