/**
 * Subject delete markers: what is left of a subject whose last message expired.
 *
 * @module
 */

import { formatDuration } from "../../config/mod.ts";
import { Chunk, encodeByteString } from "../../protocol/mod.ts";
import type { StoredMessage } from "../../store/mod.ts";
import { MILLISECOND, SECOND } from "./config/context.ts";
import { headerValue } from "./header_block.ts";
import { StreamHeader } from "./publish_headers.ts";
import { headersOf } from "./stored_parts.ts";
import type { Stream } from "./stream.ts";

const KV_OPERATION = "KV-Operation";
const KV_PURGE = "PURGE";
const REASON = "MaxAge";

/** Whether a message stands for the end of its subject, by its header block. */
export function isDeleteMarker(headers: string): boolean {
  return (headerValue(headers, StreamHeader.markerReason) ?? "") !== "" ||
    headerValue(headers, KV_OPERATION) === KV_PURGE;
}

/** Leaves markers where the last messages of subjects expire. */
export class DeleteMarkers {
  readonly #stream: Stream;
  /** Subjects whose markers are about to be stored. */
  #due = new Set<string>();

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  /**
   * The last message of its subject is due to expire. Called from within the
   * store: the marker follows when that has finished.
   * @returns whether a marker takes its place
   */
  expiring(message: StoredMessage): boolean {
    if (this.#stream.config.subject_delete_marker_ttl <= 0) return false;
    if (isDeleteMarker(headersOf(message))) return false;
    if (this.#due.size === 0) {
      const { host, backlog } = this.#stream;
      // Behind a rollup there is room for them.
      host.timers.soon(() => backlog.enter(() => this.#store()));
    }
    this.#due.add(message.subject);
    return true;
  }

  #store(): void {
    const due = this.#due;
    this.#due = new Set();
    const { config, ingest, closed } = this.#stream;
    if (closed) return;
    const seconds = Math.trunc(config.subject_delete_marker_ttl / SECOND);
    const ttl = formatDuration(seconds * SECOND / MILLISECOND);
    const block = `NATS/1.0\r\n${StreamHeader.markerReason}: ${REASON}\r\n` +
      `${StreamHeader.ttl}: ${ttl}\r\n${StreamHeader.rollup}: sub\r\n\r\n`;
    const chunk = Chunk.of(encodeByteString(block));
    for (const subject of due) {
      ingest.store(subject, {
        chunk,
        bodyStart: 0,
        bodyEnd: block.length,
        headerSize: block.length,
      }, null);
    }
  }
}
