/**
 * Password checks: clear text in constant time, bcrypt in a worker, where it
 * does not hold the event loop.
 *
 * @module
 */

import type { Worker, Workers } from "../runtime/mod.ts";

/** What begins like this is a hash, and if its rest is none it matches nothing. */
const BCRYPT = /^\$2[abxy]\$\d{2}\$/;

/** Whether a configured password is a bcrypt hash. */
export function isBcrypt(password: string): boolean {
  return BCRYPT.test(password);
}

/** Compares in time that depends on the length of `given` only. */
function equalText(expected: string, given: string): boolean {
  let difference = expected.length ^ given.length;
  for (let i = 0; i < given.length; i++) {
    difference |= given.charCodeAt(i) ^
      (i < expected.length ? expected.charCodeAt(i) : 0);
  }
  return difference === 0;
}

/** What the worker is asked; it answers with a boolean. */
export interface BcryptRequest {
  readonly password: string;
  readonly hash: string;
}

/** Starts its worker with the first bcrypt password. */
export class PasswordChecker {
  readonly #workers: Workers;
  #worker: Worker | null = null;

  constructor(workers: Workers) {
    this.#workers = workers;
  }

  /** Whether `given` is the configured password (text or bcrypt hash). */
  check(configured: string, given: string): boolean | Promise<boolean> {
    if (!isBcrypt(configured)) return equalText(configured, given);
    const worker = this.#worker ??= this.#workers.start(
      new URL("./bcrypt_worker.ts", import.meta.url),
    );
    const request: BcryptRequest = { password: given, hash: configured };
    // A worker that fails refuses: authentication fails closed. The next
    // check has another one.
    return worker.request(request).then((answer) => answer === true, () => {
      if (this.#worker === worker) this.#worker = null;
      return false;
    });
  }

  close(): void {
    this.#worker?.close();
    this.#worker = null;
  }
}
