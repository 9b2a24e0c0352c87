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
  subjectToText,
  SubjectTransformError,
} from "../subject/mod.ts";
import { quote } from "./go_text.ts";
import {
  importCycle,
  type ImportGraph,
  type ImportKind,
  type ImportLink,
} from "./import_cycles.ts";
import type { Options } from "./options.ts";
import type {
  AccountOptions,
  ServiceExport,
  ServiceImport,
  StreamExport,
  StreamImport,
} from "./options_accounts.ts";
import { isValidPublishSubject, isValidSubject } from "./subjects.ts";

/** Checking draws nothing. */
const NO_CHANCE = { fill: () => {}, below: () => 0 };

/** Exports and accepted imports of one account. */
interface LinkedAccount {
  readonly name: string;
  readonly streams: Map<string, StreamExport>;
  readonly services: Map<string, ServiceExport>;
  readonly streamImports: ImportLink[];
  readonly serviceImports: ImportLink[];
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
      : cycle("stream", own, origin, local, accounts) ??
        cycle("stream", own, origin, subject, accounts) ??
        transformProblem(
          "stream",
          subject,
          local,
          subject,
          identityDestination(local),
        ) ??
        (own.streamImports.some((one) =>
            one.origin === item.account &&
            one.exported === subjectFromText(subject)
          )
          ? "stream import already exists"
          : undefined);
  if (problem !== undefined) {
    return `Error adding stream import ${quote(subject)}: ${problem}`;
  }
  own.streamImports.push({
    origin: item.account,
    exported: subjectFromText(subject),
    local: subjectFromText(destinationPattern(local).pattern),
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
    one.origin === account && one.local === subjectFromText(local)
  );
  const problem = !isValidSubject(to) || !isValidSubject(subject)
    ? INVALID_SUBJECT
    : !isApproved(origin.services, subject, own.name)
    ? "service import not authorized"
    : cycle("service", own, origin, local, accounts) ??
      (taken === undefined
        ? undefined
        : `duplicate service import subject ${quote(to)}, ` +
          `previously used in import for account ${quote(account)}, ` +
          `subject ${quote(subjectToText(taken.exported))}`) ??
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
  own.serviceImports.push({
    origin: account,
    exported: subjectFromText(subject),
    local: subjectFromText(local),
  });
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

/** Whether importing `subject` from `origin` would lead back to `own`. */
function cycle(
  kind: ImportKind,
  own: LinkedAccount,
  origin: LinkedAccount,
  subject: string,
  accounts: Accounts,
): string | undefined {
  const graph: ImportGraph = {
    imports: (name) => {
      const account = accounts.get(name);
      return (kind === "stream"
        ? account?.streamImports
        : account?.serviceImports) ?? [];
    },
    exportsStream: (name, wanted) =>
      [...accounts.get(name)?.streams.keys() ?? []].some((pattern) =>
        isSubsetMatch(wanted, subjectFromText(pattern))
      ),
  };
  return importCycle(graph, kind, {
    exporter: origin.name,
    importer: own.name,
    subject: subjectFromText(subject),
  });
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
