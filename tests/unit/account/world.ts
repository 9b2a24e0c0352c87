/**
 * Accounts in virtual time, with members that write down what they get.
 *
 * @module
 */

import { dispatch } from "../../../src/account/dispatch.ts";
import {
  type Account,
  type AccountContext,
  Accounts,
  type ClientInfo,
  type Producer,
  type Receiver,
  Subscription,
} from "../../../src/account/mod.ts";
import type { Options } from "../../../src/config/mod.ts";
import {
  Chunk,
  decodeByteString,
  encodeByteString,
  Message,
} from "../../../src/protocol/mod.ts";
import { SeededRandom } from "../../sim/ports/random.ts";
import { Scheduler } from "../../sim/ports/scheduler.ts";
import { SimClock, SimTimers } from "../../sim/ports/time.ts";
import { options } from "../config/options_harness.ts";

/** A message as a member saw it. */
export interface Seen {
  readonly subject: string;
  readonly reply: string;
  /** Headers and payload. */
  readonly body: string;
}

/** Without a system account there are no imports but those of the configuration. */
function parse(config: string): Options {
  const system = config.includes("latency") ? "" : "no_system_account: true\n";
  return options(system + config);
}

/** A message with a subject, maybe a reply subject, and a body. */
export function message(
  subject: string,
  reply = "",
  body = "",
  headers = "",
): Message {
  const result = new Message();
  result.setSubject(subject);
  result.replyChunk = Chunk.of(encodeByteString(reply));
  result.replyEnd = reply.length;
  result.chunk = Chunk.of(encodeByteString(headers + body));
  result.bodyEnd = result.chunk.size;
  result.headerSize = headers === "" ? -1 : headers.length;
  return result;
}

/** Header block and payload of a message. */
export function bodyOf({ chunk, bodyStart, bodyEnd }: Message): string {
  return decodeByteString(chunk.bytes, bodyStart, bodyEnd);
}

/** A member of an account. */
export class Member implements Receiver, Producer {
  readonly seesImports = true;
  readonly sends = true;
  readonly seen: Seen[] = [];
  readonly #world: World;

  constructor(world: World, readonly account: Account) {
    this.#world = world;
  }

  get subjects(): string[] {
    return this.seen.map(({ subject }) => subject);
  }

  /** The reply subject of what was seen last. */
  get reply(): string {
    return this.seen.at(-1)?.reply ?? "";
  }

  subscribe(subject: string, queue: string | null = null): Subscription {
    const subscription = new Subscription(this, subject, queue, "1");
    this.account.subscribe(subscription);
    return subscription;
  }

  /** @returns whether the message reached anybody */
  publish(subject: string, reply = "", body = "x", headers = ""): boolean {
    const published = message(subject, reply, body, headers);
    return dispatch(this.account, published, this, this.#world.context);
  }

  deliver(_subscription: Subscription, delivered: Message): boolean {
    this.seen.push({
      subject: delivered.subject(),
      reply: delivered.reply(),
      body: bodyOf(delivered),
    });
    return true;
  }

  throttle(): boolean {
    return false;
  }

  clientInfo(detailed: boolean): ClientInfo {
    const brief = { acc: this.account.name, rtt: 1_000_000 };
    return detailed ? { ...brief, user: "somebody", server: "S" } : brief;
  }

  measureRoundTrip(): void {}
}

/** All accounts of a configuration. */
export class World {
  readonly context: AccountContext;
  readonly accounts: Accounts;
  readonly #scheduler = new Scheduler();

  constructor(config: string) {
    const timers = new SimTimers(this.#scheduler, {
      alive: true,
      busyUntil: 0,
    });
    this.context = {
      clock: new SimClock(this.#scheduler, 0, 1000),
      timers,
      random: new SeededRandom(7n),
      name: "S",
      counters: { messagesOut: 0, bytesOut: 0 },
    };
    this.accounts = new Accounts(parse(config), this.context);
  }

  /** Another configuration; accounts stay who they are. */
  configure(config: string): void {
    this.accounts.configure(parse(config));
  }

  join(name: string): Member {
    const account = this.accounts.get(name);
    if (account === null) throw new Error(`no account ${name}`);
    return new Member(this, account);
  }

  /** Lets time pass. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#scheduler.now + milliseconds;
    while (this.#scheduler.next <= end) await this.#scheduler.step();
    this.#scheduler.advanceTo(end);
  }

  /** Milliseconds until something happens by itself; Infinity: nothing will. */
  get idleFor(): number {
    return this.#scheduler.next - this.#scheduler.now;
  }
}
