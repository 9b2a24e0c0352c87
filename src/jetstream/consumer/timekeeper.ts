/**
 * What a consumer does when time passes.
 *
 * @module
 */

import { asLongAs, inSlices } from "../../connection/mod.ts";
import { Alarm } from "./alarm_clock.ts";
import type { Consumer } from "./consumer.ts";
import { PushMode } from "./push_mode.ts";

/** Milliseconds between looks at what is pending and gone, and what is added by chance. */
const FLOOR_CHECK = 60_000;
/** After a failure, milliseconds. */
const RETRY = 1000;

/**
 * One alarm for all that is due: redeliveries, requests that expire,
 * heartbeats, the end of a pause or of a delay, the removal of the unused.
 * Times are monotonic milliseconds, those of the wall clock are called so.
 */
export class Timekeeper {
  readonly #consumer: Consumer;
  readonly #alarm: Alarm;
  /** Wall clock; 0: it is not paused. */
  #pauseEnds = 0;
  #floorCheckAt: number;

  constructor(consumer: Consumer) {
    this.#consumer = consumer;
    this.#alarm = new Alarm(() => this.#awake());
    const { clock, random } = consumer.host;
    this.#floorCheckAt = clock.monotonic() + FLOOR_CHECK +
      random.below(FLOOR_CHECK);
  }

  /** @param wall end of the pause */
  pause(wall: number): void {
    this.#pauseEnds = wall > this.#consumer.host.clock.now() ? wall : 0;
  }

  isPaused(wall: number): boolean {
    return wall < this.#pauseEnds;
  }

  /** Something may be due earlier than before. */
  rearm(): void {
    const { host, state, mode, inactivity, delivery } = this.#consumer;
    const { clock, consumers } = host;
    const wall = clock.now();
    const now = clock.monotonic();
    const pauseEnds = this.#pauseEnds === 0 ? Infinity : this.#pauseEnds;
    // It is set anew at the end of a look.
    const checkAt = state.isExpiring ? Infinity : state.checkAt;
    const next = Math.min(
      now + Math.min(checkAt, pauseEnds) - wall,
      mode.nextEvent,
      inactivity.endsAt,
      delivery.resumeAt,
      this.#floorCheckAt,
    );
    // What rings too early is set again then: cheaper than setting it each time.
    if (next < this.#alarm.at) consumers.alarms.set(this.#alarm, next);
  }

  stop(): void {
    this.#consumer.host.consumers.alarms.set(this.#alarm, Infinity);
  }

  /** Other consumers wait for the same clock: what fails ends only this look. */
  #awake(): void {
    const consumer = this.#consumer;
    if (consumer.closed) return;
    try {
      this.#ring();
    } catch (error) {
      this.#failed(error);
      const { clock, consumers } = consumer.host;
      consumers.alarms.set(this.#alarm, clock.monotonic() + RETRY);
    }
  }

  #failed(error: unknown): void {
    const { host, label } = this.#consumer;
    const reason = error instanceof Error ? error.message : String(error);
    host.logger.error(
      `Consumer '${label}' could not look at what is due: ${reason}`,
    );
  }

  #ring(): void {
    const consumer = this.#consumer;
    const { clock, random } = consumer.host;
    const now = clock.monotonic();
    const wall = clock.now();
    this.#checkPending(wall);
    if (this.#pauseEnds !== 0 && !this.isPaused(wall)) {
      this.#pauseEnds = 0;
      consumer.tellPaused();
      consumer.ready();
    }
    consumer.mode.onEvent(now);
    if (now >= consumer.delivery.resumeAt) {
      consumer.delivery.resumeAt = Infinity;
      consumer.ready();
    }
    if (now >= this.#floorCheckAt) {
      consumer.clearance.begin();
      this.#floorCheckAt = now + FLOOR_CHECK + random.below(FLOOR_CHECK);
    }
    if (now >= consumer.inactivity.endsAt) this.#checkInactivity(now, wall);
    if (!consumer.closed) this.rearm();
  }

  #checkPending(wall: number): void {
    const consumer = this.#consumer;
    const { state, store, host } = consumer;
    if (state.isExpiring || wall < state.checkAt) return;
    const { stalled } = state;
    const isWanted = () => !consumer.closed;
    const work = state.expiring(wall, store.firstSequence);
    const due = inSlices(asLongAs(isWanted, work), host);
    if (!(due instanceof Promise)) return this.#checked(due, stalled);
    due.then((due) => this.#checked(due, stalled))
      .catch((error) => this.#failed(error))
      .finally(() => {
        if (!consumer.closed) this.rearm();
      });
  }

  /** @param due whether there is something to deliver again; null: it was given up */
  #checked(due: boolean | null, stalled: boolean): void {
    if (due === null) return;
    const consumer = this.#consumer;
    const { state } = consumer;
    if (state.exceeded.length > 0) consumer.tellExceeded();
    if (due || (stalled && !state.stalled)) {
      consumer.kept?.changed();
      consumer.ready();
    }
  }

  #checkInactivity(now: number, wall: number): void {
    const consumer = this.#consumer;
    const { mode, inactivity, state } = consumer;
    if (mode instanceof PushMode) {
      if (mode.isActive) inactivity.stop();
      else consumer.delete();
      return;
    }
    mode.scan(true, now);
    const { threshold } = inactivity;
    if (!mode.queue.isEmpty) return inactivity.start(now);
    const idleUntil = mode.queue.active + threshold;
    if (idleUntil > now) return inactivity.postpone(idleUntil);
    // Whoever has messages may still be working on them.
    const workLeft = state.lastDeadline() + threshold - wall;
    if (workLeft > 0 && state.pending.count > 0) {
      return inactivity.postpone(now + workLeft);
    }
    consumer.delete();
  }
}
