/**
 * What `DeliveryState` does, in the plainest way: maps, lists and loops.
 *
 * @module
 */

import type { DeliveryPolicy } from "../../../../src/jetstream/consumer/state/mod.ts";

interface Row {
  dseq: number;
  time: number;
}

/** Everything about the state that can be seen. */
export interface Picture {
  next: number;
  delivered: [number, number];
  floor: [number, number];
  shown: [number, number];
  pending: [number, number, number][];
  queue: number[];
  redelivered: [number, number][];
  exceeded: { sequence: number; deliveries: number }[];
}

export class StateModel {
  next = 1;
  delivered = { consumer: 0, stream: 0 };
  floor = { consumer: 0, stream: 0 };
  /** Held back by what is given up. */
  shown = { consumer: 0, stream: 0 };
  pending = new Map<number, Row>();
  queue: number[] = [];
  counts = new Map<number, number>();
  exceeded: { sequence: number; deliveries: number }[] = [];

  constructor(readonly policy: DeliveryPolicy) {}

  deliver(sequence: number, now: number): void {
    this.delivered = {
      consumer: this.delivered.consumer + 1,
      stream: sequence,
    };
    this.next = sequence + 1;
    if (this.policy.ack === "none") {
      this.floor = { ...this.delivered };
      this.shown = { ...this.delivered };
    } else {
      this.pending.set(sequence, { dseq: this.delivered.consumer, time: now });
    }
  }

  /** @returns the sequence that is delivered again, 0: none */
  redeliver(now: number): number {
    for (;;) {
      const [sequence] = this.queue;
      if (sequence === undefined) return 0;
      const count = (this.counts.get(sequence) ?? 0) + 1;
      if (this.policy.maxDeliver > 0 && count >= this.policy.maxDeliver) {
        this.#giveUp(sequence, count);
        continue;
      }
      this.queue.shift();
      this.counts.set(sequence, count);
      (this.pending.get(sequence) as Row).time = now;
      this.delivered.consumer++;
      return sequence;
    }
  }

  acknowledge(sequence: number, dseq: number): number[] {
    if (this.policy.ack === "none" || sequence >= this.next) return [];
    if (this.policy.ack === "explicit") {
      this.counts.delete(sequence);
      this.#take(sequence, true);
      return [sequence];
    }
    if (dseq <= this.floor.consumer || sequence <= this.floor.stream) return [];
    const settled = [sequence];
    const known = this.pending.has(sequence);
    for (const each of this.#sorted()) {
      if (each > sequence) break;
      if (each !== sequence) settled.push(each);
      this.#drop(each);
      this.counts.delete(each);
    }
    this.floor = { consumer: dseq, stream: sequence };
    if (known) this.shown = { ...this.floor };
    return settled;
  }

  refuse(sequence: number, dseq: number): void {
    if (dseq <= this.floor.consumer) return;
    if (!this.pending.has(sequence) || this.queue.includes(sequence)) return;
    this.queue.push(sequence);
  }

  postpone(sequence: number, now: number, delay: number): void {
    const row = this.pending.get(sequence);
    if (row === undefined) return;
    this.queue = this.queue.filter((each) => each !== sequence);
    row.time = now - this.policy.ackWait + delay;
  }

  prolong(sequence: number, now: number): void {
    const row = this.pending.get(sequence);
    if (row !== undefined) row.time = now;
  }

  expire(now: number, first: number): void {
    let dropped = false;
    for (const sequence of this.#sorted()) {
      if (sequence >= first && sequence > this.floor.stream) continue;
      const { dseq } = this.pending.get(sequence) as Row;
      this.floor.stream = Math.max(this.floor.stream, sequence);
      this.floor.consumer = Math.max(this.floor.consumer, dseq);
      this.#drop(sequence);
      this.counts.delete(sequence);
      dropped = true;
    }
    if (dropped) {
      this.delivered.stream = Math.max(this.delivered.stream, this.next - 1);
      if (this.pending.size === 0) this.floor = { ...this.delivered };
      this.shown = { ...this.floor };
    }
    const overdue = this.#sorted().filter((sequence) => {
      const { time } = this.pending.get(sequence) as Row;
      return now >= time + this.#wait(this.counts.get(sequence) ?? 0);
    });
    let shift: number | null = null;
    for (const sequence of overdue) {
      if (this.queue.includes(sequence)) continue;
      const count = this.counts.get(sequence) ?? 0;
      const { maxDeliver } = this.policy;
      if (maxDeliver > 0 && Math.max(1, count) >= maxDeliver) {
        this.#giveUp(sequence, count + 1);
        continue;
      }
      const row = this.pending.get(sequence) as Row;
      shift ??= now - row.time;
      row.time += shift;
      this.queue.push(sequence);
    }
  }

  forget(sequence: number): void {
    this.counts.delete(sequence);
    this.#take(sequence, true);
  }

  purge(first: number, remains: (sequence: number) => boolean): void {
    this.next = Math.max(this.next, first);
    if (this.floor.stream < first) {
      this.floor.stream = first - 1;
      for (const sequence of this.#sorted()) {
        if (sequence >= first && remains(sequence)) continue;
        const { dseq } = this.pending.get(sequence) as Row;
        this.floor.consumer = Math.max(this.floor.consumer, dseq);
        this.#drop(sequence);
        this.counts.delete(sequence);
      }
    }
    this.delivered.stream = Math.max(this.delivered.stream, this.next - 1);
    if (this.pending.size === 0) {
      this.counts.clear();
      this.floor = { ...this.delivered };
    }
    this.shown = { ...this.floor };
  }

  startAt(sequence: number): void {
    this.pending.clear();
    this.queue = [];
    this.counts.clear();
    this.next = sequence;
    this.delivered = { consumer: 0, stream: sequence - 1 };
    this.floor = { consumer: 0, stream: sequence - 1 };
    this.shown = { ...this.floor };
  }

  needs(sequence: number): boolean {
    if (this.counts.has(sequence)) return true;
    if (sequence <= this.floor.stream) return false;
    if (this.policy.ack !== "explicit") return true;
    return sequence >= this.next || this.pending.has(sequence);
  }

  picture(): Picture {
    return {
      next: this.next,
      delivered: [this.delivered.consumer, this.delivered.stream],
      floor: [this.floor.consumer, this.floor.stream],
      shown: [this.shown.consumer, this.shown.stream],
      pending: this.#sorted().map((sequence) => {
        const { dseq, time } = this.pending.get(sequence) as Row;
        return [sequence, dseq, time];
      }),
      queue: [...this.queue],
      redelivered: [...this.counts].sort(([a], [b]) => a - b),
      exceeded: [...this.exceeded],
    };
  }

  #wait(count: number): number {
    const { backoff, ackWait } = this.policy;
    return backoff[Math.min(count, backoff.length - 1)] ?? ackWait;
  }

  #sorted(): number[] {
    return [...this.pending.keys()].sort((a, b) => a - b);
  }

  #giveUp(sequence: number, deliveries: number): void {
    this.counts.set(sequence, deliveries);
    this.#take(sequence, false);
    this.exceeded.push({ sequence, deliveries });
  }

  #drop(sequence: number): void {
    this.pending.delete(sequence);
    this.queue = this.queue.filter((each) => each !== sequence);
  }

  #take(sequence: number, acknowledged: boolean): void {
    const row = this.pending.get(sequence);
    if (row === undefined) return;
    this.#drop(sequence);
    const floors = acknowledged ? [this.floor, this.shown] : [this.floor];
    for (const floor of floors) {
      if (this.pending.size === 0) Object.assign(floor, this.delivered);
      else if (row.dseq === floor.consumer + 1) {
        Object.assign(floor, { consumer: row.dseq, stream: sequence });
        for (let each = sequence + 1; each < this.next; each++) {
          const following = this.pending.get(each);
          if (following === undefined) continue;
          const { dseq } = following;
          Object.assign(floor, { consumer: dseq - 1, stream: each - 1 });
          break;
        }
      }
    }
  }
}
