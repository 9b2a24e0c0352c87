/**
 * The accounts of trusted operators: looked up when somebody needs them, kept
 * up to date thereafter.
 *
 * @module
 */

import { formatDuration, isPublicKey, JwtError } from "../../config/mod.ts";
import type { Logger } from "../../log/mod.ts";
import type { Clock, Timer, Timers } from "../../runtime/mod.ts";
import {
  type AccountClaims,
  decodeAccountClaims,
  readAccountClaims,
  validateAccountClaims,
} from "../claims/account_claims.ts";
import { type AccountResolver, ResolverError } from "../resolver/resolver.ts";
import { ClaimedAccount } from "./claimed_account.ts";
import type { Trust } from "./trust.ts";

/** An account that can't be used. The message is for logs. */
export class AccountLookupError extends Error {
  override readonly name = "AccountLookupError";
}

/** Told what happens to accounts that are in use. */
export interface AccountListener {
  /**
   * The claims of an account are new; `previous` is undefined the first time.
   * @returns resolves when what follows from them is done
   */
  changed(
    account: ClaimedAccount,
    previous: ClaimedAccount | undefined,
  ): void | Promise<void>;
  /** The time of an account is over, or it was deleted: nobody may stay. */
  expired(account: ClaimedAccount): void;
  /** An account is known no longer. */
  forgotten(key: string): void;
}

/** What the accounts need of the server. */
export interface ClaimedAccountsContext {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
}

/** An expired account is not looked for more often than this, milliseconds. */
const REFRESH_MIN = 1000;
/** Time between two looks for the JWT of a bootstrapped account, milliseconds. */
const SEARCH_INTERVAL = 1000;
/** A fetch that takes longer is worth a warning, milliseconds. */
const SLOW_FETCH = 1000;

/** Keeps the accounts that were used since the server started. */
export class ClaimedAccounts {
  /** Users refused since their account is not among the pinned ones. */
  pinnedFailures = 0;
  readonly #trust: Trust;
  #resolver: AccountResolver | null;
  readonly #context: ClaimedAccountsContext;
  readonly #listener: AccountListener;
  readonly #accounts = new Map<string, ClaimedAccount>();
  readonly #expiries = new Map<string, Timer>();
  /** Looks for the JWT of a bootstrapped account. */
  #search: Timer | null = null;
  /** Lookups under way, so that many clients cause one fetch. */
  readonly #pending = new Map<string, Promise<ClaimedAccount>>();

  constructor(
    trust: Trust,
    resolver: AccountResolver | null,
    context: ClaimedAccountsContext,
    listener: AccountListener,
  ) {
    this.#trust = trust;
    this.#resolver = resolver;
    this.#context = context;
    this.#listener = listener;
  }

  get trust(): Trust {
    return this.#trust;
  }

  get resolver(): AccountResolver | null {
    return this.#resolver;
  }

  /** Looks accounts up elsewhere from now on; those in use stay. */
  lookIn(resolver: AccountResolver | null): void {
    this.#resolver?.close();
    this.#resolver = resolver;
  }

  /** The account, if it is in use. */
  get(key: string): ClaimedAccount | undefined {
    return this.#accounts.get(key);
  }

  [Symbol.iterator](): Iterator<ClaimedAccount> {
    return this.#accounts.values();
  }

  /**
   * The account, fetched if need be, as are those that it imports from.
   * @throws AccountLookupError
   */
  async lookup(key: string): Promise<ClaimedAccount> {
    const account = await this.#load(key);
    if (!account.settled) await this.#settle(account, new Set());
    if (account.following !== null) await account.following;
    return account;
  }

  #load(key: string): Promise<ClaimedAccount> {
    const pending = this.#pending.get(key);
    if (pending !== undefined) return pending;
    const lookup = this.#lookup(key).finally(() => this.#pending.delete(key));
    this.#pending.set(key, lookup);
    return lookup;
  }

  /** Waits for all accounts that imports lead to, whether they are found or not. */
  async #settle(account: ClaimedAccount, seen: Set<string>): Promise<void> {
    seen.add(account.key);
    await this.#loadExporters(account);
    const { exporters } = account;
    for (const key of exportersOf(account.claims)) {
      const exporter = this.#accounts.get(key);
      if (exporter === undefined || exporter.settled || seen.has(key)) continue;
      await this.#settle(exporter, seen);
    }
    // Newer claims may have come meanwhile.
    account.settled = exporters === account.exporters;
  }

  /** Fetches the accounts that an account imports from, once for its claims. */
  #loadExporters(account: ClaimedAccount): Promise<void> {
    return account.exporters ??= this.#fetchExporters(account.claims);
  }

  async #fetchExporters({ imports }: AccountClaims): Promise<void> {
    const { logger } = this.#context;
    for (const entry of imports) {
      if (entry === undefined || this.#accounts.has(entry.account)) continue;
      const { account, subject, kind } = entry;
      try {
        await this.#load(account);
      } catch (error) {
        if (!(error instanceof AccountLookupError)) throw error;
        logger.error(
          `Can't locate account [${account}] for import of [${subject}] ${kind} ` +
            `(err=${error.message})`,
        );
      }
    }
  }

  /**
   * Takes a JWT for an account in use.
   * @throws AccountLookupError when it is no valid JWT of the account
   */
  update(account: ClaimedAccount, token: string): void {
    const { logger } = this.#context;
    if (account.token === token && !account.expired) {
      logger.debug(
        `Requested account update for [${account.key}], same claims detected`,
      );
      return;
    }
    this.#apply(account, token, this.#verify(account.key, token));
  }

  /** Takes an account out of service, since its JWT was deleted. */
  disable(key: string): void {
    const account = this.#accounts.get(key);
    if (account === undefined) return;
    this.#context.logger.debug(`Disable account ${key} due to remove`);
    this.#expiries.get(key)?.cancel();
    this.#expiries.delete(key);
    this.#expire(account);
  }

  /** Forgets an account; it is looked up anew when somebody needs it. */
  forget(key: string): void {
    this.#expiries.get(key)?.cancel();
    this.#expiries.delete(key);
    if (this.#accounts.delete(key)) this.#listener.forgotten(key);
  }

  /**
   * Fetches the accounts in use anew, and forgets those that are gone or bad.
   * @returns why accounts were forgotten, by key
   */
  async refresh(): Promise<Map<string, string>> {
    const gone = new Map<string, string>();
    for (const account of [...this.#accounts.values()]) {
      const { key } = account;
      try {
        const token = await this.#fetch(key);
        const claims = this.#verify(key, token);
        if (token !== account.token) this.#apply(account, token, claims);
      } catch (error) {
        if (!(error instanceof AccountLookupError)) throw error;
        gone.set(key, error.message);
        this.forget(key);
      }
    }
    return gone;
  }

  /**
   * Has an account work that can't be found yet, for users whom its own key
   * vouches for, until its JWT arrives: those who bring it have to get in.
   */
  async bootstrap(key: string, issuer: string): Promise<void> {
    const resolver = this.#resolver;
    if (resolver === null) return;
    const found = await resolver.fetch(key).then(() => true, () => false);
    if (found) {
      const known = await this.lookup(key).then(() => true, () => false);
      if (known) return;
    }
    const { logger, timers } = this.#context;
    const account = new ClaimedAccount(key, "", unlimited(key, issuer), false);
    this.#accounts.set(key, account);
    this.#applied(account, undefined);
    logger.notice("Using bootstrapping system account");
    this.#search = timers.every(SEARCH_INTERVAL, () => {
      void this.#found(account, resolver).then((found) => {
        if (!found || this.#search === null) return;
        this.#search.cancel();
        this.#search = null;
        logger.notice("System account fetched and updated");
      });
    });
  }

  close(): void {
    this.#search?.cancel();
    this.#search = null;
    for (const timer of this.#expiries.values()) timer.cancel();
    this.#expiries.clear();
    this.#resolver?.close();
  }

  /** Whether the JWT of a bootstrapped account has arrived. */
  async #found(
    account: ClaimedAccount,
    resolver: AccountResolver,
  ): Promise<boolean> {
    try {
      this.update(account, await resolver.fetch(account.key));
      return true;
    } catch (error) {
      const isUsual = error instanceof ResolverError ||
        error instanceof AccountLookupError;
      if (!isUsual) throw error;
      return false;
    }
  }

  async #lookup(key: string): Promise<ClaimedAccount> {
    const known = this.#accounts.get(key);
    if (known !== undefined) {
      if (known.expired) await this.#renew(known);
      return known;
    }
    const token = await this.#fetch(key);
    const claims = this.#verify(key, token);
    const strict = this.#trust.isStrict(claims.claims.issuer);
    const account = new ClaimedAccount(key, token, claims, strict);
    this.#accounts.set(key, account);
    this.#applied(account, undefined);
    return account;
  }

  /** Looks whether there are newer claims for an account whose time is over. */
  async #renew(account: ClaimedAccount): Promise<void> {
    const { clock, logger } = this.#context;
    const { key } = account;
    logger.debug(`Requested account [${key}] has expired`);
    if (clock.now() - account.updated < REFRESH_MIN) {
      logger.debug(`Requested account update for [${key}] ignored, too soon`);
      throw new AccountLookupError("account expired");
    }
    try {
      this.update(account, await this.#fetch(key));
    } catch (error) {
      if (!(error instanceof AccountLookupError)) throw error;
      account.updated = clock.now();
      throw new AccountLookupError("account expired");
    }
  }

  async #fetch(key: string): Promise<string> {
    if (this.#resolver === null) {
      throw new AccountLookupError("account missing");
    }
    const { clock, logger } = this.#context;
    const start = clock.monotonic();
    let failure: string | undefined;
    let token = "";
    try {
      if (!isPublicKey(key, "account")) {
        throw new ResolverError("will only fetch valid account keys");
      }
      token = await this.#resolver.fetch(key);
    } catch (error) {
      if (!(error instanceof ResolverError)) throw error;
      failure = error.message;
    }
    const took = clock.monotonic() - start;
    const text = `Account [${key}] fetch took ${formatDuration(took)}`;
    if (took > SLOW_FETCH) logger.warn(text);
    else logger.debug(text);
    if (failure === undefined) return token;
    logger.warn(`Account fetch failed: ${failure}`);
    throw new AccountLookupError(failure);
  }

  #verify(key: string, token: string): AccountClaims {
    let claims: AccountClaims;
    try {
      claims = decodeAccountClaims(token);
    } catch (error) {
      if (!(error instanceof JwtError)) throw error;
      throw new AccountLookupError(error.message);
    }
    const issues = validateAccountClaims(claims, this.#context.clock.now());
    const { issuer, subject } = claims.claims;
    if (
      !this.#trust.includes(issuer) || issues.isBlocking() || subject !== key
    ) throw new AccountLookupError("account validation failed");
    return claims;
  }

  #apply(account: ClaimedAccount, token: string, claims: AccountClaims): void {
    const { key } = account;
    const wasStrict = this.#trust.isStrict(account.issuer);
    const previous = new ClaimedAccount(
      key,
      account.token,
      account.claims,
      wasStrict,
    );
    const strict = this.#trust.isStrict(claims.claims.issuer);
    account.replace(token, claims, strict);
    this.#applied(account, previous);
  }

  #applied(
    account: ClaimedAccount,
    previous: ClaimedAccount | undefined,
  ): void {
    const { clock, logger } = this.#context;
    logger.debug(`Updating account claims: ${account.key}/${account.title}`);
    account.updated = clock.now();
    account.expired = false;
    this.#watchExpiry(account);
    account.following = this.#listener.changed(account, previous) ?? null;
    // Who connects waits for this; updates come without anybody waiting.
    void this.#loadExporters(account);
  }

  #watchExpiry(account: ClaimedAccount): void {
    const { clock, timers } = this.#context;
    this.#expiries.get(account.key)?.cancel();
    this.#expiries.delete(account.key);
    const { expires } = account.claims.claims;
    if (expires === 0) return;
    const delay = expires * 1000 - clock.now();
    if (delay <= 0) {
      account.expired = true;
      return;
    }
    this.#expiries.set(
      account.key,
      timers.after(delay, () => {
        // The wall clock may have been set back meanwhile.
        if (clock.now() < expires * 1000) this.#watchExpiry(account);
        else this.#expire(account);
      }),
    );
  }

  #expire(account: ClaimedAccount): void {
    account.expired = true;
    this.#listener.expired(account);
  }
}

function exportersOf({ imports }: AccountClaims): Set<string> {
  return new Set(imports.flatMap((entry) => entry?.account ?? []));
}

/** Claims of an account that has no JWT yet. */
function unlimited(key: string, issuer: string): AccountClaims {
  return readAccountClaims({
    kind: "account",
    version: 2,
    issuer,
    subject: key,
    audience: "",
    name: "",
    id: "",
    issuedAt: 0,
    notBefore: 0,
    expires: 0,
    body: {},
    nats: {
      limits: {
        conn: -1,
        leaf: -1,
        subs: -1,
        payload: -1,
        data: -1,
        imports: -1,
        exports: -1,
        wildcards: true,
      },
    },
  });
}
