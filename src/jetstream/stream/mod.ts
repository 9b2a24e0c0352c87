/**
 * Streams: configuration, the way of messages into them, retention, schedules
 * and direct requests.
 *
 * Contract: a stream knows its host, its store and its consumers by the
 * interfaces in `contract.ts`, and never the server. A message is stored or
 * refused as a whole; who published it hears of that when it is as safe as the
 * options demand.
 *
 * @module
 */

import type { StreamMaker } from "../assets.ts";
import type { ConsumerFactory } from "./contract.ts";
import { Stream } from "./stream.ts";

export type * from "./contract.ts";
export { RollupAllowance } from "./rollups.ts";
export { Stream } from "./stream.ts";

/** Makes streams whose consumers come from `factory`. */
export function streamMaker(factory: ConsumerFactory): StreamMaker {
  return {
    create: (config, host, birth) => new Stream(config, host, factory, birth),
  };
}
