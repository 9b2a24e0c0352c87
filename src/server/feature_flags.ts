/**
 * Feature flags that this version knows, with their defaults.
 *
 * @module
 */

export const KNOWN_FEATURE_FLAGS: ReadonlyMap<string, boolean> = new Map([
  ["js_ack_fc_v2", false],
  ["js_api_reply_v2", false],
  ["js_raft_delete_range", true],
  ["js_snapshot_sources", false],
]);
