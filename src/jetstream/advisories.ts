/**
 * Events that JetStream tells of, to those who listen.
 *
 * @module
 */

import { type Account, Base62, type ClientInfo } from "../account/mod.ts";
import { encodeGoJson } from "../protocol/mod.ts";
import { subjectFromText } from "../subject/mod.ts";
import type { JetStreamContext } from "./context.ts";
import { formatTime } from "./json/time.ts";
import type { Speaker } from "./speaker.ts";

const ADVISORY_SUBJECT = "$JS.EVENT.ADVISORY.";
const METRIC_SUBJECT = "$JS.EVENT.METRIC.";
const ADVISORY_TYPE = "io.nats.jetstream.advisory.v1.";
const METRIC_TYPE = "io.nats.jetstream.metric.v1.";

const ID_LENGTH = 22;

/** Who did something, without what others could use in their name. */
export type Advised = Omit<ClientInfo, "jwt">;

/** Fields in the order of the JSON; those that are undefined are left out. */
export type EventFields = Readonly<Record<string, unknown>>;

/** Tells of events; nothing is made of one that nobody listens for. */
export class Advisories {
  readonly #context: JetStreamContext;
  readonly #speaker: Speaker;
  readonly #letters: Base62;

  constructor(context: JetStreamContext, speaker: Speaker) {
    this.#context = context;
    this.#speaker = speaker;
    this.#letters = new Base62(context.random);
  }

  /** @param account null: the system account. @param event such as `STREAM.CREATED.S` */
  advise(
    account: Account | null,
    event: string,
    type: string,
    fields: () => EventFields,
  ): void {
    this.#tell(
      account,
      ADVISORY_SUBJECT + event,
      ADVISORY_TYPE + type,
      fields,
    );
  }

  measure(
    account: Account,
    metric: string,
    type: string,
    fields: () => EventFields,
  ): void {
    this.#tell(account, METRIC_SUBJECT + metric, METRIC_TYPE + type, fields);
  }

  #tell(
    account: Account | null,
    subject: string,
    type: string,
    fields: () => EventFields,
  ): void {
    const to = account ?? this.#context.accounts.system;
    const heard = subjectFromText(subject);
    if (to === null || !this.#speaker.isHeard(to, heard)) return;
    const { clock } = this.#context;
    const event = {
      type,
      id: this.#letters.draw(ID_LENGTH),
      timestamp: formatTime(clock.nowNanos()),
      ...fields(),
    };
    const body = new TextEncoder().encode(encodeGoJson(event));
    this.#speaker.say({ account: to, subject: heard, body });
  }
}
