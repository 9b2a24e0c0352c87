/**
 * What scenarios of WebSocket are made of.
 *
 * @module
 */

import type { Claims } from "../../tools/capability.ts";
import { frame, upgradeRequest } from "../../tools/raw_websocket.ts";

/** One connection: a request, then bytes, and pauses in milliseconds. */
export interface WebsocketScenario {
  readonly name: string;
  readonly proves: Claims;
  /** Text of the configuration. */
  readonly config: string;
  readonly request: string;
  readonly steps: readonly (Uint8Array | number)[];
}

/** A configuration with a plain listener and further settings of its block. */
export function websocket(...settings: readonly string[]): string {
  return `websocket { listen: "127.0.0.1:-1", no_tls: true, ${
    settings.join(", ")
  } }`;
}

/** Protocol text in one masked frame. */
export function text(payload: string): Uint8Array {
  return frame({ payload });
}

export const CONNECT = 'CONNECT {"verbose":false}\r\n';

/** An upgrade as a usual client asks for it. */
export const UPGRADE = upgradeRequest();

/** An upgrade that offers compression. */
export const COMPRESSED = upgradeRequest({
  "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
});
