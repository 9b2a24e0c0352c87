/**
 * A stream with many consumers on a machine so slow that whatever is done for
 * all of them takes many turns of the event loop.
 *
 * @module
 */

import {
  applyDefaults,
  emptyOptions,
  type Options,
} from "../../../src/config/mod.ts";
import type { Clock, Runtime } from "../../../src/runtime/ports.ts";
import { Server } from "../../../src/server/mod.ts";
import { LogRecorder } from "../../tools/log_recorder.ts";
import { options } from "../../unit/config/options_harness.ts";
import type { SimHost } from "../host.ts";
import { CALM } from "../options.ts";
import { Simulation } from "../simulation.ts";
import { SimClient } from "./client.ts";

/** Of the machine itself: nothing takes longer than turns of the loop. */
const ADDRESS = { host: "127.0.0.1", port: 4222 };
/** Consumers that are made at once. */
const PORTION = 20;

/** Who has JetStream: account `A`, nobody, or not even the server. */
type Switch = "on" | "off" | "none";

/** Configuration of accounts `A`, `B` and `SYS`, with a user of the same name each. */
function configuration(jetstream: Switch): Options {
  const text = `
    jetstream { store_dir: "/js", enabled: ${jetstream !== "none"} }
    accounts {
      A { users: [{ user: A, password: p }]
        jetstream: ${jetstream === "on" ? "enabled" : "disabled"} }
      B { users: [{ user: B, password: p }] }
      SYS { users: [{ user: SYS, password: p }] }
    }
    system_account: SYS
  `;
  const given = options(text);
  return applyDefaults({ ...emptyOptions(), ...ADDRESS, ...given });
}

/** On which a millisecond passes whenever somebody looks at it. */
function slowClock(clock: Clock): Clock {
  let looks = 0;
  return {
    now: () => clock.now(),
    nowNanos: () => clock.nowNanos(),
    utcOffset: (at) => clock.utcOffset(at),
    monotonic: () => clock.monotonic() + ++looks,
  };
}

/** A client that asks. */
export class Caller {
  readonly client: SimClient;
  /** Who waits for an answer, by the subscription for it. */
  readonly #waiting: Map<string, (answer: string) => void>;
  #asked = 0;

  private constructor(
    client: SimClient,
    waiting: Map<string, (answer: string) => void>,
  ) {
    this.client = client;
    this.#waiting = waiting;
  }

  static async connect(runtime: Runtime, user: string): Promise<Caller> {
    const waiting = new Map<string, (answer: string) => void>();
    const client = await SimClient.connect(runtime, ADDRESS, {
      connect: { user, pass: "p" },
      onMessage: ({ sid, payload }) => {
        waiting.get(sid)?.(payload);
        waiting.delete(sid);
      },
    });
    await client.flush();
    return new Caller(client, waiting);
  }

  /** Publishes a request and waits for its answer. */
  ask(subject: string, body: object | string = ""): Promise<string> {
    const sid = `${++this.#asked}`;
    const reply = `answers.${sid}`;
    const text = typeof body === "string" ? body : JSON.stringify(body);
    this.client.subscribe(reply, sid);
    this.client.publish(subject, text, reply);
    return new Promise((resolve) => this.#waiting.set(sid, resolve));
  }

  /** An API request; its answer, parsed. @throws Error if it is an error */
  async api(
    endpoint: string,
    body: object | string = "",
  ): Promise<Record<string, unknown>> {
    const answer = JSON.parse(await this.ask(`$JS.API.${endpoint}`, body));
    if ("error" in answer) throw new Error(JSON.stringify(answer.error));
    return answer;
  }
}

/** The machine, its server, and clients of the stream's account and another. */
export class Crowd {
  readonly simulation = new Simulation(1, CALM);
  readonly log = new LogRecorder();
  readonly #host: SimHost = this.simulation.host("server");
  #jetstream: Switch = "on";
  #server: Server | null = null;
  #member: Caller | null = null;
  #bystander: Caller | null = null;

  get server(): Server {
    if (this.#server === null) throw new Error("no server runs");
    return this.#server;
  }

  /** A client of the account with the stream. */
  get member(): Caller {
    if (this.#member === null) throw new Error("no server runs");
    return this.#member;
  }

  /** Runs a scenario in virtual time. */
  run(scenario: () => Promise<void>): Promise<void> {
    return this.simulation.run(scenario);
  }

  /** Starts a server where the one before, if any, has ended. */
  async start(): Promise<void> {
    const { runtime } = this.#host;
    this.#server = new Server(
      configuration(this.#jetstream),
      { ...runtime, clock: slowClock(runtime.clock) },
      this.log,
      { loadOptions: () => configuration(this.#jetstream) },
    );
    await this.#server.start();
    this.#member = await this.join("A");
    this.#bystander = await this.join("B");
  }

  join(user: string): Promise<Caller> {
    return Caller.connect(this.#host.runtime, user);
  }

  /** Gives JetStream to the account, or takes it away. */
  reload(jetstream: Switch): Promise<void> {
    this.#jetstream = jetstream;
    return this.server.reload();
  }

  /** Makes stream `S` of subjects `s.*` and its consumers `c0`, `c1` and so on. */
  async fill(
    stream: object,
    consumers: number,
    filterOf: (i: number) => string = () => "s.*",
  ): Promise<void> {
    const { member } = this;
    await member.api("STREAM.CREATE.S", {
      name: "S",
      subjects: ["s.*"],
      max_consumers: 1000,
      ...stream,
    });
    for (let i = 0; i < consumers; i += PORTION) {
      await Promise.all(
        Array.from({ length: Math.min(PORTION, consumers - i) }, (_, j) => {
          const name = `c${i + j}`;
          return member.api(`CONSUMER.CREATE.S.${name}`, {
            stream_name: "S",
            config: {
              name,
              durable_name: name,
              ack_policy: "explicit",
              filter_subject: filterOf(i + j),
            },
          });
        }),
      );
    }
  }

  /** Has a consumer deliver a message. @returns its payload */
  next(consumer: string): Promise<string> {
    return this.member.ask(`$JS.API.CONSUMER.MSG.NEXT.S.${consumer}`);
  }

  /** Acknowledges a consumer's first delivery, of the message at `sequence`. */
  ack(consumer: string, sequence: number): void {
    this.member.client.publish(
      `$JS.ACK.S.${consumer}.1.${sequence}.1.0.0`,
      "",
    );
  }

  /** Waits until nothing goes on any more. */
  rest(): Promise<void> {
    return this.simulation.sleep(1000);
  }

  /** Waits for turns of the server's event loop. */
  async turns(count: number): Promise<void> {
    const { turns } = this.server.state;
    for (let i = 0; i < count; i++) await turns.next();
  }

  /** How often a client of another account is served while something is done. */
  async servedDuring(work: () => Promise<unknown>): Promise<number> {
    const bystander = this.#bystander;
    let served = 0;
    const over = { yet: false };
    const done = work().finally(() => over.yet = true);
    while (!over.yet && bystander !== null) {
      await Promise.race([bystander.client.flush(), done]);
      if (!over.yet) served++;
    }
    await done;
    return served;
  }
}
