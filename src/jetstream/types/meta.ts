/**
 * What is kept of a stream's or consumer's configuration: the text of
 * `meta.inf`.
 *
 * @module
 */

import { string } from "../json/kind.ts";
import { prefix, type StructKind } from "../json/struct.ts";
import { time } from "../json/time.ts";
import { CONSUMER_CONFIG, type ConsumerConfig } from "./consumer_config.ts";
import { STREAM_CONFIG, type StreamConfig } from "./stream_config.ts";

/** Of a stream; the names are those of the file. */
export interface StreamMeta extends StreamConfig {
  Created: string;
}

/** Of a consumer, which is kept under `Name`. */
export interface ConsumerMeta extends ConsumerConfig {
  Created: string;
  Name: string;
}

export const STREAM_META: StructKind<StreamMeta> = prefix(
  "FileStreamInfo",
  { Created: time },
  STREAM_CONFIG,
);

export const CONSUMER_META: StructKind<ConsumerMeta> = prefix(
  "FileConsumerInfo",
  { Created: time, Name: string },
  CONSUMER_CONFIG,
);
