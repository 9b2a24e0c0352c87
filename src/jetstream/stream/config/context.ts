/**
 * What checking a stream's configuration needs to know.
 *
 * @module
 */

import type { Random } from "../../../runtime/mod.ts";
import { ApiError } from "../../errors.ts";
import type { StreamConfig } from "../../types/stream_config.ts";

/** Nanoseconds in a millisecond. */
export const MILLISECOND = 1_000_000;
/** Nanoseconds in a second. */
export const SECOND: number = 1000 * MILLISECOND;

/** The surroundings of the stream to be. */
export interface ConfigContext {
  readonly random: Random;
  /** Nanoseconds; the server's limit of duplicate windows; 0: none. */
  readonly duplicateWindowMax: number;
  /** Another stream of the account. */
  streamConfig(name: string): StreamConfig | undefined;
  /** What the account demands of `max_bytes`; a limit of 0 or less is none. */
  maxBytes(config: StreamConfig): {
    readonly required: boolean;
    readonly limit: number;
  };
}

/** A configuration that is invalid, in the server's words. */
export function invalidConfig(err: string): ApiError {
  return new ApiError("streamInvalidConfig", { err });
}

/** What pedantic clients are told of what would otherwise be adjusted. */
export function pedantry(err: string): ApiError {
  return new ApiError("pedantic", { err });
}
