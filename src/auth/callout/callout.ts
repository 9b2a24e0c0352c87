/**
 * Authentication by an external service: it is asked who a client is, and
 * answers with the JWT of a user.
 *
 * @module
 */

import { type AuthCalloutOptions, JwtError } from "../../config/mod.ts";
import type { Logger } from "../../log/mod.ts";
import { quoteText } from "../../log/mod.ts";
import type { Clock, Random } from "../../runtime/mod.ts";
import type { UserPermissionLimits } from "../claims/permission_claims.ts";
import { type UserClaims, validateUserClaims } from "../claims/user_claims.ts";
import {
  type AuthRequest,
  type Identity,
  NOT_AUTHENTICATED,
  type Verdict,
} from "../identity.ts";
import type { ClaimedAccount } from "../operator/claimed_account.ts";
import {
  AccountLookupError,
  type ClaimedAccounts,
} from "../operator/claimed_accounts.ts";
import {
  admittedUntil,
  allowsType,
  type Home,
  identityOf,
  limitsOf,
} from "../operator/user_rules.ts";
import { demandProxy } from "../proxies.ts";
import { encodeJwt } from "./encode.ts";
import { publicUserKey } from "./keys.ts";
import {
  CALLOUT_AUDIENCE,
  requestClaims,
  type ServerIdentity,
} from "./request.ts";
import { CalloutError, readResponse } from "./response.ts";

/** What the callout needs of its server. */
export interface CalloutContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Milliseconds that the service has to answer. */
  readonly authTimeout: number;
  /** Whether client certificates are verified. */
  readonly verifiesCertificates: boolean;
  /** What the service is told of the server. */
  serverIdentity(): ServerIdentity;
  /** Signs with the key that is the server's id. */
  sign(message: Uint8Array): Uint8Array;
  /** The server's curve key. */
  readonly xkey: string;
  /** Encrypts for the holder of a public curve key. */
  seal(message: Uint8Array, recipient: string): Uint8Array;
  /** Decrypts what that holder sent; null when it did not. */
  open(message: Uint8Array, sender: string): Uint8Array | null;
  hasAccount(name: string): boolean;
  /**
   * Publishes the request in `account`.
   * @param xkey goes into the header; empty: no header
   * @returns the answer, or null when none came in time
   */
  request(
    account: string,
    payload: Uint8Array,
    xkey: string,
  ): Promise<Uint8Array | null>;
}

/** What is known of the client's proxy. */
export interface ProxyFacts {
  /** Key of the trusted proxy, or empty. */
  readonly proxy: string;
  /** Whether the client has to come through one. */
  readonly required: boolean;
}

/** A service and its rules. */
interface Service {
  /** Account that it works in. */
  readonly account: string;
  /** Whom requests are about. */
  readonly subject: string;
  /** Its public curve key; empty: no encryption. */
  readonly xkey: string;
  signerProblem(issuer: string, issuerAccount: string): string | undefined;
  /** The account and limits of a user. @throws CalloutError */
  place(
    user: UserClaims,
  ): Placement | Promise<Placement>;
}

interface Placement {
  readonly home: Home;
  readonly limits: UserPermissionLimits;
}

/** JWTs begin like this; everything else is encrypted. */
const JWT_PREFIX = "eyJ";

/** Asks services, those of the configuration and those of accounts. */
export class Callout {
  readonly #context: CalloutContext;

  constructor(context: CalloutContext) {
    this.#context = context;
  }

  /** Asks the service of the configuration. */
  askConfigured(
    options: AuthCalloutOptions,
    request: AuthRequest,
    proxy: ProxyFacts,
  ): Promise<Verdict> {
    const { account, issuer, xkey } = options;
    const on = `on account ${quoteText(account)}`;
    return this.#ask(
      {
        account,
        subject: issuer,
        xkey,
        signerProblem: (signer) =>
          signer === issuer ? undefined : "auth callout signing key is unknown",
        place: ({ claims, issuerAccount, limits }) => {
          if (issuerAccount !== "") {
            throw new CalloutError(
              `error non operator mode account ${
                quoteText(account)
              }: attempted to use issuer_account`,
            );
          }
          if (claims.issuer !== issuer) {
            throw new CalloutError(
              `wrong issuer for auth callout response ${on}, expected ${
                quoteText(issuer)
              } got ${quoteText(claims.issuer)}`,
            );
          }
          const key = claims.audience;
          if (!this.#context.hasAccount(key)) {
            throw new CalloutError(
              `no valid account ${
                quoteText(key)
              } for auth callout response ${on}`,
            );
          }
          return { home: { key, defaultPermissions: undefined }, limits };
        },
      },
      request,
      proxy,
    );
  }

  /** Asks the service of an operator's account. */
  askAccount(
    account: ClaimedAccount,
    accounts: ClaimedAccounts,
    request: AuthRequest,
    proxy: ProxyFacts,
  ): Promise<Verdict> {
    const { key } = account;
    return this.#ask(
      {
        account: key,
        subject: key,
        xkey: account.externalAuthorization?.xkey ?? "",
        signerProblem: (signer, issuerAccount) => {
          if (issuerAccount !== "" && issuerAccount !== key) {
            return `auth callout response issuer account ${
              quoteText(issuerAccount)
            } is not the callout account`;
          }
          return signer === key || account.scopeOf(signer) !== undefined
            ? undefined
            : "auth callout signing key is unknown";
        },
        place: async (user) => {
          const home = await homeOf(user, account, accounts);
          const limits = limitsOf(user, home);
          if (typeof limits === "string") throw new CalloutError(limits);
          return { home, limits };
        },
      },
      request,
      proxy,
    );
  }

  async #ask(
    service: Service,
    request: AuthRequest,
    facts: ProxyFacts,
  ): Promise<Verdict> {
    const { logger } = this.#context;
    try {
      const user = await this.#consult(service, request);
      if (user === null) {
        logger.debug(
          "Authorization callout response not received in time on account " +
            quoteText(service.account),
        );
        return NOT_AUTHENTICATED;
      }
      return await this.#admit(user, service, request, facts);
    } catch (error) {
      const isRefusal = error instanceof CalloutError ||
        error instanceof JwtError;
      if (!isRefusal) throw error;
      const { message } = error;
      logger.warn(message.charAt(0).toUpperCase() + message.slice(1));
      return NOT_AUTHENTICATED;
    }
  }

  /** What the service says of the client; null when it says nothing. */
  async #consult(
    { account, subject, xkey, signerProblem }: Service,
    request: AuthRequest,
  ): Promise<UserClaims | null> {
    const context = this.#context;
    const { clock, authTimeout } = context;
    const userKey = publicUserKey(context.random);
    const server = context.serverIdentity();
    const now = clock.now();
    const own = xkey === "" ? "" : context.xkey;
    const token = encodeJwt(
      {
        aud: CALLOUT_AUDIENCE,
        exp: Math.floor((now + authTimeout) / 1000),
        iat: Math.floor(now / 1000),
        iss: server.id,
        sub: subject,
      },
      requestClaims(request, {
        server,
        userKey,
        xkey: own,
        verified: context.verifiesCertificates,
      }),
      (message) => context.sign(message),
    );
    const plain = new TextEncoder().encode(token);
    const payload = xkey === "" ? plain : context.seal(plain, xkey);
    const answer = await context.request(account, payload, own);
    if (answer === null) return null;
    if (answer.length === 0) {
      throw new CalloutError(
        `auth callout violation: "no reason supplied" on account ${
          quoteText(account)
        }`,
      );
    }
    const { text, encrypted } = this.#decrypt(answer, xkey, account);
    return readResponse(text, {
      userKey,
      serverId: server.id,
      now: clock.now(),
      signerProblem: encrypted ? null : signerProblem,
    });
  }

  #decrypt(
    answer: Uint8Array,
    xkey: string,
    account: string,
  ): { text: string; encrypted: boolean } {
    const decoder = new TextDecoder();
    const text = decoder.decode(answer);
    if (xkey === "" || text.startsWith(JWT_PREFIX)) {
      return { text, encrypted: false };
    }
    const opened = this.#context.open(answer, xkey);
    if (opened === null) {
      throw new CalloutError(
        `error decrypting auth callout response on account ${
          quoteText(account)
        }`,
      );
    }
    return { text: decoder.decode(opened), encrypted: true };
  }

  async #admit(
    user: UserClaims,
    service: Service,
    { connect, connectionType, log }: AuthRequest,
    { proxy, required }: ProxyFacts,
  ): Promise<Verdict> {
    const { clock } = this.#context;
    const lacksProxy = (demanded: boolean) => demanded && proxy === "";
    if (lacksProxy(required || user.limits.proxyRequired)) {
      return demandProxy(log);
    }
    const [issue] = validateUserClaims(user, clock.now()).all;
    if (issue !== undefined) {
      throw new CalloutError(`Error validating user JWT: ${issue.description}`);
    }
    const { home, limits } = await service.place(user);
    const on = `authorized user on account ${quoteText(service.account)}`;
    const until = admittedUntil(user, limits, clock);
    if (until === "never") {
      log.error("Outside connect times");
      throw new CalloutError(`${on} outside of valid connect times`);
    }
    if (!allowsType(limits, connectionType, log)) {
      throw new CalloutError(`${on} not allowed to use connection type`);
    }
    if (lacksProxy(limits.proxyRequired)) return demandProxy(log);
    const identity: Identity = {
      ...identityOf(user, limits, home, this.#context),
      expires: until,
      proxy,
    };
    // The JWT that led here is not the user's, and the name may be another.
    connect.jwt = "";
    const { name } = user.claims;
    if (name === "") return identity;
    connect.user = name;
    connect.nkey = "";
    connect.auth_token = "";
    return { ...identity, user: name };
  }
}

/** The account that a service assigns a user to. @throws CalloutError */
async function homeOf(
  { claims, issuerAccount }: UserClaims,
  account: ClaimedAccount,
  accounts: ClaimedAccounts,
): Promise<ClaimedAccount> {
  const key = issuerAccount || claims.issuer;
  const allowed = account.externalAuthorization?.allowedAccounts ?? [];
  const isAllowed = key === account.key || allowed.includes(key) ||
    (allowed.length === 1 && allowed[0] === "*");
  if (!isAllowed) {
    throw new CalloutError(
      `account ${quoteText(claims.issuer)} not permitted as valid account ` +
        `option for auth callout for account ${quoteText(account.key)}`,
    );
  }
  try {
    return await accounts.lookup(key);
  } catch (error) {
    if (!(error instanceof AccountLookupError)) throw error;
    throw new CalloutError(
      `no valid account ${
        quoteText(key)
      } for auth callout response on account ${
        quoteText(account.key)
      }: ${error.message}`,
    );
  }
}
