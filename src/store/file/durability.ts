/**
 * Waits for the disk, once for everything that was written meanwhile.
 *
 * @module
 */

/** One at a time; who comes while one is under way waits for the next. */
export class SyncGroup {
  readonly #sync: () => Promise<void>;
  #running: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  /** @param sync makes durable what is written when it is called */
  constructor(sync: () => Promise<void>) {
    this.#sync = sync;
  }

  /** Whether something waits for the disk. */
  get busy(): boolean {
    return this.#running !== null;
  }

  /** Resolves when everything that is written by now is durable. */
  settle(): Promise<void> {
    if (this.#running === null) return this.#run();
    return this.#next ??= this.#running.catch(() => {}).then(() => this.#run());
  }

  #run(): Promise<void> {
    this.#next = null;
    const running = this.#sync().finally(() => {
      if (this.#running === running) this.#running = null;
    });
    return this.#running = running;
  }
}
