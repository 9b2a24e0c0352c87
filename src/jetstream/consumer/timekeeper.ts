/**
 * What a consumer does when time passes.
 *
 * @module
 */

import { asLongAs, inSlices, type Work } from "../../connection/mod.ts";
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
    // It is looked at again at the end of what is under way.
    const isBusy = state.isExpiring || state.isSettling;
    const checkAt = isBusy ? Infinity : state.checkAt;
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
    this.checkPending();
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
    if (now >= consumer.inactivity.endsAt) this.#checkInactivity(null);
    if (!consumer.closed) this.rearm();
  }

  /** Looks for what is overdue, if it is time. */
  checkPending(): void {
    const consumer = this.#consumer;
    const { state, store, host } = consumer;
    const wall = host.clock.now();
    if (state.isExpiring || state.isSettling || wall < state.checkAt) return;
    const { stalled } = state;
    const isWanted = () => !consumer.closed;
    const work = this.#expiring(wall, store.firstSequence);
    const due = inSlices(asLongAs(isWanted, work), host);
    if (!(due instanceof Promise)) return this.#checked(due, stalled);
    due.then((due) => this.#checked(due, stalled))
      .catch((error) => this.#failed(error))
      .finally(() => {
        if (!consumer.closed) this.rearm();
      });
  }

  /** Tells of what is given up as it goes along: it may be very much. */
  *#expiring(wall: number, first: number): Work<boolean> {
    const consumer = this.#consumer;
    const { state } = consumer;
    const work = state.expiring(wall, first);
    for (;;) {
      const step = work.next();
      if (state.exceeded.length > 0) consumer.tellExceeded();
      if (step.done) return step.value;
      yield step.value;
    }
  }

  /** @param due whether there is something to deliver again; null: it was given up */
  #checked(due: boolean | null, stalled: boolean): void {
    if (due === null) return;
    const consumer = this.#consumer;
    if (due || (stalled && !consumer.state.stalled)) {
      consumer.kept?.changed();
      consumer.ready();
    }
  }

  /** @param deadline until when somebody may work on what is pending, wall clock; null: unknown */
  #checkInactivity(deadline: number | null): void {
    const consumer = this.#consumer;
    const { mode, inactivity, state, host: { clock } } = consumer;
    const now = clock.monotonic();
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
    if (state.pending.count === 0) return consumer.delete();
    if (deadline === null) return this.#lookForWork();
    const workLeft = deadline + threshold - clock.now();
    if (workLeft <= 0) consumer.delete();
    else inactivity.postpone(now + workLeft);
  }

  /** Whoever has messages may still be working on them. */
  #lookForWork(): void {
    const consumer = this.#consumer;
    const { inactivity, state, host } = consumer;
    const isWanted = () => !consumer.closed;
    const found = inSlices(asLongAs(isWanted, state.lastDeadline()), host);
    const decide = (deadline: number | null) => {
      if (deadline !== null) this.#checkInactivity(deadline);
    };
    if (!(found instanceof Promise)) return decide(found);
    inactivity.stop();
    found.then(decide).catch((error) => this.#failed(error)).finally(() => {
      if (!consumer.closed) this.rearm();
    });
  }
}
