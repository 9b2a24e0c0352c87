/**
 * Wakes very many at their times with one timer.
 *
 * @module
 */

import type { Timer, Timers } from "../../runtime/mod.ts";

/** The longest wait of a timer, milliseconds; it is set again then. */
const DELAY_MAX = 0x7fffffff;

/** Tells time. */
interface Monotonic {
  monotonic(): number;
}

/** Something that is woken at a time; it has one alarm. */
export class Alarm {
  /** Monotonic milliseconds; Infinity: it is not set. */
  at = Infinity;
  /** Place in the heap; -1: none. */
  index = -1;

  constructor(readonly ring: () => void) {}
}

/**
 * A binary heap of alarms over one timer. An alarm may ring a little late, but
 * never before its time.
 */
export class AlarmClock {
  readonly #clock: Monotonic;
  readonly #timers: Timers;
  readonly #heap: Alarm[] = [];
  #timer: Timer | null = null;
  #timerAt = Infinity;

  constructor(clock: Monotonic, timers: Timers) {
    this.#clock = clock;
    this.#timers = timers;
  }

  /** Alarms that are set. */
  get size(): number {
    return this.#heap.length;
  }

  /** Sets an alarm, or sets it anew; Infinity calls it off. */
  set(alarm: Alarm, at: number): void {
    if (alarm.at === at) return;
    alarm.at = at;
    if (at === Infinity) {
      if (alarm.index >= 0) this.#remove(alarm);
      return;
    }
    if (alarm.index < 0) {
      alarm.index = this.#heap.length;
      this.#heap.push(alarm);
    }
    this.#rise(alarm);
    this.#sink(alarm);
    this.#arm();
  }

  /** Calls all alarms off. */
  close(): void {
    for (const alarm of this.#heap) {
      alarm.at = Infinity;
      alarm.index = -1;
    }
    this.#heap.length = 0;
    this.#timer?.cancel();
    this.#timer = null;
    this.#timerAt = Infinity;
  }

  /** A timer that rings too early is no harm: it is set again then. */
  #arm(): void {
    const first = this.#heap[0];
    if (first === undefined || this.#timerAt <= first.at) return;
    this.#timer?.cancel();
    this.#timerAt = first.at;
    const delay = Math.ceil(first.at - this.#clock.monotonic());
    this.#timer = this.#timers.after(
      Math.min(Math.max(0, delay), DELAY_MAX),
      () => this.#ring(),
    );
  }

  #ring(): void {
    this.#timer = null;
    // Nobody arms the timer while alarms ring.
    this.#timerAt = -Infinity;
    const now = this.#clock.monotonic();
    for (
      let first = this.#heap[0];
      first !== undefined && first.at <= now;
      first = this.#heap[0]
    ) {
      this.#remove(first);
      first.at = Infinity;
      first.ring();
    }
    this.#timerAt = Infinity;
    this.#arm();
  }

  #remove(alarm: Alarm): void {
    const last = this.#heap.pop() as Alarm;
    if (last !== alarm) {
      this.#place(last, alarm.index);
      this.#rise(last);
      this.#sink(last);
    }
    alarm.index = -1;
  }

  #rise(alarm: Alarm): void {
    while (alarm.index > 0) {
      const parent = this.#heap[(alarm.index - 1) >> 1] as Alarm;
      if (parent.at <= alarm.at) return;
      const { index } = parent;
      this.#place(parent, alarm.index);
      this.#place(alarm, index);
    }
  }

  #sink(alarm: Alarm): void {
    for (;;) {
      const left = this.#heap[2 * alarm.index + 1];
      const right = this.#heap[2 * alarm.index + 2];
      if (left === undefined) return;
      const child = right !== undefined && right.at < left.at ? right : left;
      if (child.at >= alarm.at) return;
      const { index } = child;
      this.#place(child, alarm.index);
      this.#place(alarm, index);
    }
  }

  #place(alarm: Alarm, index: number): void {
    this.#heap[index] = alarm;
    alarm.index = index;
  }
}
