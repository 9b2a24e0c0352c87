/**
 * What publishers are told.
 *
 * @module
 */

import { encodeGoJson } from "../../protocol/mod.ts";
import { subjectFromText } from "../../subject/mod.ts";
import type { ApiError } from "../errors.ts";

/** Text of the answers of one stream, as byte strings. */
export class Responses {
  /** Everything of an acknowledgement that comes before the sequence. */
  readonly prefix: string;
  readonly #stream: string;

  /** @param domain empty: none */
  constructor(stream: string, domain: string) {
    this.#stream = subjectFromText(encodeGoJson(stream));
    const inDomain = domain === ""
      ? ""
      : `"domain":${subjectFromText(encodeGoJson(domain))},`;
    this.prefix = `{"stream":${this.#stream},${inDomain}"seq":`;
  }

  /** The message was stored before. */
  duplicate(sequence: number): string {
    return `${this.prefix}${sequence},"duplicate": true}`;
  }

  /** A duplicate that begins a batch. */
  duplicateBatch(sequence: number, batch: string, count: number): string {
    return `${this.prefix}${sequence},"duplicate": true,${
      batchFields(batch, count)
    }}`;
  }

  /** A batch has been stored. @param batch byte string */
  batch(sequence: number, batch: string, count: number): string {
    return `${this.prefix}${sequence},${batchFields(batch, count)}}`;
  }

  /** A counter has a new total. */
  counter(sequence: number, value: string): string {
    return `${this.prefix}${sequence},"val":"${value}"}`;
  }

  /** The message was refused. */
  refusal(error: ApiError): string {
    const body = subjectFromText(encodeGoJson(error.toJSON()));
    return `{"error":${body},"stream":${this.#stream},"seq":0}`;
  }
}

function batchFields(batch: string, count: number): string {
  return `"batch":${encodeGoJson(batch)},"count":${count}`;
}
