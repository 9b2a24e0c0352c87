/**
 * Where a consumer is spoken to, and what it answers.
 *
 * What comes in comes in the middle of somebody's batch; it is answered when
 * it is the consumer's turn.
 *
 * @module
 */

import type { Account } from "../../account/mod.ts";
import { Chunk, encodeByteString, Message } from "../../protocol/mod.ts";
import { subjectFromText } from "../../subject/mod.ts";
import { headerValue } from "../stream/header_block.ts";
import type { AckNames } from "./ack_subject.ts";
import type { AckPrefixes } from "./acks.ts";
import type { Consumer } from "./consumer.ts";
import { Destination } from "./destination.ts";
import { asksTooMuch, Door, type Spoken } from "./doors.ts";
import { PushMode } from "./push_mode.ts";
import { answerReset, type ResetAnswer } from "./reset.ts";

/** Requests, resets and answers to flow control. */
export class Reception {
  readonly #consumer: Consumer;
  readonly #doors: readonly Door[];
  readonly #statuses: (readonly [reply: string, status: string])[] = [];
  readonly #resets: Spoken[] = [];

  constructor(
    consumer: Consumer,
    { stream, consumer: name }: AckNames,
    flows: AckPrefixes,
  ) {
    this.#consumer = consumer;
    const names = `${stream}.${name}`;
    this.#doors = [
      new Door(
        [`$JS.API.CONSUMER.MSG.NEXT.${names}`],
        (spoken) => this.#hearRequest(spoken),
      ),
      new Door(
        [`$JS.API.CONSUMER.RESET.${names}`],
        (spoken) => this.#hearReset(spoken),
      ),
      ...(consumer.config.flow_control
        ? [
          new Door(
            [`${flows.short}*`, `${flows.long}*`],
            (spoken) => this.#hearAnswer(spoken),
          ),
        ]
        : []),
    ];
  }

  open(account: Account): void {
    for (const door of this.#doors) door.open(account);
  }

  close(account: Account): void {
    for (const door of this.#doors) door.close(account);
  }

  /** Takes a request for messages. */
  request(reply: string, payload: Uint8Array): void {
    const { mode } = this.#consumer;
    if (mode instanceof PushMode) {
      this.#refuse(reply, "409 Consumer is push based");
    } else mode.receive({ reply, payload });
  }

  /** Answers what has come in. */
  answer(): void {
    const { outlet, acks, host: { account } } = this.#consumer;
    if (!acks.replies.isEmpty) {
      acks.replies.flush((message) => void outlet.pass(account, message));
    }
    for (const [reply, status] of this.#statuses.splice(0)) {
      outlet.sendStatus(new Destination(account, reply), status);
    }
    for (const spoken of this.#resets.splice(0)) {
      const answer = answerReset(this.#consumer, spoken);
      if (!(answer instanceof Promise)) this.#answer(spoken, answer);
      else answer.then((each) => this.#answer(spoken, each));
    }
  }

  #answer({ reply }: Spoken, { headers, body }: ResetAnswer): void {
    const { outlet, host: { account } } = this.#consumer;
    const message = new Message();
    message.setSubject(reply);
    message.chunk = Chunk.of(encodeByteString(headers + subjectFromText(body)));
    message.bodyEnd = message.chunk.size;
    message.headerSize = headers === "" ? -1 : headers.length;
    outlet.pass(account, message);
  }

  #refuse(reply: string, status: string): void {
    this.#statuses.push([reply, status]);
    this.#consumer.ready();
  }

  #hearRequest(spoken: Spoken): void {
    const { reply, payload } = spoken;
    if (reply === "") return;
    if (this.#consumer.mode instanceof PushMode || !asksTooMuch(spoken)) {
      this.request(reply, payload);
    } else this.#refuse(reply, "412 Required Api Level");
  }

  #hearReset(spoken: Spoken): void {
    if (spoken.reply === "") return;
    this.#resets.push(spoken);
    this.#consumer.ready();
  }

  #hearAnswer({ subject, headers }: Spoken): void {
    const { mode, acks, config } = this.#consumer;
    if (!(mode instanceof PushMode) || !mode.answered(subject)) return;
    if (config.ack_policy !== "flow_control" || headers === "") return;
    const stream = sequenceIn(headers, "Nats-Last-Stream");
    const consumer = sequenceIn(headers, "Nats-Last-Consumer");
    if (stream > 0) acks.acknowledgeUpTo(stream, Math.max(0, consumer));
  }
}

/** -1 when it is none. */
function sequenceIn(headers: string, name: string): number {
  const text = headerValue(headers, name) ?? "";
  return /^\d+$/.test(text) ? Number(text) : -1;
}
