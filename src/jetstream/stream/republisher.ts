/**
 * Publishes messages again once they are stored.
 *
 * @module
 */

import {
  isValidPublishSubject,
  SubjectFilter,
  type SubjectTransform,
  SubjectTransformError,
} from "../../subject/mod.ts";
import { formatTime } from "../json/time.ts";
import type { Publication } from "./publication.ts";
import type { Stream } from "./stream.ts";

const VERSION_LINE = "NATS/1.0\r\n";
const LINE_END = "\r\n";

/** Follows the `republish` setting of a stream. */
export class Republisher {
  readonly #stream: Stream;
  readonly #transform: SubjectTransform;
  readonly #headersOnly: boolean;

  constructor(
    stream: Stream,
    transform: SubjectTransform,
    headersOnly: boolean,
  ) {
    this.#stream = stream;
    this.#transform = transform;
    this.#headersOnly = headersOnly;
  }

  /** Sequence of the last message of a subject; 0: there is none. */
  previous(subject: string): number {
    const filter = SubjectFilter.of(subject);
    return this.#stream.store.loadLast(filter)?.sequence ?? 0;
  }

  /** @param previous sequence of the message of that subject before */
  publish(
    publication: Publication,
    sequence: number,
    previous: number,
  ): void {
    const { store, outbox, streamName } = this.#stream;
    const subject = this.#target(publication.subject);
    if (subject === null) return;
    // It may have been too large to stay.
    const time = store.load(sequence)?.time ?? store.state().lastTime;
    const payload = publication.payload();
    const block = publication.headerBlock();
    const before = block === ""
      ? VERSION_LINE
      : block.slice(0, -LINE_END.length);
    let headers = before + `Nats-Stream: ${streamName}\r\n` +
      `Nats-Subject: ${publication.subject}\r\n` +
      `Nats-Sequence: ${sequence}\r\n` +
      `Nats-Time-Stamp: ${formatTime(time)}\r\n` +
      `Nats-Last-Sequence: ${previous}\r\n`;
    if (this.#headersOnly) headers += `Nats-Msg-Size: ${payload.length}\r\n`;
    outbox.send({
      subject,
      headers: headers + LINE_END,
      body: this.#headersOnly ? "" : payload,
      kind: "sequel",
    });
  }

  /** Where it goes; null when it is not to be published. */
  #target(subject: string): string | null {
    let target: string;
    try {
      target = this.#transform.match(subject);
    } catch (error) {
      if (error instanceof SubjectTransformError) return null;
      throw error;
    }
    if (isValidPublishSubject(target)) return target;
    const { host, config } = this.#stream;
    host.logger.warn(
      `Stream '${host.account.name} > ${config.name}' suppressing republish with invalid subject ${
        JSON.stringify(target)
      }`,
    );
    return null;
  }
}
