/**
 * Ties importing accounts to exporting ones.
 *
 * @module
 */

import {
  importCycle,
  type ImportGraph,
  type ServiceImport as ServiceImportOptions,
  type StreamImport as StreamImportOptions,
} from "../config/mod.ts";
import type { Timer } from "../runtime/mod.ts";
import {
  hasWildcard,
  isValidSubject,
  subjectFromText,
  SubjectTransformError,
} from "../subject/mod.ts";
import type { Account } from "./account.ts";
import type { Activation } from "./activation.ts";
import type { AccountContext } from "./context.ts";
import type { Exchange } from "./exchange.ts";
import type { ExportTerms } from "./exports.ts";
import { ServiceImport } from "./service_import.ts";
import { Shadows } from "./shadow.ts";
import { StreamImport } from "./stream_import.ts";

type Activated<Import> = Import & { readonly activation?: Activation };
type ServiceTerms = Activated<ServiceImportOptions>;
type StreamTerms = Activated<StreamImportOptions>;

/** Exports and imports of one account. */
export interface AccountLinks {
  readonly exports: readonly ExportTerms[];
  readonly imports: readonly (StreamTerms | ServiceTerms)[];
  /** Keys that sign tokens for importers. */
  readonly signers?: readonly string[];
  /** Set for JWTs: nobody has looked yet whether the imports fit together. */
  readonly unchecked?: boolean;
}

/**
 * Whether an import gives access. One that never did is told apart from one
 * that does no longer, as the Go server forgets the former.
 */
export type ImportState = "tied" | "refused" | "withdrawn";

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
  readonly #context: AccountContext;
  readonly #links = new Map<string, AccountLinks>();
  /** Importers by the name of the exporter. */
  readonly #importers = new Map<string, Set<string>>();
  /** Exporters by the name of the importer. */
  readonly #exporters = new Map<string, readonly string[]>();
  /** By importer, in the order of its imports. */
  readonly #states = new Map<string, readonly ImportState[]>();
  /** When the first token of an importer ends. */
  readonly #expiries = new Map<string, Timer>();

  constructor(
    accounts: AccountDirectory,
    exchange: Exchange,
    context: AccountContext,
  ) {
    this.#accounts = accounts;
    this.#exchange = exchange;
    this.#context = context;
  }

  /** Gives accounts new links; those whose links are as before are left alone. */
  set(wanted: Iterable<readonly [string, AccountLinks]>): void {
    const changed = new Set<string>();
    for (const [name, links] of wanted) {
      const present = this.#links.get(name);
      if (present !== undefined && isSame(present, links)) continue;
      this.#links.set(name, links);
      this.#states.delete(name);
      changed.add(name);
    }
    this.#tie(changed);
  }

  /** The links of an account, whether or not they give access to anything. */
  of(name: string): AccountLinks {
    return this.#links.get(name) ?? NO_LINKS;
  }

  /** What became of the imports of an account, in their order. */
  statesOf(name: string): readonly ImportState[] {
    return this.#states.get(name) ?? [];
  }

  /** Takes all links away from an account that is gone. */
  delete(account: Account): void {
    const { name } = account;
    this.#setImporter(name, NO_LINKS);
    this.#watchExpiry(name, Infinity);
    this.#links.delete(name);
    this.#states.delete(name);
    account.subscriptions.removeBatch(
      account.serviceImports.map(({ subscription }) => subscription),
    );
    account.serviceImports = [];
    account.shadows?.removeAll();
    account.shadows = null;
    account.exports.configure([]);
    this.#tie(new Set([name]));
  }

  /** Waits for the end of no token any more. */
  close(): void {
    for (const timer of this.#expiries.values()) timer.cancel();
    this.#expiries.clear();
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
      const { exports, signers } = this.#links.get(name) ?? NO_LINKS;
      this.#accounts.get(name)?.exports.configure(exports, signers);
    }
    for (const name of affected) {
      const links = this.#links.get(name) ?? NO_LINKS;
      const account = this.#accounts.get(name);
      this.#setImporter(name, links);
      if (account !== null) this.#import(account, links);
    }
  }

  #setImporter(name: string, { imports }: AccountLinks): void {
    for (const exporter of this.#exporters.get(name) ?? []) {
      this.#importers.get(exporter)?.delete(name);
    }
    const exporters = [...new Set(imports.map(({ account }) => account))];
    if (exporters.length === 0) this.#exporters.delete(name);
    else this.#exporters.set(name, exporters);
    for (const exporter of exporters) {
      const importers = this.#importers.get(exporter);
      if (importers === undefined) {
        this.#importers.set(exporter, new Set([name]));
      } else importers.add(name);
    }
  }

  #import(account: Account, links: AccountLinks): void {
    const services: ServiceImport[] = [];
    const streams: StreamImport[] = [];
    const before = this.#states.get(account.name);
    let expiry = Infinity;
    const states = links.imports.map((wanted, index): ImportState => {
      const isTied = wanted.kind === "service"
        ? this.#tryService(account, wanted, services, links)
        : this.#tryStream(account, wanted, streams, links);
      const { expires = 0 } = wanted.activation ?? {};
      if (isTied && expires > 0) expiry = Math.min(expiry, expires);
      if (isTied) return "tied";
      return (before?.[index] ?? "refused") === "refused"
        ? "refused"
        : "withdrawn";
    });
    this.#states.set(account.name, states);
    replaceServices(account, services);
    replaceStreams(account, streams, this.#exchange);
    this.#watchExpiry(account.name, expiry);
  }

  /** Ties anew when a token has ended. @param expires seconds */
  #watchExpiry(name: string, expires: number): void {
    this.#expiries.get(name)?.cancel();
    this.#expiries.delete(name);
    if (expires === Infinity) return;
    const { clock, timers } = this.#context;
    const delay = Math.max(0, expires * 1000 - clock.now());
    const timer = timers.after(delay, () => {
      const account = this.#accounts.get(name);
      if (account !== null) this.#import(account, this.of(name));
    });
    this.#expiries.set(name, timer);
  }

  /** Adds a service import to the others unless it may not be. */
  #tryService(
    account: Account,
    wanted: ServiceTerms,
    others: ServiceImport[],
    { unchecked = false }: AccountLinks,
  ): boolean {
    const exported = subjectFromText(wanted.subject);
    const local = subjectFromText(wanted.to);
    const exporter = this.#accounts.get(wanted.account);
    const service = exporter?.exports.service(exported, {
      account: account.name,
      activation: wanted.activation,
      now: this.#context.clock.now(),
    }) ?? null;
    if (service === null) return false;
    try {
      const made = new ServiceImport(
        account,
        service,
        { exported, local, share: wanted.share },
        this.#exchange,
        this.#context.random,
      );
      const { subject } = made.subscription;
      const isRefused = unchecked && (
        !isValidSubject(subject) || !isValidSubject(exported) ||
        others.some((one) =>
          one.service.account === service.account &&
          one.subscription.subject === subject
        ) || this.#formsCycle("service", account, service.account, subject)
      );
      if (!isRefused) others.push(made);
      return !isRefused;
    } catch (error) {
      if (!(error instanceof SubjectTransformError)) throw error;
      return false;
    }
  }

  /** Adds a stream import to the others unless it may not be. */
  #tryStream(
    account: Account,
    wanted: StreamTerms,
    others: StreamImport[],
    { unchecked = false }: AccountLinks,
  ): boolean {
    const { prefix, to, subject, allowTrace } = wanted;
    const exporter = this.#accounts.get(wanted.account);
    const exported = subjectFromText(subject);
    const allowed = exporter?.exports.allowsStream(exported, {
      account: account.name,
      activation: wanted.activation,
      now: this.#context.clock.now(),
    }) ?? false;
    if (exporter === null || !allowed) return false;
    const local = subjectFromText(
      prefix === "" ? to || subject : `${prefix.replace(/\.$/, "")}.${subject}`,
    );
    try {
      const { random } = this.#context;
      const made = new StreamImport(exporter, exported, {
        importer: account,
        to: local,
        allowTrace,
      }, random);
      const isRefused = unchecked && (
        !isValidSubject(exported) || hasWildcard(subjectFromText(prefix)) ||
        others.some((one) =>
          one.exporter === exporter && one.exported === exported
        ) ||
        this.#formsCycle("stream", account, exporter, local) ||
        this.#formsCycle("stream", account, exporter, exported)
      );
      if (!isRefused) others.push(made);
      return !isRefused;
    } catch (error) {
      if (!(error instanceof SubjectTransformError)) throw error;
      return false;
    }
  }

  #formsCycle(
    kind: "service" | "stream",
    importer: Account,
    exporter: Account,
    subject: string,
  ): boolean {
    const problem = importCycle(this.#graph, kind, {
      exporter: exporter.name,
      importer: importer.name,
      subject,
    });
    return problem !== undefined;
  }

  /** The imports that are tied at present. */
  readonly #graph: ImportGraph = {
    imports: (name, kind) => {
      const account = this.#accounts.get(name);
      if (account === null) return [];
      return kind === "stream"
        ? (account.shadows?.imports ?? []).map((
          { exporter, exported, local },
        ) => ({ origin: exporter.name, exported, local }))
        : account.serviceImports.map(({ service, exported, subscription }) => ({
          origin: service.account.name,
          exported,
          local: subscription.subject,
        }));
    },
    exportsStream: (name, subject) =>
      this.#accounts.get(name)?.exports.coversStream(subject) ?? false,
  };
}

function isSame(a: AccountLinks, b: AccountLinks): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
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
