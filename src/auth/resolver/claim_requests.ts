/**
 * Requests of operators' tools and of other servers about account JWTs, free
 * of the subjects that they arrive on.
 *
 * @module
 */

import {
  type Claims,
  decodeGenericJwt,
  isPublicKey,
  JwtError,
  type MappingDestination,
  type TrustedOperator,
} from "../../config/mod.ts";
import type { Logger } from "../../log/mod.ts";
import { quoteText } from "../../log/mod.ts";
import type { Random } from "../../runtime/mod.ts";
import {
  subjectFromText,
  SubjectTransformError,
  validateMapping,
} from "../../subject/mod.ts";
import {
  type AccountClaims,
  decodeAccountClaims,
  validateAccountClaims,
} from "../claims/account_claims.ts";
import type { DirectoryResolver } from "./directory.ts";
import { ResolverError } from "./resolver.ts";

/** What a request led to. */
export interface ClaimAnswer {
  /** Empty when the request is not about one account. */
  readonly account: string;
  readonly ok: boolean;
  readonly text: string;
}

/** What requests need to know of the server. */
export interface ClaimRequestContext {
  readonly logger: Logger;
  readonly random: Random;
  /** The operator whose accounts these are. */
  readonly operator: TrustedOperator;
  /** Public key of the system account; empty: there is none. */
  readonly systemAccount: string;
  /** Whether the server uses the account. */
  isInUse(account: string): boolean;
}

/** Answers requests about the JWTs of a directory. */
export class ClaimRequests {
  readonly #resolver: DirectoryResolver;
  readonly #context: ClaimRequestContext;

  constructor(resolver: DirectoryResolver, context: ClaimRequestContext) {
    this.#resolver = resolver;
    this.#context = context;
  }

  /**
   * Takes a new JWT.
   * @param expected the account that the request names, if it names one
   */
  update(token: string, expected?: string): ClaimAnswer {
    const isCache = this.#resolver.isCache;
    const verb = isCache ? "jwt update cache" : "jwt update";
    const failed = (account: string, reason: string) =>
      this.#refuse(account, `${verb} resulted in error`, reason);
    let account: AccountClaims;
    try {
      account = decodeAccountClaims(token);
    } catch (error) {
      if (!(error instanceof JwtError)) throw error;
      return failed(isCache && expected || "n/a", error.message);
    }
    const { subject } = account.claims;
    const mismatch = expected !== undefined && subject !== expected;
    const misfit = mismatch
      ? "subject does not match jwt content"
      : this.#isSignedByOperator(account)
      ? "operator requires issuer to be a signing key"
      : undefined;
    // A request that names an account is read before it is compared.
    if (misfit !== undefined && (isCache || expected === undefined)) {
      return failed(expected ?? subject, misfit);
    }
    if (isCache && !this.#context.isInUse(subject)) {
      return this.#accept(subject, "jwt update cache skipped");
    }
    const problem = this.#problem(account);
    if (problem !== undefined) {
      const what = isCache ? "jwt update cache" : "jwt";
      return this.#refuse(subject, `${what} validation failed`, problem);
    }
    if (misfit !== undefined) return failed(expected ?? subject, misfit);
    try {
      this.#resolver.directory.save(subject, token);
    } catch (error) {
      if (!(error instanceof ResolverError)) throw error;
      return failed(subject, error.message);
    }
    return this.#accept(subject, isCache ? "jwt updated cache" : "jwt updated");
  }

  /** Deletes the accounts that a JWT of the operator, signed by itself, names. */
  delete(token: string): ClaimAnswer {
    let subject = "";
    let accounts: string[];
    try {
      const claims = decodeGenericJwt(token);
      subject = claims.subject;
      accounts = this.#accountsToDelete(claims);
    } catch (error) {
      const isBad = error instanceof JwtError || error instanceof ResolverError;
      if (!isBad) throw error;
      return this.#refuse(
        "",
        `delete accounts request by ${subject} failed`,
        error.message,
      );
    }
    const errors: string[] = [];
    for (const account of accounts) {
      try {
        this.#resolver.directory.delete(account);
      } catch (error) {
        if (!(error instanceof ResolverError)) throw error;
        errors.push(error.message);
      }
    }
    const passed = accounts.length - errors.length;
    const text = `deleted ${passed} accounts`;
    return errors.length === 0 ? this.#accept("", text) : this.#refuse(
      "",
      `${text}, failed for ${errors.length}`,
      errors.join("\n"),
    );
  }

  /** Keys of all accounts. */
  list(): string[] {
    return this.#resolver.directory.keys();
  }

  /** The JWT of an account; undefined when it is not here. @throws ResolverError */
  lookup(account: string): string | undefined {
    return this.#resolver.directory.load(account);
  }

  /** What another server with that hash lacks: `key|JWT` each. */
  pack(theirs: Uint8Array): string[] {
    const { directory } = this.#resolver;
    const ours = directory.hash;
    const same = theirs.length === ours.length &&
      ours.every((byte, i) => byte === theirs[i]);
    return same ? [] : directory.pack();
  }

  /** What is wrong with claims at whatever time, or undefined. */
  #problem(account: AccountClaims): string | undefined {
    const errors = validateAccountClaims(account, 0).all
      .filter(({ kind }) => kind === "error");
    if (errors.length > 0) {
      const list = errors.map(({ description }) => description).join(" ");
      return `validation errors: [${list}]`;
    }
    // What could not be installed later is refused right away.
    for (const [source, destinations] of account.mappings) {
      const reason = this.#mappingProblem(source, destinations);
      if (reason !== undefined) return `mapping ${quoteText(source)}${reason}`;
    }
    return undefined;
  }

  #mappingProblem(
    source: string,
    destinations: readonly MappingDestination[],
  ): string | undefined {
    const { random } = this.#context;
    const seen = new Set<string>();
    for (const { subject } of destinations) {
      if (seen.has(subject)) {
        return `: duplicate entry for ${quoteText(subject)}`;
      }
      seen.add(subject);
      try {
        validateMapping(
          subjectFromText(source),
          subjectFromText(subject),
          random,
        );
      } catch (error) {
        if (!(error instanceof SubjectTransformError)) throw error;
        return ` -> ${quoteText(subject)}: ${error.message}`;
      }
    }
    return undefined;
  }

  #isSignedByOperator({ claims: { issuer } }: AccountClaims): boolean {
    const { operator } = this.#context;
    return issuer === operator.subject && operator.strictSigningKeyUsage;
  }

  #accountsToDelete({ subject, issuer, body, nats }: Claims): string[] {
    const { operator, systemAccount } = this.#context;
    const refuse = (reason: string): never => {
      throw new ResolverError(reason);
    };
    if (!this.#resolver.deletes) {
      refuse("delete must be enabled in server config");
    }
    if (subject !== issuer) refuse("not self signed");
    const own = operator.strictSigningKeyUsage ? [] : [operator.subject];
    if (![...own, ...operator.signingKeys].includes(issuer)) {
      refuse("not trusted");
    }
    const list = nats.accounts ?? body.accounts;
    if (!Array.isArray(list)) return refuse("malformed request");
    return list.map((account: unknown) => {
      if (typeof account !== "string" || !isPublicKey(account, "account")) {
        return refuse("malformed request");
      }
      return account === systemAccount
        ? refuse("not allowed to delete system account")
        : account;
    });
  }

  #accept(account: string, text: string): ClaimAnswer {
    const { logger } = this.#context;
    logger.debug(account === "" ? text : `${text} - ${account}`);
    return { account, ok: true, text };
  }

  #refuse(account: string, text: string, reason: string): ClaimAnswer {
    const who = account === "" ? "" : ` - ${account}`;
    this.#context.logger.error(`${text}${who} - ${reason}`);
    return { account, ok: false, text: `${text} - ${reason}` };
  }
}
