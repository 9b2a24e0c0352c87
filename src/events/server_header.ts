/**
 * The `server` field of everything that the server publishes.
 *
 * @module
 */

import { orOmit } from "../monitor/mod.ts";
import { formatNanos } from "../protocol/mod.ts";
import type { EventServer } from "./event_server.ts";

/** JetStream, snapshots as a stream of bytes, Raft in accounts of their own. */
const JETSTREAM_FLAGS = 1 | 2 | 4;

/** Numbers what it heads. */
export class ServerHeader {
  readonly #server: EventServer;
  #sequence = 0;

  constructor(server: EventServer) {
    this.#server = server;
  }

  /** The field for the next message. */
  next(): object {
    const { name, id, options, featureFlags, clock } = this.#server;
    const info = this.#server.info();
    return {
      name,
      host: info.host,
      id,
      cluster: orOmit(info.cluster ?? ""),
      domain: orOmit(info.domain ?? ""),
      ver: info.version,
      tags: orOmit(options.serverTags),
      metadata: orOmit(options.serverMetadata),
      feature_flags: orOmit(featureFlags),
      jetstream: info.jetstream ?? false,
      flags: info.jetstream ? JETSTREAM_FLAGS : 0,
      seq: ++this.#sequence,
      time: formatNanos(clock.nowNanos()),
    };
  }
}
