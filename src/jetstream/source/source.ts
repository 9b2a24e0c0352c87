/**
 * One of the streams that a stream is fed from.
 *
 * @module
 */

import type { Message } from "../../protocol/mod.ts";
import { formatTime, parseTime } from "../json/time.ts";
import { withHeader, withoutHeader } from "../stream/header_block.ts";
import { StreamHeader } from "../stream/publish_headers.ts";
import type { Stream } from "../stream/stream.ts";
import type { StreamSourceInfo } from "../types/infos.ts";
import type { OriginConsumer } from "./answer.ts";
import { copiedHeaders, withHeaders } from "./copied_message.ts";
import type { Delivery } from "./delivery.ts";
import { type Copy, Link } from "./link.ts";
import type { Origin, StartPoint } from "./origin.ts";
import { sourceHeader, type SourcePosition } from "./source_header.ts";

/** Discards that come and go with the messages that a stream is full of. */
const FULL = [
  "maximum messages exceeded",
  "maximum bytes exceeded",
  "maximum messages per subject exceeded",
];

/** Appends what another stream gets. */
export class Source implements Copy {
  readonly origin: Origin;
  readonly #stream: Stream;
  readonly #link: Link;
  /** Last sequence of the origin that was stored; 0: none. */
  #stored = 0;
  #identity = "";
  #isRecreated = false;

  constructor(stream: Stream, origin: Origin) {
    this.#stream = stream;
    this.origin = origin;
    this.#link = new Link(stream, this);
  }

  get identity(): string {
    return this.#identity;
  }

  /** Goes on behind what was stored before. */
  resume(
    { sequence, identity }: Pick<SourcePosition, "sequence" | "identity">,
  ): void {
    this.#stored = sequence;
    this.#identity = identity;
    this.#link.progress.begin(sequence);
  }

  /** How far it has come. */
  get position(): Pick<SourcePosition, "sequence" | "identity"> {
    return { sequence: this.#stored, identity: this.#identity };
  }

  open(): void {
    this.#link.open();
  }

  close(): void {
    this.#link.close();
  }

  info(): StreamSourceInfo {
    return { ...this.#link.info(), seq: this.#stored };
  }

  start(): StartPoint {
    const { stream } = this.#link.progress;
    if (stream > 0) return { sequence: stream + 1, time: null };
    const { opt_start_seq, opt_start_time } = this.origin.source;
    if (opt_start_seq > 0) return { sequence: opt_start_seq, time: null };
    const { firstSequence, lastTime } = this.#stream.store.state();
    const last = lastTime === 0n ? null : formatTime(lastTime);
    if (opt_start_time !== null) {
      const isBefore = (parseTime(opt_start_time) ?? 0n) < lastTime;
      return { sequence: 0, time: isBefore ? last : opt_start_time };
    }
    // Where everything was purged, what came before that must not come again.
    const time = firstSequence > 1 && !this.#isRecreated ? last : null;
    return { sequence: 0, time };
  }

  connected({ delivered, identity }: OriginConsumer): number {
    const changed = identity !== "" && this.#identity !== "" &&
      identity !== this.#identity;
    if (changed || this.#isRecreated) {
      const { host, name } = this.#stream;
      host.logger.warn(
        `JetStream source stream ${
          JSON.stringify(this.origin.name)
        } for stream '${host.account.name} > ${name}' was recreated, resetting source state`,
      );
      this.#link.progress.begin(0);
    }
    this.#identity = identity;
    this.#isRecreated = false;
    return Math.max(delivered, this.#link.progress.stream);
  }

  recreated(): void {
    this.#identity = "";
    this.#isRecreated = true;
    this.#stored = 0;
  }

  take(message: Message, delivery: Delivery, _previous: number): boolean {
    const stream = this.#stream;
    const { streamSequence } = delivery;
    const subject = message.subject();
    const header = sourceHeader(
      this.origin.key,
      streamSequence,
      subject,
      this.#identity,
    );
    const headers = withHeader(
      withoutHeader(copiedHeaders(message), StreamHeader.streamSource),
      StreamHeader.streamSource,
      header,
    );
    const { refusal } = stream.ingest.store(
      this.origin.rename(subject),
      withHeaders(message, headers),
      null,
    );
    if (refusal === null) {
      this.#stored = streamSequence;
      return true;
    }
    if (!FULL.includes(refusal.description)) {
      const { host, name } = stream;
      host.logger.warn(
        `Error processing inbound source ${
          JSON.stringify(this.origin.key)
        } for '${host.account.name}' > '${name}': ${refusal.message}`,
      );
    }
    return false;
  }
}
