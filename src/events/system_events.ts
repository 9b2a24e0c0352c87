/**
 * The server's part in the system account.
 *
 * @module
 */

import type { Account } from "../account/mod.ts";
import type { Refusal } from "../auth/mod.ts";
import type { ClientSession } from "../client/mod.ts";
import type { MessageTrace } from "../protocol/mod.ts";
import { subjectToText, tokenAt } from "../subject/mod.ts";
import { ACCOUNT_REQUESTS, ACCOUNTS_STATZ } from "./account_requests.ts";
import { AccountConnections } from "./advisories/account_connections.ts";
import { adviseAuthError } from "./advisories/auth_error.ts";
import { adviseConnect } from "./advisories/connect.ts";
import { adviseDisconnect } from "./advisories/disconnect.ts";
import {
  adviseOcspLinkInvalid,
  adviseOcspRejection,
} from "./advisories/ocsp_peer.ts";
import { ClaimDesk } from "./claim_desk.ts";
import { controlRequests } from "./control_requests.ts";
import {
  answerSubscriberCount,
  answerSubscribers,
} from "./debug_subscribers.ts";
import type { EventServer, ServerControl } from "./event_server.ts";
import { MONITOR_REQUESTS } from "./monitor_requests.ts";
import { publishTrace } from "./message_trace.ts";
import { Publisher } from "./publisher.ts";
import { answerRequest, type RequestDefinition } from "./request.ts";
import { Statsz } from "./statsz.ts";
import {
  type MessageHandler,
  type ReceivedMessage,
  SystemClient,
} from "./system_client.ts";
import { answerUserInfo } from "./user_info.ts";

/** Of `$SYS.REQ.ACCOUNT.<account>.<name>`, the token with the account. */
const ACCOUNT_TOKEN = 4;

/** Answers requests and publishes advisories; silent without a system account. */
export class SystemEvents {
  readonly #server: EventServer;
  readonly #control: ServerControl;
  readonly #client: SystemClient;
  readonly #publisher: Publisher;
  readonly #statsz: Statsz;
  readonly #connections: AccountConnections;
  readonly #claims: ClaimDesk;

  constructor(server: EventServer, control: ServerControl) {
    this.#server = server;
    this.#control = control;
    this.#client = new SystemClient(server);
    this.#publisher = new Publisher(server, this.#client);
    this.#statsz = new Statsz(server, this.#publisher);
    this.#connections = new AccountConnections(server, this.#publisher);
    this.#claims = new ClaimDesk(server, this.#publisher);
  }

  /** Begins to listen and to tell. */
  start(): void {
    if (this.#server.accounts.system === null) return;
    const { id } = this.#server;
    const direct = `$SYS.REQ.SERVER.${id}`;
    const ping = "$SYS.REQ.SERVER.PING";
    for (const [name, definition] of MONITOR_REQUESTS) {
      this.#answer(`${direct}.${name}`, definition);
      this.#answer(`${ping}.${name}`, definition);
    }
    for (const [name, definition] of controlRequests(this.#control)) {
      this.#answer(`${direct}.${name}`, definition);
    }
    for (const [name, definition] of ACCOUNT_REQUESTS) {
      this.#answer(`$SYS.REQ.ACCOUNT.*.${name}`, definition, accountOf);
    }
    this.#answer("$SYS.REQ.ACCOUNT.PING.STATZ", ACCOUNTS_STATZ);
    for (const subject of [direct, ping]) {
      this.#on(`${subject}.STATSZ`, (message) => this.#statsz.answer(message));
      this.#on(`${subject}.IDZ`, (message) => this.#identify(message));
    }
    this.#on(ping, (message) => this.#statsz.answer(message));
    this.#on(
      "$SYS.REQ.ACCOUNT.*.CONNS",
      (message) => this.#connections.answer(message, accountOf(message)),
    );
    this.#on(
      "$SYS.REQ.USER.*.INFO",
      (message) => answerUserInfo(this.#server, this.#publisher, message),
    );
    this.#on(
      "$SYS.DEBUG.SUBSCRIBERS",
      (message) => answerSubscribers(this.#server, this.#publisher, message),
    );
    this.#on(
      "$SYS.REQ.ACCOUNT.NSUBS",
      (message) =>
        answerSubscriberCount(this.#server, this.#publisher, message),
    );
    this.#claims.start();
    this.#statsz.start();
  }

  /** A client proved who it is. */
  connected(session: ClientSession): void {
    this.#connections.changed(session.account);
    adviseConnect(this.#publisher, session);
  }

  /** A client left, and its account with it. */
  disconnected(session: ClientSession, reason: string): void {
    const now = this.#server.clock.now();
    adviseDisconnect(this.#publisher, session, reason, now);
    this.#connections.changed(session.account);
  }

  /** A client was refused. */
  refused(session: ClientSession, refusal: Refusal): void {
    adviseAuthError(this.#publisher, this.#server, session, refusal);
  }

  /** All is known of a message that was traced. */
  traced(
    account: Account,
    destination: string,
    accepted: string,
    trace: MessageTrace,
  ): void {
    if (this.#server.accounts.system === null) return;
    void publishTrace(this.#publisher, {
      account,
      destination,
      accepted,
      trace,
    });
  }

  /** Something that figures show is new. */
  changed(): void {
    this.#statsz.push();
  }

  /** A client was kept out since its certificate is not good any more. */
  ocspRejected(kind: string, peer: Uint8Array, reason: string): void {
    const { id } = this.#server;
    adviseOcspRejection(this.#publisher, id, kind, peer, reason);
  }

  /** A certificate of a client's chain is not good any more. */
  ocspLinkInvalid(peer: Uint8Array, link: Uint8Array, reason: string): void {
    const { id } = this.#server;
    adviseOcspLinkInvalid(this.#publisher, id, peer, link, reason);
  }

  /** The server is about to send its clients away. */
  enteringLameDuck(): void {
    this.#publisher.publish(
      `$SYS.SERVER.${this.#server.id}.LAMEDUCK`,
      () => this.#publisher.header(),
    );
  }

  /** The last words, said at once; nothing follows. */
  stop(): void {
    this.#statsz.stop();
    this.#claims.stop();
    this.#connections.close();
    this.#publisher.publish(
      `$SYS.SERVER.${this.#server.id}.SHUTDOWN`,
      () => this.#publisher.header(),
    );
    this.#client.flush();
  }

  #answer(
    subject: string,
    definition: RequestDefinition,
    account: (message: ReceivedMessage) => string = () => "",
  ): void {
    this.#on(subject, (message) =>
      answerRequest(
        this.#server,
        this.#publisher,
        definition,
        message,
        account(message),
      ));
  }

  #on(
    subject: string,
    handle: (message: ReceivedMessage) => Promise<void>,
  ): void {
    const { accounts, logger } = this.#server;
    if (accounts.system === null) return;
    const report: MessageHandler = (message) =>
      void handle(message).catch((error) =>
        logger.error(`Error answering ${subjectToText(subject)}: ${error}`)
      );
    this.#client.subscribe(accounts.system, subject, report);
  }

  async #identify({ reply }: ReceivedMessage): Promise<void> {
    const { name, id } = this.#server;
    const { host } = this.#server.info();
    await this.#publisher.answer(reply, { name, host, id });
  }
}

/** The account in a subject, as text. */
function accountOf({ subject }: ReceivedMessage): string {
  return subjectToText(tokenAt(subject, ACCOUNT_TOKEN));
}
