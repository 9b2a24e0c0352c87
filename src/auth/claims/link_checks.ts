/**
 * What can be wrong with the exports and imports of an account.
 *
 * @module
 */

import {
  decodeJwt,
  isObject,
  isPublicKey,
  JwtError,
} from "../../config/mod.ts";
import { quoteText } from "../../log/mod.ts";
import { hasWildcard, tokenize } from "../../subject/mod.ts";
import type {
  ExportClaim,
  ImportClaim,
  LatencyClaim,
  LinkKind,
} from "./link_claims.ts";
import { checkInfo } from "./info_claims.ts";
import { ClaimReader } from "./reader.ts";
import { checkSubject, type Issues } from "./validation.ts";

/** Checks all exports of an account, also against each other. */
export function checkExports(
  exports: readonly (ExportClaim | undefined)[],
  issues: Issues,
): void {
  for (const entry of exports) {
    if (entry === undefined) issues.error("null export is not allowed");
    else checkExport(entry, issues);
  }
  for (const kind of ["service", "stream"] as const) {
    const subjects = exports.filter((entry) => entry?.kind === kind)
      .map((entry) => entry?.subject ?? "");
    checkOverlaps(kind, subjects, issues);
  }
}

const RESPONSE_TYPES = ["", "Singleton", "Stream", "Chunked"];

function checkExport(entry: ExportClaim, issues: Issues): void {
  const { kind, subject, responseType, latency, responseThreshold } = entry;
  const isService = kind === "service";
  if (isService && !RESPONSE_TYPES.includes(responseType)) {
    issues.error(
      `invalid response type for service: ${quoteText(responseType)}`,
    );
  }
  if (!isService && responseType !== "") {
    issues.error(
      `invalid response type for stream: ${quoteText(responseType)}`,
    );
  }
  if (!isService && entry.allowTrace) {
    issues.error("AllowTrace only valid for service export");
  }
  if (latency !== undefined) checkLatency(latency, isService, issues);
  if (responseThreshold < 0) {
    issues.error("negative response threshold is invalid");
  }
  if (responseThreshold > 0 && !isService) {
    issues.error("response threshold only valid for services");
  }
  checkSubject(subject, issues);
  checkTokenPosition(entry, issues);
  checkInfo(entry.info, issues);
}

function checkLatency(
  { sampling, results }: LatencyClaim,
  isService: boolean,
  issues: Issues,
): void {
  if (!isService) {
    issues.error("latency tracking only permitted for services");
  }
  if (sampling !== 0 && (sampling < 1 || sampling > 100)) {
    issues.error("sampling percentage needs to be between 1-100");
  }
  checkSubject(results, issues);
  if (hasWildcard(results)) {
    issues.error("results subject can not contain wildcards");
  }
}

function checkTokenPosition(
  { accountTokenPosition: position, subject }: ExportClaim,
  issues: Issues,
): void {
  if (position <= 0) return;
  const tokens = tokenize(subject);
  const token = tokens[position - 1];
  if (!hasWildcard(subject)) {
    issues.error(
      `Account Token Position can only be used with wildcard subjects: ${subject}`,
    );
  } else if (token === undefined) {
    issues.error(
      `Account Token Position ${position} exceeds length of subject '${subject}'`,
    );
  } else if (token !== "*") {
    issues.error(
      `Account Token Position ${position} matches '${token}' but must match a * in: ${subject}`,
    );
  }
}

function checkOverlaps(
  kind: LinkKind,
  subjects: readonly string[],
  issues: Issues,
): void {
  const covering = new Map<string, string>();
  for (const [i, inner] of subjects.entries()) {
    for (const [j, outer] of subjects.entries()) {
      if (i === j || covering.has(outer) || !isCovered(inner, outer)) continue;
      covering.set(outer, inner);
    }
  }
  for (const [outer, inner] of covering) {
    issues.error(
      `${kind} export subject ${quoteText(outer)} already exports ${
        quoteText(inner)
      }`,
    );
  }
}

/** Whether all of `inner` is part of `outer`, as the claims' own rules see it. */
function isCovered(inner: string, outer: string): boolean {
  const mine = inner.split(".");
  const others = outer.split(".");
  if (mine.length > others.length && others.at(-1) !== ">") return false;
  if (mine.length < others.length) return false;
  for (const [i, token] of others.entries()) {
    if (i === others.length - 1 && token === ">") return true;
    if (token !== mine[i] && token !== "*") return false;
  }
  return true;
}

/** Checks all imports of `importer`, also against each other. */
export function checkImports(
  imports: readonly (ImportClaim | undefined)[],
  importer: string,
  issues: Issues,
): void {
  const services = new Map<string, string[]>();
  for (const entry of imports) {
    if (entry === undefined) {
      issues.error("null import is not allowed");
      continue;
    }
    if (entry.kind === "service") {
      const known = services.get(entry.account) ?? [];
      services.set(entry.account, known);
      checkNamespace(entry, known, issues);
    }
    checkImport(entry, importer, issues);
  }
}

function checkNamespace(
  { to, localSubject, subject, account }: ImportClaim,
  known: string[],
  issues: Issues,
): void {
  const local = to || withWildcards(localSubject) || subject;
  for (const other of known) {
    if (isCovered(local, other) || isCovered(other, local)) {
      issues.error(
        `overlapping subject namespace for ${quoteText(local)} and ${
          quoteText(other)
        } in same account ${quoteText(account)}`,
      );
    }
  }
  known.push(local);
}

function withWildcards(subject: string): string {
  return subject.split(".").map((token) => /^\$\d+$/.test(token) ? "*" : token)
    .join(".");
}

function checkImport(
  entry: ImportClaim,
  importer: string,
  issues: Issues,
): void {
  const { kind, account, subject, localSubject, to } = entry;
  if (kind === "service" && entry.allowTrace) {
    issues.error("AllowTrace only valid for stream import");
  }
  if (account === "") issues.error("account to import from is not specified");
  if (to !== "") {
    issues.warning(
      "the field to has been deprecated (use LocalSubject instead)",
    );
  }
  checkSubject(subject, issues);
  if (localSubject !== "") {
    checkRenaming(localSubject, subject, issues);
    if (to !== "") issues.error("Local Subject replaces To");
  }
  if (entry.share && kind !== "service") {
    issues.error(
      `sharing information (for latency tracking) is only valid for services: ${
        quoteText(subject)
      }`,
    );
  }
  if (entry.token !== "") checkActivation(entry, importer, issues);
}

function checkRenaming(
  renamed: string,
  subject: string,
  issues: Issues,
): void {
  checkSubject(renamed, issues);
  const isOpen = (text: string) => text === ">" || text.endsWith(".>");
  if (isOpen(renamed) !== isOpen(subject)) {
    issues.error(
      "both, renaming subject and subject, need to end or not end in >",
    );
  }
  const wildcards = subject.split(".").filter((token) => token === "*").length;
  let references = 0;
  for (const token of renamed.split(".")) {
    const reference = /^\$(\d+)$/.exec(token)?.[1];
    if (token === "*") references++;
    if (reference === undefined) continue;
    if (Number(reference) <= wildcards) references++;
    else {
      issues.error(
        `Reference $${reference} in ${quoteText(renamed)} reference * in ${
          quoteText(subject)
        } that do not exist`,
      );
    }
  }
  if (references !== wildcards) {
    issues.error(
      "subject does not contain enough * or reference wildcards $[0-9]",
    );
  }
}

/** Checks the token with which an account lets another import. */
function checkActivation(
  entry: ImportClaim,
  importer: string,
  issues: Issues,
): void {
  const quoted = quoteText(entry.subject);
  let claims;
  try {
    claims = decodeJwt(entry.token);
  } catch (error) {
    if (!(error instanceof JwtError)) throw error;
  }
  if (claims?.kind !== "activation" || !isObject(claims.nats)) {
    issues.error(`import ${quoted} contains an invalid activation token`);
    return;
  }
  const nats = new ClaimReader(claims.nats, "nats");
  const issuerAccount = nats.string("issuer_account");
  if (claims.issuer !== entry.account && issuerAccount !== entry.account) {
    issues.error(
      `activation token doesn't match account for import ${quoted}`,
    );
  }
  if (claims.subject !== importer) {
    issues.error(
      `activation token doesn't match account it is being included in, ${quoted}`,
    );
  }
  const kind = nats.string("kind");
  if (kind !== entry.kind) {
    issues.error(
      `mismatch between token import type ${kind} and type of import ${entry.kind}`,
    );
  }
  const granted = nats.string("subject");
  checkSubject(granted, issues);
  const wanted = entry.kind === "service" && entry.to !== ""
    ? entry.to
    : entry.subject;
  if (issuerAccount !== "" && !isPublicKey(issuerAccount, "account")) {
    issues.error("account_id is not an account public key");
  }
  if (!isCovered(wanted, granted)) {
    issues.error(
      `activation token import subject ${
        quoteText(granted)
      } doesn't match import ${quoted}`,
    );
  }
}
