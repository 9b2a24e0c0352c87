/**
 * All accounts of a server.
 *
 * @module
 */

import type {
  AccountLimits,
  AccountOptions,
  Options,
  SubjectMapping,
} from "../config/mod.ts";
import {
  isValidPublishSubject,
  subjectFromText,
  SubjectTransformError,
} from "../subject/mod.ts";
import {
  Account,
  GLOBAL_ACCOUNT,
  SYSTEM_ACCOUNT,
  type TieredLimits,
  type TraceSampling,
  UNLIMITED,
} from "./account.ts";
import type { AccountContext } from "./context.ts";
import { Exchange, type ReplyTarget } from "./exchange.ts";
import { type AccountLinks, type ImportState, Links } from "./links.ts";
import type { PendingResponse } from "./responses.ts";
import { MappingError, SubjectMappings } from "./mappings.ts";
import { defaultDomainMappings, domainMappings } from "./domain_mappings.ts";
import { withSystemLinks } from "./system_links.ts";

/** The options that decide which accounts there are. */
export type RegistryOptions = Pick<
  Options,
  | "accounts"
  | "mappings"
  | "systemAccount"
  | "noSystemAccount"
  | "disableSublistCache"
  | "defaultJsDomain"
  | "jetstream"
  | "trustedKeys"
  | "trustedOperators"
>;

/** Which messages of an account are traced without asking for it themselves. */
export interface AccountTrace {
  /** Text; empty: none. */
  readonly destination: string;
  /** Percent; all when it is none from 1 to 100. */
  readonly sampling: number;
}

/** What an account's JWT says of it. */
export interface AccountClaim {
  readonly title: string;
  readonly limits: AccountLimits;
  /** Null: no JetStream. */
  readonly jetstreamLimits: TieredLimits | null;
  readonly mappings: readonly SubjectMapping[];
  readonly links: AccountLinks;
  readonly trace: AccountTrace | undefined;
  /** Told of mappings that are none. */
  reject(source: string, reason: string): void;
}

const NO_LINKS: AccountLinks = { exports: [], imports: [] };

/** Keeps accounts by name; they keep their identity when options change. */
export class Accounts {
  readonly #accounts = new Map<string, Account>();
  /** Accounts that JWTs, and not the options, tell of. */
  readonly #claimed = new Set<string>();
  readonly #context: AccountContext;
  readonly #exchange: Exchange;
  readonly #links: Links;
  #options: RegistryOptions;
  readonly #global: Account;
  #system: Account | null = null;

  constructor(options: RegistryOptions, context: AccountContext) {
    this.#context = context;
    this.#exchange = new Exchange(context, () => this.#system);
    this.#links = new Links(this, this.#exchange, context);
    this.#options = options;
    this.#global = this.#create(GLOBAL_ACCOUNT, options);
    this.configure(options);
  }

  /** The account of users that are in no other. */
  get global(): Account {
    return this.#global;
  }

  /** The server's own account, if it has one. */
  get system(): Account | null {
    return this.#system;
  }

  /** The account of that name; undefined names the global account. */
  get(name: string | undefined): Account | null {
    return this.#accounts.get(name ?? GLOBAL_ACCOUNT) ?? null;
  }

  [Symbol.iterator](): Iterator<Account> {
    return this.#accounts.values();
  }

  /**
   * Makes accounts what the options say.
   * @returns accounts that are no longer there
   */
  configure(options: RegistryOptions): Account[] {
    const wanted = new Map<string, AccountOptions | null>([
      [GLOBAL_ACCOUNT, null],
      ...options.accounts.map((account) => [account.name, account] as const),
    ]);
    const systemName = options.systemAccount || SYSTEM_ACCOUNT;
    if (!options.noSystemAccount && !wanted.has(systemName)) {
      wanted.set(systemName, null);
    }
    this.#options = options;
    for (const [name, account] of wanted) {
      if (this.#claimed.has(name)) continue;
      const present = this.#accounts.get(name) ?? this.#create(name, options);
      present.limits = account?.limits ?? UNLIMITED;
      present.jetstreamLimits = account?.jetstream === undefined
        ? null
        : new Map([["", account.jetstream]]);
      present.traces = sampled(
        account && {
          destination: account.traceDestination,
          sampling: account.traceSampling,
        },
      );
      const mappings = name === GLOBAL_ACCOUNT
        ? [...options.mappings, ...account?.mappings ?? []]
        : account?.mappings ?? [];
      this.#map(present, mappings);
    }
    const removed = [...this.#accounts.values()]
      .filter(({ name }) => !wanted.has(name) && !this.#claimed.has(name));
    this.#system = hasSystemAccount(options)
      ? this.#accounts.get(systemName) ?? null
      : null;
    for (const account of removed) this.#remove(account);
    this.#link(options.accounts);
    return removed;
  }

  /** Responses that the services of an account owe; for monitoring. */
  pendingResponses(account: Account): Iterable<PendingResponse> {
    return this.#exchange.pendingIn(account);
  }

  /** Where what is sent to `subject` in `account` arrives in the end. */
  replyTarget(account: Account, subject: string): ReplyTarget {
    return this.#exchange.replyTarget(account, subject);
  }

  /** Waits for no responses any more. */
  close(): void {
    this.#exchange.close();
    this.#links.close();
  }

  /** Makes an account what its JWT says; there may have been none so far. */
  claim(name: string, claim: AccountClaim): Account {
    const account = this.#accounts.get(name) ??
      this.#create(name, this.#options);
    this.#claimed.add(name);
    account.title = claim.title;
    account.limits = claim.limits;
    account.jetstreamLimits = claim.jetstreamLimits;
    account.traces = sampled(claim.trace ?? null);
    this.#map(account, claim.mappings, claim.reject);
    this.#links.set([[name, this.#withSystemLinks(name, claim.links)]]);
    return account;
  }

  /** Removes an account that a JWT told of. */
  disclaim(name: string): void {
    const account = this.#accounts.get(name);
    if (account === undefined || !this.#claimed.delete(name)) return;
    // The system account has to stay, and what the server asks of it.
    if (account !== this.#system) this.#remove(account);
  }

  #remove(account: Account): void {
    this.#accounts.delete(account.name);
    this.#links.delete(account);
    this.#exchange.forget(account);
  }

  /** What became of the imports in `links`, in their order. */
  importStates(name: string): readonly ImportState[] {
    return this.#links.statesOf(name);
  }

  /** What an account exports and imports, the links that every server adds included. */
  links(name: string): AccountLinks {
    return this.#links.of(name);
  }

  /** Ties exports and imports that changed anew. */
  #link(accounts: readonly AccountOptions[]): void {
    const configured = new Map(
      accounts.map((
        { name, exports, imports },
      ) => [name, { exports, imports }]),
    );
    const names = [...this.#accounts.keys()]
      .filter((name) => !this.#claimed.has(name));
    this.#links.set(
      names.map((
        name,
      ) => [name, this.#withSystemLinks(name, configured.get(name))]),
    );
  }

  #withSystemLinks(name: string, links: AccountLinks = NO_LINKS): AccountLinks {
    return this.#system === null ? links : withSystemLinks(name, links, {
      system: this.#system.name,
      jetstream: this.#options.jetstream.enabled,
    });
  }

  #create(name: string, options: RegistryOptions): Account {
    const account = new Account(name, {
      cache: !options.disableSublistCache,
      seed: this.#context.random.below(2 ** 31),
    });
    this.#accounts.set(name, account);
    return account;
  }

  /** Those by which JetStream's API is asked under the name of a domain. */
  #domainMappings(
    { name, jetstreamLimits }: Account,
    own: readonly SubjectMapping[],
  ): SubjectMapping[] {
    const { jetstream, systemAccount, defaultJsDomain } = this.#options;
    const { enabled, domain } = jetstream;
    const isSystem = name === (systemAccount || SYSTEM_ACCOUNT);
    const elsewhere = defaultJsDomain.get(name) ?? "";
    const all = [
      ...(elsewhere === "" || jetstreamLimits !== null
        ? []
        : defaultDomainMappings(elsewhere)),
      ...(enabled && domain !== "" ? domainMappings(domain, isSystem) : []),
    ];
    const taken = new Set(own.map(({ source }) => source));
    return all.filter(({ source }) => !taken.has(source));
  }

  #map(
    account: Account,
    mappings: readonly SubjectMapping[],
    reject?: AccountClaim["reject"],
  ): void {
    account.mappings = null;
    const all = [...mappings, ...this.#domainMappings(account, mappings)];
    if (all.length === 0) return;
    account.mappings = new SubjectMappings({
      random: this.#context.random,
      clusterName: () => "",
      seed: this.#context.random.below(2 ** 31),
    });
    for (const { source, destinations } of all) {
      try {
        account.mappings.add(
          subjectFromText(source),
          destinations.map((destination) => ({
            ...destination,
            subject: subjectFromText(destination.subject),
          })),
        );
      } catch (error) {
        const isBad = error instanceof MappingError ||
          error instanceof SubjectTransformError;
        if (!isBad || reject === undefined) throw error;
        reject(source, error.message);
      }
    }
  }
}

/** Where accounts need JWTs, `$SYS` has none, and the server no account. */
function hasSystemAccount(options: RegistryOptions): boolean {
  const needJwts = options.trustedKeys.length > 0 ||
    options.trustedOperators.length > 0;
  return !options.noSystemAccount &&
    (options.systemAccount !== "" || !needJwts);
}

function sampled(
  trace: AccountTrace | null,
): TraceSampling | null {
  const destination = subjectFromText(trace?.destination ?? "");
  if (trace === null || !isValidPublishSubject(destination)) return null;
  const { sampling } = trace;
  return {
    destination,
    percent: sampling > 0 && sampling <= 100 ? sampling : 100,
  };
}
