/**
 * Password checks: clear text in constant time, bcrypt in threads, where it
 * does not hold the event loop.
 *
 * @module
 */

import type { Worker, Workers } from "../runtime/mod.ts";

/** What begins like this is a hash, and if its rest is none it matches nothing. */
const BCRYPT = /^\$2[abxy]\$\d{2}\$/;

/** Threads at the most, however many processors there are. */
const MAX_THREADS = 4;
/** Checks that may wait; whoever comes then is refused at once. */
const MAX_WAITING = 10_000;

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

/** What a thread is asked; it answers with a boolean. */
export interface BcryptRequest {
  readonly password: string;
  readonly hash: string;
}

/** A check that waits for a thread. */
interface Waiting {
  readonly request: BcryptRequest;
  readonly isGone: () => boolean;
  readonly answer: (matches: boolean) => void;
}

/**
 * Checks one password per thread at a time, first come, first served. One
 * processor is left to the event loop.
 */
export class PasswordChecker {
  readonly #workers: Workers;
  readonly #threads: number;
  readonly #idle: Worker[] = [];
  readonly #busy = new Set<Worker>();
  #waiting: Waiting[] = [];
  #closed = false;

  constructor(workers: Workers, cores: number) {
    this.#workers = workers;
    this.#threads = Math.max(1, Math.min(MAX_THREADS, cores - 1));
  }

  /** Starts the threads ahead of the first check: a start holds the event loop for a moment. */
  warmUp(): void {
    while (this.#idle.length + this.#busy.size < this.#threads) {
      this.#idle.push(this.#start());
    }
  }

  /**
   * Whether `given` is the configured password (text or bcrypt hash).
   * @param isGone whether nobody wants to know any more; costs no thread its time then
   */
  check(
    configured: string,
    given: string,
    isGone: () => boolean = () => false,
  ): boolean | Promise<boolean> {
    if (!isBcrypt(configured)) return equalText(configured, given);
    if (this.#closed || this.#waiting.length >= MAX_WAITING) return false;
    const request = { password: given, hash: configured };
    return new Promise((answer) => {
      this.#waiting.push({ request, isGone, answer });
      this.#go();
    });
  }

  /** Ends all threads; what waits is refused. */
  close(): void {
    this.#closed = true;
    for (const worker of [...this.#idle.splice(0), ...this.#busy]) {
      worker.close();
    }
    for (const { answer } of this.#waiting.splice(0)) answer(false);
  }

  /** Gives threads that have nothing to do what waits. */
  #go(): void {
    while (this.#waiting.length > 0) {
      const worker = this.#thread();
      if (worker === undefined) return;
      const next = this.#next();
      if (next === undefined) this.#idle.push(worker);
      else void this.#run(worker, next);
    }
  }

  #thread(): Worker | undefined {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    return this.#busy.size < this.#threads ? this.#start() : undefined;
  }

  #start(): Worker {
    return this.#workers.start(
      new URL("./bcrypt_worker.ts", import.meta.url),
    );
  }

  /** The check that has waited longest; those that nobody waits for are dropped. */
  #next(): Waiting | undefined {
    for (;;) {
      const first = this.#waiting.shift();
      if (first === undefined || !first.isGone()) return first;
      first.answer(false);
    }
  }

  async #run(worker: Worker, { request, answer }: Waiting): Promise<void> {
    this.#busy.add(worker);
    let matches = false;
    try {
      matches = await worker.request(request) === true;
      if (!this.#closed) this.#idle.push(worker);
    } catch {
      // A thread that fails refuses: authentication fails closed. The next
      // check has another one.
      worker.close();
    }
    this.#busy.delete(worker);
    answer(matches);
    this.#go();
  }
}
