/**
 * How many bytes a push consumer may have under way.
 *
 * @module
 */

/** Bytes that may be under way at most. */
const WINDOW_MAX = 32 * 1024 * 1024;
const WINDOW_START = WINDOW_MAX / 16;

/** Grows with every answer. State without I/O. */
export class FlowWindow {
  #window = WINDOW_START;
  /** Bytes sent that no answer has covered. */
  #underWay = 0;
  /** Those of them that the next answer will cover. */
  #asked = 0;
  #id = "";

  /** Subject of the answer that is waited for; empty: none is. */
  get id(): string {
    return this.#id;
  }

  /** Whether no more may be sent before an answer comes. */
  get isFull(): boolean {
    return this.#underWay > this.#window;
  }

  /** A message went out. @returns whether to ask for an answer now */
  sent(size: number): boolean {
    this.#underWay += size;
    if (this.#id === "") return this.#underWay > this.#window / 2;
    if (this.#underWay - this.#asked >= this.#window) this.#asked += size;
    return false;
  }

  /** An answer is asked for, under this subject. */
  ask(id: string): void {
    this.#id = id;
    this.#asked = this.#underWay;
  }

  /** @returns false when it is not the answer that is waited for */
  answered(id: string): boolean {
    if (id !== this.#id || id === "") return false;
    this.#window = Math.min(2 * this.#window, WINDOW_MAX);
    this.#underWay = Math.max(0, this.#underWay - this.#asked);
    this.#id = "";
    this.#asked = 0;
    return true;
  }
}
