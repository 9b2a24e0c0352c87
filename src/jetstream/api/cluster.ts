/**
 * Endpoints that move things between servers, of which there is only one.
 *
 * @module
 */

import { ApiError } from "../errors.ts";
import type { Endpoint } from "./endpoint.ts";

const ENDPOINTS: readonly (readonly [subject: string, type: string])[] = [
  ["STREAM.PEER.REMOVE.*", "stream_remove_peer_response"],
  ["STREAM.PEER.EVACUATE.*", "stream_evacuate_peer_response"],
  ["STREAM.CANCEL_MOVE.*", "stream_cancel_move_response"],
  ["STREAM.LEADER.STEPDOWN.*", "stream_leader_stepdown_response"],
  ["CONSUMER.LEADER.STEPDOWN.*.*", "consumer_leader_stepdown_response"],
  ["CONSUMER.PEER.REMOVE.*.*", "consumer_remove_peer_response"],
  ["CONSUMER.PEER.EVACUATE.*.*", "consumer_evacuate_peer_response"],
];

export function clusterEndpoints(): Endpoint[] {
  return ENDPOINTS.map(([subject, type]) => ({
    subject: `$JS.API.${subject}`,
    type,
    handle() {
      throw new ApiError("clusterRequired");
    },
  }));
}
