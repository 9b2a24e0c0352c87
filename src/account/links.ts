/**
 * Ties importing accounts to exporting ones.
 *
 * @module
 */

import type { AccountOptions } from "../config/mod.ts";
import type { Random } from "../runtime/mod.ts";
import { subjectFromText, SubjectTransformError } from "../subject/mod.ts";
import type { Account } from "./account.ts";
import type { Exchange } from "./exchange.ts";
import { ServiceImport } from "./service_import.ts";
import { Shadows } from "./shadow.ts";
import { StreamImport } from "./stream_import.ts";

/** Exports and imports of one account. */
export type AccountLinks = Pick<AccountOptions, "exports" | "imports">;

const NO_LINKS: AccountLinks = { exports: [], imports: [] };

/** Where accounts are found. */
export interface AccountDirectory {
  get(name: string): Account | null;
}

/**
 * Knows which account imports from which. An import that is not exported to
 * its importer, or can't be had under the name it asks for, gives access to
 * nothing.
 */
export class Links {
  readonly #accounts: AccountDirectory;
  readonly #exchange: Exchange;
  readonly #random: Random;
  readonly #links = new Map<string, AccountLinks>();
  /** Importers by the name of the exporter. */
  readonly #importers = new Map<string, Set<string>>();

  constructor(
    accounts: AccountDirectory,
    exchange: Exchange,
    random: Random,
  ) {
    this.#accounts = accounts;
    this.#exchange = exchange;
    this.#random = random;
  }

  /** Gives accounts new links; those whose links are as before are left alone. */
  set(wanted: Iterable<readonly [string, AccountLinks]>): void {
    const changed = new Set<string>();
    for (const [name, links] of wanted) {
      const present = this.#links.get(name);
      if (JSON.stringify(present) === JSON.stringify(links)) continue;
      this.#links.set(name, links);
      changed.add(name);
    }
    this.#tie(changed);
  }

  /** The links of an account, whether or not they give access to anything. */
  of(name: string): AccountLinks {
    return this.#links.get(name) ?? NO_LINKS;
  }

  /** Takes all links away from an account that is gone. */
  delete(account: Account): void {
    const { name } = account;
    this.#setImporter(name, NO_LINKS);
    this.#links.delete(name);
    account.subscriptions.removeBatch(
      account.serviceImports.map(({ subscription }) => subscription),
    );
    account.serviceImports = [];
    account.shadows?.removeAll();
    account.shadows = null;
    account.exports.configure([]);
    this.#tie(new Set([name]));
  }

  /** Ties the changed accounts and those that import from them. */
  #tie(changed: ReadonlySet<string>): void {
    const affected = new Set(changed);
    for (const name of changed) {
      for (const importer of this.#importers.get(name) ?? []) {
        affected.add(importer);
      }
    }
    // Exports come first: imports need them.
    for (const name of changed) {
      const { exports } = this.#links.get(name) ?? NO_LINKS;
      this.#accounts.get(name)?.exports.configure(exports);
    }
    for (const name of affected) {
      const links = this.#links.get(name) ?? NO_LINKS;
      const account = this.#accounts.get(name);
      this.#setImporter(name, links);
      if (account !== null) this.#import(account, links.imports);
    }
  }

  #setImporter(name: string, { imports }: AccountLinks): void {
    for (const importers of this.#importers.values()) importers.delete(name);
    for (const { account } of imports) {
      const importers = this.#importers.get(account);
      if (importers === undefined) {
        this.#importers.set(account, new Set([name]));
      } else importers.add(name);
    }
  }

  #import(account: Account, imports: AccountLinks["imports"]): void {
    const services: ServiceImport[] = [];
    const streams: StreamImport[] = [];
    for (const wanted of imports) {
      try {
        if (wanted.kind === "service") {
          services.push(...this.#serviceImport(account, wanted));
        } else streams.push(...this.#streamImport(account, wanted));
      } catch (error) {
        if (!(error instanceof SubjectTransformError)) throw error;
      }
    }
    replaceServices(account, services);
    replaceStreams(account, streams, this.#exchange);
  }

  #serviceImport(
    account: Account,
    wanted: Extract<AccountLinks["imports"][number], { kind: "service" }>,
  ): ServiceImport[] {
    const exported = subjectFromText(wanted.subject);
    const service = this.#accounts.get(wanted.account)?.exports
      .service(exported, account.name) ?? null;
    if (service === null) return [];
    const local = subjectFromText(wanted.to);
    const subjects = { exported, local, share: wanted.share };
    return [
      new ServiceImport(
        account,
        service,
        subjects,
        this.#exchange,
        this.#random,
      ),
    ];
  }

  #streamImport(
    account: Account,
    wanted: Extract<AccountLinks["imports"][number], { kind: "stream" }>,
  ): StreamImport[] {
    const { prefix, to, subject, allowTrace } = wanted;
    const exporter = this.#accounts.get(wanted.account);
    const exported = subjectFromText(subject);
    if (!exporter?.exports.allowsStream(exported, account.name)) return [];
    const local = prefix === ""
      ? to || subject
      : `${prefix.replace(/\.$/, "")}.${subject}`;
    return [
      new StreamImport(
        exporter,
        exported,
        { importer: account, to: subjectFromText(local), allowTrace },
        this.#random,
      ),
    ];
  }
}

function replaceServices(
  account: Account,
  services: readonly ServiceImport[],
): void {
  account.subscriptions.removeBatch(
    account.serviceImports.map(({ subscription }) => subscription),
  );
  for (const { subscription } of services) {
    account.subscriptions.insert(subscription);
  }
  account.serviceImports = services;
}

/** Subscriptions stay; they see what is imported now. */
function replaceStreams(
  account: Account,
  streams: readonly StreamImport[],
  exchange: Exchange,
): void {
  account.shadows?.removeAll();
  account.shadows = streams.length === 0
    ? null
    : new Shadows(streams, exchange);
  if (account.shadows === null) return;
  for (const subscription of [...account.subscriptions]) {
    if (subscription.receiver.seesImports) account.shadows.cast(subscription);
  }
}
