/**
 * Authentication by an external service: it is asked who a client is, and
 * answers with the JWT of a user.
 *
 * @module
 */

import { type AuthCalloutOptions, JwtError } from "../../config/mod.ts";
import { CloseReason } from "../../connection/mod.ts";
import type { Logger } from "../../log/mod.ts";
import { quoteText } from "../../log/mod.ts";
import type { Clock, Random } from "../../runtime/mod.ts";
import type { UserPermissionLimits } from "../claims/permission_claims.ts";
import { type UserClaims, validateUserClaims } from "../claims/user_claims.ts";
import {
  type AuthRequest,
  type Identity,
  Refusal,
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
  namesTypes,
} from "../operator/user_rules.ts";
import { PROXY_REQUIRED } from "../proxies.ts";
import { encodeJwt } from "./encode.ts";
import { publicUserKey } from "./keys.ts";
import {
  CALLOUT_AUDIENCE,
  type CalloutRequest,
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
  /**
   * DER of the chains from a client's certificate to an authority; none when
   * certificates are not verified.
   */
  verifiedChains(request: AuthRequest): readonly (readonly Uint8Array[])[];
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

/** What came of asking. */
interface Consultation {
  readonly user: UserClaims;
  /** Key that the request was about. */
  readonly userKey: string;
}

/** JWTs begin like this; everything else is encrypted. */
const JWT_PREFIX = "eyJ";
/** What is encrypted begins like this, with a nonce behind. */
const SEAL_VERSION = "xkv1";
const SEAL_NONCE_BYTES = 24;

/** Asks services, those of the configuration and those of accounts. */
export class Callout {
  readonly #context: CalloutContext;

  constructor(context: CalloutContext) {
    this.#context = context;
  }

  /** Asks the service of the configuration. */
  askConfigured(
    options: AuthCalloutOptions,
    request: CalloutRequest,
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
              } for auth callout response ${on}: account missing`,
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
    request: CalloutRequest,
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
          const { issuer } = user.claims;
          if (home.scopeOf(issuer) === undefined) {
            throw new CalloutError(
              `user JWT issuer ${quoteText(issuer)} is not known`,
            );
          }
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
    request: CalloutRequest,
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
        return refusal(service, "");
      }
      return await this.#admit(user, service, request, facts);
    } catch (error) {
      const isRefusal = error instanceof CalloutError ||
        error instanceof JwtError;
      if (!isRefusal) throw error;
      const { message } = error;
      const text = message.charAt(0).toUpperCase() + message.slice(1);
      logger.warn(text);
      return refusal(
        service,
        text,
        error instanceof CalloutError ? error.reason : undefined,
      );
    }
  }

  /** What the service says of the client; null when it says nothing. */
  async #consult(
    { account, subject, xkey, signerProblem }: Service,
    request: CalloutRequest,
  ): Promise<Consultation | null> {
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
        chains: context.verifiedChains(request),
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
    const user = readResponse(text, {
      userKey,
      serverId: server.id,
      now: clock.now(),
      signerProblem: encrypted ? null : signerProblem,
    });
    return { user, userKey };
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
        }: nkeys: ${sealProblem(answer)}`,
      );
    }
    return { text: decoder.decode(opened), encrypted: true };
  }

  async #admit(
    { user, userKey }: Consultation,
    service: Service,
    { connect, connectionType, log, jwt: origin }: CalloutRequest,
    { proxy, required }: ProxyFacts,
  ): Promise<Verdict> {
    const { clock } = this.#context;
    const demandProxy = (demanded: boolean) => {
      if (!demanded || proxy !== "") return;
      throw new CalloutError(PROXY_REQUIRED, CloseReason.ProxyRequired);
    };
    demandProxy(required || user.limits.proxyRequired);
    const [issue] = validateUserClaims(user, clock.now()).all;
    if (issue !== undefined) {
      throw new CalloutError(`Error validating user JWT: ${issue.description}`);
    }
    if (user.claims.subject !== userKey) {
      throw new CalloutError(
        `Expected authorized user of ${quoteText(userKey)} but got ${
          quoteText(user.claims.subject)
        } on account ${quoteText(service.account)}`,
      );
    }
    const { home, limits } = await service.place(user);
    const on = `authorized user on account ${quoteText(service.account)}`;
    const until = admittedUntil(user, limits, clock);
    if (until === "never") {
      log.error("Outside connect times");
      throw new CalloutError(`${on} outside of valid connect times`);
    }
    if (!allowsType(limits, connectionType, log)) {
      const problem = namesTypes(limits)
        ? "not allowed to use"
        : "using invalid";
      throw new CalloutError(`${on} ${problem} connection type`);
    }
    demandProxy(limits.proxyRequired);
    const admitted = identityOf(user, limits, home, this.#context);
    const identity: Identity = {
      ...admitted,
      // Name for people and tags stay those of the JWT that led here, if one did.
      jwt: admitted.jwt && {
        ...admitted.jwt,
        name: origin?.name ?? "",
        tags: origin?.tags ?? [],
      },
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

/** Keeps a client out and tells the service's account why. */
function refusal(
  { account }: Service,
  text: string,
  reason: CloseReason = CloseReason.AuthenticationViolation,
): Refusal {
  return new Refusal(reason, { account, text });
}

/** Why an answer can't be decrypted. */
function sealProblem(answer: Uint8Array): string {
  if (answer.length <= SEAL_VERSION.length + SEAL_NONCE_BYTES) {
    return "encrypted input is not valid";
  }
  const version = String.fromCharCode(...answer.subarray(0, 4));
  return version === SEAL_VERSION
    ? "could not decrypt input"
    : "encrypted input wrong version";
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
