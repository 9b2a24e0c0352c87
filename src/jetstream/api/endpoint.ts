/**
 * What an endpoint of the API is, and what it answers.
 *
 * @module
 */

import type { ApiError } from "../errors.ts";
import type { Call } from "./call.ts";

/** What goes back to who asked. */
export interface Answer {
  /** Fields of the answer as JSON, without braces. */
  readonly fields: string;
  /** An error that is not counted as one. */
  readonly error?: ApiError;
  /** Header block, byte string. */
  readonly headers?: string;
  /** Called when the answer is on its way. */
  readonly after?: () => void;
}

/** One kind of request. */
export interface Endpoint {
  /** Pattern, byte string. */
  readonly subject: string;
  /** End of the name of the answer's type. */
  readonly type: string;
  /** Others come first. */
  readonly informs?: boolean;
  /** Answers without errors are neither counted nor told of. */
  readonly uncounted?: boolean;
  /** Fields that stand beside an error, as JSON without braces. */
  readonly besideError?: string;
  /**
   * What takes long answers later; requests to the same stream wait.
   * @returns null: no answer. @throws ApiError, DelayedError
   */
  handle(call: Call): Answer | null | Promise<Answer | null>;
}

/**
 * An error that is told half a second later, so that a server that knows better
 * can come first.
 */
export class DelayedError extends Error {
  override readonly name = "DelayedError";
  constructor(readonly error: ApiError) {
    super(error.message);
  }
}

/** Nothing but success. */
export const SUCCESS: Answer = { fields: '"success":true' };

/** Name of an answer's type. */
export function typeName(type: string): string {
  return `io.nats.jetstream.api.v1.${type}`;
}
