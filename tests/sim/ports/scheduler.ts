/**
 * Virtual time: a queue of events and a loop that jumps from one to the next.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import type { Timer } from "../../../src/runtime/ports.ts";

/** A process as the scheduler sees it. */
export interface Execution {
  /** Events of a dead process never happen. */
  alive: boolean;
  /** Events of a process that is held up wait until this time. */
  busyUntil: number;
}

/** Thrown to leave a simulated process; ends the process, not the run. */
export class ProcessExit extends Error {
  override readonly name = "ProcessExit";
  constructor(readonly code: number) {
    super(`Process exited with code ${code}`);
  }
}

interface Event extends Timer {
  time: number;
  readonly sequence: number;
  readonly owner: Execution | null;
  action: (() => void) | null;
}

/** More events than this without time passing means that nobody ever waits. */
const EVENTS_PER_INSTANT_MAX = 200_000;

/**
 * Runs events in the order of (time, creation). Between two events every
 * promise reaction settles, so each event is one turn of an event loop.
 */
export class Scheduler {
  readonly #heap: Event[] = [];
  #now = 0;
  #sequence = 0;
  #eventsNow = 0;
  #fingerprint = 0x811c9dc5;

  /** Milliseconds since the simulation began. */
  get now(): number {
    return this.#now;
  }

  /** Changes with every event; equal runs have equal fingerprints. */
  get fingerprint(): string {
    return (this.#fingerprint >>> 0).toString(16).padStart(8, "0");
  }

  /** Folds something that happened into the fingerprint. */
  record(value: number): void {
    this.#fingerprint = Math.imul(this.#fingerprint ^ (value | 0), 0x01000193);
  }

  /**
   * Plans `action` for `delay` milliseconds from now.
   * @param owner the process in which it happens; `null` for the world
   */
  after(delay: number, owner: Execution | null, action: () => void): Timer {
    const event: Event = {
      time: this.#now + Math.max(0, delay),
      sequence: this.#sequence++,
      owner,
      action,
      cancel() {
        this.action = null;
      },
    };
    this.#push(event);
    return event;
  }

  /** Time of the next event, or `Infinity`. */
  get next(): number {
    while (this.#heap[0]?.action === null) this.#pop();
    return this.#heap[0]?.time ?? Infinity;
  }

  /** Jumps to the next event, lets it happen and settles what follows. */
  async step(): Promise<void> {
    const event = this.#pop();
    if (event === undefined || event.action === null) return;
    const { owner } = event;
    if (owner?.alive === false) return;
    if (owner !== null && owner.busyUntil > event.time) {
      event.time = owner.busyUntil;
      this.#push(event);
      return;
    }
    this.#advance(event.time);
    this.record(event.sequence);
    const { action } = event;
    event.action = null;
    try {
      action();
    } catch (error) {
      if (!(error instanceof ProcessExit)) throw error;
    }
    await settle();
  }

  /** Moves time forward to where nothing is planned before. */
  advanceTo(time: number): void {
    if (time > this.#now) this.#advance(time);
  }

  #advance(time: number): void {
    if (time > this.#now) {
      this.#now = time;
      this.#eventsNow = 0;
      this.record(time * 1000);
    } else if (++this.#eventsNow > EVENTS_PER_INSTANT_MAX) {
      throw new Error(`Livelock: time stands still at ${this.#now} ms`);
    }
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt];
      if (parent === undefined || isBefore(parent, event)) break;
      heap[at] = parent;
      at = parentAt;
    }
    heap[at] = event;
  }

  #pop(): Event | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let childAt = 2 * at + 1;
      let child = heap[childAt];
      if (child === undefined) break;
      const right = heap[childAt + 1];
      if (right !== undefined && isBefore(right, child)) {
        child = right;
        childAt++;
      }
      if (isBefore(last, child)) break;
      heap[at] = child;
      at = childAt;
    }
    heap[at] = last;
    return first;
  }
}

/** Resolves when all promise reactions that are due have run. */
export function settle(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

function isBefore(a: Event, b: Event): boolean {
  return a.time < b.time || (a.time === b.time && a.sequence < b.sequence);
}
