/**
 * `STATSZ`: the server's figures, at every request and every now and then.
 *
 * @module
 */

import { jetStreamVarz, orOmit } from "../monitor/mod.ts";
import { formatLocalTime } from "../protocol/mod.ts";
import type { Timer } from "../runtime/mod.ts";
import type { EventServer } from "./event_server.ts";
import type { Publisher } from "./publisher.ts";
import { RequestBody, RequestError } from "./request_body.ts";
import { isAddressed } from "./server_filter.ts";
import type { ReceivedMessage } from "./system_client.ts";

/** Milliseconds until the first heartbeat; each next one waits twice as long … */
const FIRST_INTERVAL = 250;
/** … up to this. */
const LAST_INTERVAL = 10_000;
/** Broadcasts are at least so far apart, milliseconds. */
const RATE_LIMIT = 1_000;

const SHAPE = {
  name: "StatszEventOptions",
  part: "",
  fields: {},
} as const;

/** Tells figures to those who ask, and to those who listen. */
export class Statsz {
  readonly #server: EventServer;
  readonly #publisher: Publisher;
  readonly #subject: string;
  #interval = FIRST_INTERVAL;
  #timer: Timer | null = null;
  #sent = -Infinity;

  constructor(server: EventServer, publisher: Publisher) {
    this.#server = server;
    this.#publisher = publisher;
    this.#subject = `$SYS.SERVER.${server.id}.STATSZ`;
  }

  /** Begins to tell figures without being asked. */
  start(): void {
    this.#schedule(this.#interval);
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** Tells figures at once, since something in them is new. */
  push(): void {
    this.#sent = -Infinity;
    this.#broadcast();
  }

  /** A request without a reply asks for a broadcast. */
  async answer({ reply, body }: ReceivedMessage): Promise<void> {
    try {
      const request = RequestBody.read(body, SHAPE);
      if (!isAddressed(this.#server, request)) return;
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      await this.#publisher.answer(reply || this.#subject, {
        server: this.#publisher.header(),
        error: { code: 400, description: error.message },
      });
      return;
    }
    if (reply === "") {
      this.#sent = -Infinity;
      this.#broadcast();
    } else await this.#publisher.answer(reply, this.#message());
  }

  #schedule(delay: number): void {
    this.#timer?.cancel();
    this.#timer = this.#server.timers.after(delay, () => {
      this.#interval = Math.min(this.#interval * 2, LAST_INTERVAL);
      this.#schedule(this.#interval);
      this.#broadcast();
    });
  }

  #broadcast(): void {
    const now = this.#server.clock.monotonic();
    const next = this.#sent + Math.min(RATE_LIMIT, this.#interval);
    if (now < next) {
      this.#schedule(next - now);
      return;
    }
    this.#sent = now;
    this.#publisher.publish(this.#subject, () => this.#message());
  }

  #message(): object {
    return {
      server: this.#publisher.header(),
      statsz: serverStats(this.#server),
    };
  }
}

function serverStats(server: EventServer): object {
  const { usage, counters, clients } = server;
  const accounts = [...server.accounts];
  const sent = { msgs: counters.messagesOut, bytes: counters.bytesOut };
  const received = { msgs: counters.messagesIn, bytes: counters.bytesIn };
  return {
    start: formatLocalTime(server.started, server.clock),
    mem: usage.memory,
    cores: usage.cores,
    cpu: usage.cpu,
    connections: clients.count,
    total_connections: counters.connections,
    active_accounts:
      accounts.filter(({ name, clients }) =>
        clients > 0 || hasStreams(server, name)
      ).length,
    subscriptions: accounts.reduce(
      (sum, { subscriptions }) => sum + subscriptions.count,
      0,
    ),
    sent,
    sent_to_clients: sent,
    received,
    received_from_clients: received,
    slow_consumers: counters.slowConsumers,
    slow_consumer_stats: byKind(counters.slowConsumers),
    stale_connections: orOmit(counters.staleConnections),
    stale_connection_stats: byKind(counters.staleConnections),
    stalled_clients: orOmit(counters.stalledClients),
    active_servers: 1,
    jetstream: jetStreamVarz(server, false),
    gomaxprocs: usage.cores,
  };
}

/** Streams are members of their account, which makes it an active one. */
function hasStreams({ jetstream }: EventServer, account: string): boolean {
  const streams = jetstream.service?.accounts.get(account)?.streams;
  return streams !== undefined && streams.size > 0;
}

function byKind(clients: number): object | undefined {
  if (clients === 0) return undefined;
  return { clients, routes: 0, gateways: 0, leafs: 0 };
}
