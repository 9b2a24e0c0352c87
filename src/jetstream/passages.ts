/**
 * Accounts whose streams are coming back or ending. Files belong to one account
 * of a name at a time.
 *
 * @module
 */

import { type Logger, quoteText } from "../log/mod.ts";
import type { JetStreamAccount } from "./account.ts";

/** One per server. */
export class Passages {
  readonly #logger: Logger;
  /** Those of which the streams are being brought back. */
  readonly #returning = new Map<JetStreamAccount, Promise<void>>();
  /** By name: what is left to do for accounts that have ended. */
  readonly #leaving = new Map<string, Promise<void>>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Resolves when the streams of an account are back; null: they are. */
  returning(account: JetStreamAccount): Promise<void> | null {
    return this.#returning.get(account) ?? null;
  }

  /**
   * Has an account come back once those before it have gone.
   * @param recover brings its streams back
   * @returns resolves when that is over
   */
  async come(
    account: JetStreamAccount,
    recover: () => Promise<void>,
  ): Promise<void> {
    const left = this.#leaving.get(account.name) ?? Promise.resolve();
    const returning = left.then(recover).catch((error) => {
      const reason = error instanceof Error ? error.message : String(error);
      this.#logger.error(
        `Error recovering streams of account ${
          quoteText(account.name)
        }: ${reason}`,
      );
    });
    this.#returning.set(account, returning);
    await returning;
    this.#returning.delete(account);
  }

  /** Has an account end. */
  leave(account: JetStreamAccount): void {
    const { name } = account;
    const left: Promise<void> = Promise.all([
      this.#leaving.get(name),
      this.#returning.get(account),
      account.stop(),
    ]).then(() => {
      if (this.#leaving.get(name) === left) this.#leaving.delete(name);
    });
    this.#leaving.set(name, left);
  }

  /** Resolves when all have gone who are about to. */
  async empty(): Promise<void> {
    await Promise.all(this.#leaving.values());
  }

  /**
   * Waits until nobody of a name comes or goes.
   * @param present the one that there is at the moment, if any
   */
  async settle(
    name: string,
    present: () => JetStreamAccount | undefined,
  ): Promise<void> {
    for (;;) {
      const account = present();
      const changing = this.#leaving.get(name) ??
        (account && this.#returning.get(account));
      if (changing === undefined) return;
      await changing;
    }
  }
}
