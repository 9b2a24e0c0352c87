/**
 * Who wants to know when a subject gains or loses its subscribers.
 *
 * @module
 */

/** Told `true` on the first subscription, `false` when the last has gone. */
export type InterestCallback = (interested: boolean) => void;

/** Callbacks by literal subject and queue group (`null`: plain). */
export class InterestWatchers {
  readonly #callbacks = new Map<string, Set<InterestCallback>>();

  get isEmpty(): boolean {
    return this.#callbacks.size === 0;
  }

  /** @returns false when this callback is registered for the key already */
  add(
    subject: string,
    queue: string | null,
    callback: InterestCallback,
  ): boolean {
    const key = keyOf(subject, queue);
    const callbacks = this.#callbacks.get(key);
    if (callbacks === undefined) this.#callbacks.set(key, new Set([callback]));
    else if (callbacks.has(callback)) return false;
    else callbacks.add(callback);
    return true;
  }

  /** @returns false when this callback is not registered for the key */
  delete(
    subject: string,
    queue: string | null,
    callback: InterestCallback,
  ): boolean {
    const key = keyOf(subject, queue);
    const callbacks = this.#callbacks.get(key);
    if (callbacks === undefined || !callbacks.delete(callback)) return false;
    if (callbacks.size === 0) this.#callbacks.delete(key);
    return true;
  }

  tell(subject: string, queue: string | null, interested: boolean): void {
    const callbacks = this.#callbacks.get(keyOf(subject, queue));
    if (callbacks === undefined) return;
    // A callback may register or clear callbacks.
    for (const callback of [...callbacks]) callback(interested);
  }
}

/** Neither part can hold a line feed, it ends the line that names them. */
function keyOf(subject: string, queue: string | null): string {
  return queue === null ? subject : `${subject}\n${queue}`;
}
