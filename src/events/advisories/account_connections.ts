/**
 * `$SYS.ACCOUNT.<account>.SERVER.CONNS` and its old name
 * `$SYS.SERVER.ACCOUNT.<account>.CONNS`: how many connections an account has,
 * at every change and every now and then while there are some.
 *
 * @module
 */

import { type Account, GLOBAL_ACCOUNT } from "../../account/mod.ts";
import { accountFigures } from "../../monitor/mod.ts";
import type { Timer } from "../../runtime/mod.ts";
import { subjectFromText } from "../../subject/mod.ts";
import type { EventServer } from "../event_server.ts";
import type { Publisher } from "../publisher.ts";
import type { ReceivedMessage } from "../system_client.ts";

const TYPE = "io.nats.server.advisory.v1.account_connections";
/** Milliseconds. */
const HEARTBEAT = 30_000;

/** Tells about all accounts but the global one. */
export class AccountConnections {
  readonly #server: EventServer;
  readonly #publisher: Publisher;
  readonly #timers = new Map<Account, Timer>();

  constructor(server: EventServer, publisher: Publisher) {
    this.#server = server;
    this.#publisher = publisher;
  }

  /** Connections of `account` have come or gone. */
  changed(account: Account): void {
    if (account.name === GLOBAL_ACCOUNT) return;
    const name = subjectFromText(account.name);
    this.#keepTelling(account);
    const make = () => this.#message(account);
    this.#publisher.publish(`$SYS.SERVER.ACCOUNT.${name}.CONNS`, make);
    this.#publisher.publish(`$SYS.ACCOUNT.${name}.SERVER.CONNS`, make);
  }

  /** Answers `$SYS.REQ.ACCOUNT.<account>.CONNS` if there are connections. */
  async answer({ reply }: ReceivedMessage, name: string): Promise<void> {
    const account = this.#server.accounts.get(name);
    if (account === null || account.clients === 0) return;
    await this.#publisher.answer(reply, this.#message(account));
  }

  close(): void {
    for (const timer of this.#timers.values()) timer.cancel();
  }

  #keepTelling(account: Account): void {
    this.#timers.get(account)?.cancel();
    this.#timers.delete(account);
    if (account.clients === 0) return;
    const { timers } = this.#server;
    this.#timers.set(
      account,
      timers.after(HEARTBEAT, () => this.changed(account)),
    );
  }

  #message(account: Account): object {
    return {
      ...this.#publisher.typed(TYPE),
      server: this.#publisher.header(),
      ...accountFigures(account),
    };
  }
}
