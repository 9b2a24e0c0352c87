/**
 * Ties importing accounts to exporting ones.
 *
 * @module
 */

import type { AccountOptions } from "../config/mod.ts";
import type { Random } from "../runtime/mod.ts";
import { subjectFromText } from "../subject/mod.ts";
import type { Account } from "./account.ts";
import type { Exchange } from "./exchange.ts";
import { ServiceImport } from "./service_import.ts";
import { Shadows } from "./shadow.ts";
import { StreamImport } from "./stream_import.ts";

/** Exports and imports of one account. */
export type AccountLinks = Pick<AccountOptions, "exports" | "imports">;

const NO_LINKS: AccountLinks = { exports: [], imports: [] };

/** What is tied. */
export interface LinkedAccounts extends Iterable<Account> {
  get(name: string): Account | null;
}

/**
 * Gives all accounts the exports and imports of `links`. An import that is not
 * exported to the importer gives access to nothing.
 */
export function linkAccounts(
  accounts: LinkedAccounts,
  links: ReadonlyMap<string, AccountLinks>,
  exchange: Exchange,
  random: Random,
): void {
  // Exports come first: imports need them.
  for (const account of accounts) {
    account.exports.configure((links.get(account.name) ?? NO_LINKS).exports);
  }
  for (const account of accounts) {
    const { imports } = links.get(account.name) ?? NO_LINKS;
    importServices(account, imports, accounts, exchange, random);
    importStreams(account, imports, accounts, exchange, random);
  }
}

/** Takes all imports away from an account that is gone. */
export function unlinkAccount(account: Account): void {
  account.subscriptions.removeBatch(
    account.serviceImports.map(({ subscription }) => subscription),
  );
  account.serviceImports = [];
  account.shadows?.removeAll();
  account.shadows = null;
}

function importServices(
  account: Account,
  imports: AccountLinks["imports"],
  accounts: LinkedAccounts,
  exchange: Exchange,
  random: Random,
): void {
  const services = imports.flatMap((wanted) => {
    if (wanted.kind !== "service") return [];
    const exported = subjectFromText(wanted.subject);
    const service = accounts.get(wanted.account)?.exports
      .service(exported, account.name) ?? null;
    if (service === null) return [];
    const local = subjectFromText(wanted.to);
    const subjects = { exported, local, share: wanted.share };
    return new ServiceImport(account, service, subjects, exchange, random);
  });
  account.subscriptions.removeBatch(
    account.serviceImports.map(({ subscription }) => subscription),
  );
  for (const { subscription } of services) {
    account.subscriptions.insert(subscription);
  }
  account.serviceImports = services;
}

function importStreams(
  account: Account,
  imports: AccountLinks["imports"],
  accounts: LinkedAccounts,
  exchange: Exchange,
  random: Random,
): void {
  const streams = imports.flatMap((wanted) => {
    if (wanted.kind !== "stream") return [];
    const { prefix, to, subject } = wanted;
    const exporter = accounts.get(wanted.account);
    const exported = subjectFromText(subject);
    if (!exporter?.exports.allowsStream(exported, account.name)) return [];
    const local = prefix === ""
      ? to || subject
      : `${prefix.replace(/\.$/, "")}.${subject}`;
    return new StreamImport(exporter, exported, subjectFromText(local), random);
  });
  account.shadows?.removeAll();
  account.shadows = streams.length === 0
    ? null
    : new Shadows(streams, exchange);
  if (account.shadows === null) return;
  for (const subscription of [...account.subscriptions]) {
    if (subscription.receiver.seesImports) account.shadows.cast(subscription);
  }
}
