/**
 * Requests about account JWTs in the system account, of operators' tools and
 * of other servers:
 *
 * - `$SYS.REQ.ACCOUNT.<account>.CLAIMS.UPDATE`, of old
 *   `$SYS.ACCOUNT.<account>.CLAIMS.UPDATE`, and `$SYS.REQ.CLAIMS.UPDATE` bring a
 *   JWT, `$SYS.REQ.CLAIMS.DELETE` takes some away.
 * - `$SYS.REQ.CLAIMS.LIST` asks for the keys of all accounts,
 *   `$SYS.REQ.ACCOUNT.<account>.CLAIMS.LOOKUP` for one JWT.
 * - `$SYS.REQ.CLAIMS.PACK` brings the hash of another server's directory, and
 *   asks for all JWTs if it differs: one `key|JWT` a message, an empty one last.
 *
 * @module
 */

import {
  type ClaimAnswer,
  ClaimRequests,
  DirectoryResolver,
  ResolverError,
} from "../auth/mod.ts";
import { subjectToText, tokenAt } from "../subject/mod.ts";
import { updateAccount } from "./claim_update.ts";
import type { EventServer } from "./event_server.ts";
import type { Publisher } from "./publisher.ts";
import { RemoteJwts } from "./remote_jwts.ts";
import type { MessageHandler, ReceivedMessage } from "./system_client.ts";

const PACK = "$SYS.REQ.CLAIMS.PACK";
/** Of several servers, one answers. */
const PACK_GROUP = "responder";

/** Subjects of updates that name the account, and the token that does. */
const UPDATES = [
  ["$SYS.ACCOUNT.*.CLAIMS.UPDATE", 3],
  ["$SYS.REQ.ACCOUNT.*.CLAIMS.UPDATE", 4],
] as const;
const LOOKUP_TOKEN = 4;

/** Belongs to one server; silent without a system account. */
export class ClaimDesk {
  readonly #server: EventServer;
  readonly #publisher: Publisher;
  #remote: RemoteJwts | null = null;

  constructor(server: EventServer, publisher: Publisher) {
    this.#server = server;
    this.#publisher = publisher;
  }

  start(): void {
    const resolver = this.#server.claimedAccounts?.resolver ?? null;
    const [operator] = this.#server.options.trustedOperators;
    if (!(resolver instanceof DirectoryResolver) || operator === undefined) {
      this.#onUpdate((token, account) =>
        updateAccount(this.#server, token, account)
      );
      return;
    }
    const requests = new ClaimRequests(resolver, {
      logger: this.#server.logger,
      random: this.#server.random,
      operator,
      systemAccount: this.#server.accounts.system?.name ?? "",
      isInUse: (account) => this.#server.accounts.get(account) !== null,
    });
    this.#onUpdate((token, account) => requests.update(token, account));
    this.#on("$SYS.REQ.CLAIMS.UPDATE", ({ reply, body }) => {
      void this.#answer(reply, requests.update(textOf(body)));
    });
    this.#on("$SYS.REQ.CLAIMS.DELETE", ({ reply, body }) => {
      void this.#answer(reply, requests.delete(textOf(body)));
    });
    this.#on("$SYS.REQ.CLAIMS.LIST", ({ reply }) => {
      void this.#publisher.answer(reply, {
        data: requests.list(),
        server: this.#publisher.header(),
      });
    });
    this.#remote = new RemoteJwts(this.#server, this.#publisher.client);
    resolver.remote = (account, timeout) =>
      this.#remote?.fetch(account, timeout) ?? Promise.resolve("");
    if (resolver.isCache) return;
    this.#on(
      "$SYS.REQ.ACCOUNT.*.CLAIMS.LOOKUP",
      (message) => this.#lookUp(message, requests),
    );
    this.#on(PACK, (message) => this.#pack(message, requests), PACK_GROUP);
    this.#remote.synchronise(resolver, PACK);
  }

  stop(): void {
    this.#remote?.close();
  }

  #onUpdate(update: (token: string, account: string) => ClaimAnswer): void {
    for (const [subject, token] of UPDATES) {
      this.#on(subject, (message) => {
        const account = subjectToText(tokenAt(message.subject, token));
        void this.#answer(message.reply, update(textOf(message.body), account));
      });
    }
  }

  #lookUp({ subject, reply }: ReceivedMessage, requests: ClaimRequests): void {
    if (reply === "") return;
    const account = subjectToText(tokenAt(subject, LOOKUP_TOKEN));
    const { logger } = this.#server;
    let token: string | undefined;
    try {
      token = requests.lookup(account);
    } catch (error) {
      if (!(error instanceof ResolverError)) throw error;
      logger.error(
        `DirResolver - Error looking up account "${account}": ${error.message}`,
      );
      return;
    }
    if (token === undefined) {
      logger.debug(`DirResolver - Could not find account "${account}"`);
    }
    // An empty answer tells others that the JWT is not here.
    this.#reply(reply, token ?? "");
  }

  #pack({ reply, body }: ReceivedMessage, requests: ClaimRequests): void {
    if (reply === "") return;
    for (const line of requests.pack(body)) this.#reply(reply, line);
    this.#reply(reply, "");
  }

  #reply(subject: string, text: string): void {
    const { system } = this.#server.accounts;
    if (system === null) return;
    const body = new TextEncoder().encode(text);
    this.#publisher.client.publish({ account: system, subject, body });
  }

  #answer(reply: string, { account, ok, text }: ClaimAnswer): Promise<void> {
    const named = account === "" ? {} : { account };
    return this.#publisher.answer(reply, {
      server: this.#publisher.header(),
      ...(ok
        ? { data: { ...named, code: 200, message: text } }
        : { error: { ...named, code: 500, description: text } }),
    });
  }

  /** Bad requests of operators are answered; what fails here is a mistake of ours. */
  #on(subject: string, handle: MessageHandler, queue?: string): void {
    const { accounts, logger } = this.#server;
    if (accounts.system === null) return;
    this.#publisher.client.subscribe(accounts.system, subject, (message) => {
      try {
        handle(message);
      } catch (error) {
        logger.error(`Error answering ${subjectToText(subject)}: ${error}`);
      }
    }, queue);
  }
}

function textOf(body: Uint8Array): string {
  return new TextDecoder().decode(body);
}
