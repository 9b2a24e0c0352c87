/**
 * A copying stream whose origin is played by the test.
 *
 * @module
 */

import type { Stream } from "../../../../src/jetstream/stream/mod.ts";
import {
  STREAM_SOURCE,
  type StreamSource,
} from "../../../../src/jetstream/types/stream_config.ts";
import type { AccountStores } from "../../../../src/store/mod.ts";
import { messageOf, type Seen, StreamWorld } from "../stream/world.ts";

/** A request for a consumer. */
export interface ConsumerRequest {
  readonly subject: string;
  readonly reply: string;
  readonly headers: string;
  readonly config: Readonly<Record<string, unknown>>;
}

type Given = Partial<StreamSource>;

/** Plays the API of an origin `O`, and its consumer. */
export class OriginWorld extends StreamWorld {
  readonly copy: Stream;

  /**
   * @param kind what the stream `C` does with the origin
   * @param kept where the stream is from before, or will be kept
   */
  constructor(
    kind: "mirror" | "source",
    given: Given = {},
    more: Parameters<StreamWorld["stream"]>[0] = {},
    kept: { stores: AccountStores; recovering: boolean } | null = null,
  ) {
    super(kept ?? {});
    this.listen("$JS.API.>");
    this.listen("far.api.>");
    this.listen("fc.>");
    const source = { ...STREAM_SOURCE.zero(), name: "O", ...given };
    this.copy = this.stream({
      name: "C",
      ...(kind === "mirror" ? { mirror: source } : { sources: [source] }),
      ...more,
    }, kept?.recovering);
  }

  /** Lets time pass and takes what was heard. */
  async hear(milliseconds = 250): Promise<Seen[]> {
    this.seen = [];
    await this.pass(milliseconds);
    return this.seen;
  }

  /** The request that has come already, or comes within some time. */
  async asked(milliseconds = 250): Promise<ConsumerRequest> {
    if (this.seen.length === 0) await this.hear(milliseconds);
    const [request] = this.seen;
    if (request === undefined) throw new Error("no request");
    this.seen = [];
    const body = request.body === "" ? {} : JSON.parse(request.body);
    return { ...request, config: body.config ?? {} };
  }

  /** Answers with an error. */
  refuse({ reply }: ConsumerRequest, err_code: number): void {
    const error = { code: 400, err_code, description: "because" };
    this.publish(reply, JSON.stringify({ error }));
  }

  /** Answers with a consumer `name`. */
  accept(
    { reply, config }: ConsumerRequest,
    { name = "one", delivered = 0, identity = "", ack = "none" } = {},
  ): string {
    const deliver = String(config["deliver_subject"] ?? "durable.deliver");
    this.publish(
      reply,
      JSON.stringify({
        name,
        config: { deliver_subject: deliver, ack_policy: ack },
        delivered: { stream_seq: delivered },
      }),
      identity === "" ? {} : { "Nats-Stream-Identity": identity },
    );
    return deliver;
  }

  /** Asks for a consumer, gets it and listens to it. @returns where */
  async connect(
    answer: Parameters<OriginWorld["accept"]>[1] = {},
  ): Promise<string> {
    return this.accept(await this.asked(), answer);
  }

  /** Delivers a message to where the copy listens. */
  send(
    deliver: string,
    [stream, consumer]: readonly [number, number],
    more: {
      name?: string;
      count?: number;
      pending?: number;
      subject?: string;
      headers?: Readonly<Record<string, string>>;
    } = {},
  ): void {
    const { name = "one", count = 1, pending = 0 } = more;
    const time = 1_700_000_000_000_000_000n + BigInt(stream);
    const reply =
      `$JS.ACK.O.${name}.${count}.${stream}.${consumer}.${time}.${pending}`;
    const subject = more.subject ?? `o.${stream}`;
    const message = messageOf(subject, `m${stream}`, more.headers ?? {}, reply);
    message.route = deliver;
    this.hand(message);
  }

  /** Sends a control message. */
  control(
    deliver: string,
    headers: Readonly<Record<string, string>>,
    reply = "",
  ): void {
    const lines = Object.entries(headers).map(([k, v]) => `${k}: ${v}\r\n`);
    const block = `NATS/1.0 100 Idle Heartbeat\r\n${lines.join("")}\r\n`;
    const message = messageOf(deliver, block, {}, reply);
    message.headerSize = block.length;
    this.hand(message);
  }

  /** `[sequence, subject]` of what the copy has. */
  get stored(): [number, string][] {
    const { store } = this.copy;
    const found: [number, string][] = [];
    for (let i = 1; i <= store.lastSequence; i++) {
      const message = store.load(i);
      if (message !== null) found.push([i, message.subject]);
    }
    return found;
  }
}
