/**
 * What a subscriber may see of what publishers sent.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { Received } from "./client.ts";

/**
 * Names messages and checks deliveries against the guarantees of core NATS:
 * at most once, intact, in the order of each publisher; and without a gap as
 * long as both connections live.
 */
export class DeliveryChecker {
  /** Numbers given out, by publisher connection and subject. */
  readonly #published = new Map<string, number>();
  /** Last number delivered, by subscription and series. */
  readonly #delivered = new Map<string, number>();
  /** Messages that some member of a queue group has. */
  readonly #taken = new Set<string>();
  count = 0;

  /** The payload of the next message of a publisher's connection to a subject. */
  next(publisher: string, subject: string, size: number): string {
    const series = `${publisher}/${subject}`;
    const number = (this.#published.get(series) ?? 0) + 1;
    this.#published.set(series, number);
    return `${series} ${number} `.padEnd(size, filler(number));
  }

  /**
   * Checks a delivery.
   * @param connection names the subscriber's connection
   * @param matches whether the subscription wants the subject
   * @param queue name of the queue group, if the subscription is in one
   */
  deliver(
    connection: string,
    { subject, sid, payload }: Received,
    matches: boolean,
    queue = "",
  ): void {
    this.count++;
    const [series = "", text = ""] = payload.split(" ", 2);
    const number = Number(text);
    assert(matches, `${connection} got ${series} by subscription ${sid}`);
    assertEquals(series.split("/")[1], subject, "subject changed");
    const head = `${series} ${number} `;
    assertEquals(payload, head.padEnd(payload.length, filler(number)));
    assert(
      number <= (this.#published.get(series) ?? 0),
      `${series} ${number} was never published`,
    );
    const key = `${connection} ${sid} ${series}`;
    const before = this.#delivered.get(key);
    this.#delivered.set(key, number);
    if (queue === "") {
      // A live subscription may begin late, but then it misses nothing.
      assertEquals(number, before === undefined ? number : before + 1, key);
    } else {
      assert(before === undefined || number > before, `${key}: out of order`);
      const message = `${queue} ${series} ${number}`;
      assert(!this.#taken.has(message), `${message} was delivered twice`);
      this.#taken.add(message);
    }
  }
}

function filler(number: number): string {
  return String.fromCharCode(97 + number % 26);
}
