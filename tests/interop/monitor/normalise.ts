/**
 * Makes JSON of monitoring comparable: what differs between runs becomes a
 * placeholder that keeps its type; names, types, order and everything else
 * stay.
 *
 * @module
 */

/** Fields that differ from run to run, or from platform to platform. */
const VARYING: ReadonlySet<string> = new Set([
  "server_id",
  "id",
  "timestamp",
  "time",
  "seq",
  "now",
  "start",
  "stop",
  "last_activity",
  "update_time",
  "config_load_time",
  "uptime",
  "idle",
  "rtt",
  "mem",
  "cpu",
  "port",
  // What a closing connection was still owed depends on the moment.
  "pending_bytes",
  "http_port",
]);

/** Lists without an order. */
const UNORDERED: ReadonlySet<string> = new Set([
  "subscriptions_list",
  "subscriptions_list_detail",
  "accounts",
  "account_statz",
  "account_details",
  "stream_detail",
  "consumer_detail",
  "direct_consumer_detail",
  "imports",
  "exports",
  "allow",
  "deny",
]);

/** Figures about the insides of the subscription index. */
const CACHE: ReadonlySet<string> = new Set([
  "num_cache",
  "num_matches",
  "cache_hit_rate",
  "max_fanout",
  "avg_fanout",
]);

/** Connections by the order of their ids: absolute ones count internal clients too. */
function connectionNumbers(text: string): Map<number, string> {
  const ids = [...text.matchAll(/"cid":\s*(\d+)/g)].map(([, id]) => Number(id));
  const ordered = [...new Set(ids)].sort((a, b) => a - b);
  return new Map(ordered.map((id, index) => [id, `connection ${index + 1}`]));
}

/** @param further fields that differ in this comparison */
export function normalise(
  text: string,
  further: ReadonlySet<string> = new Set(),
): string {
  const numbers = connectionNumbers(text);
  const visit = (name: string, value: unknown): unknown => {
    if (VARYING.has(name) || CACHE.has(name) || further.has(name)) {
      return `<${typeof value}>`;
    }
    if (name === "cid") return numbers.get(Number(value));
    if (Array.isArray(value)) {
      const elements = value.map((element) => visit("", element));
      if (!UNORDERED.has(name)) return elements;
      return elements.sort((a, b) =>
        JSON.stringify(a) < JSON.stringify(b) ? -1 : 1
      );
    }
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, field]) => [key, visit(key, field)]),
    );
  };
  return JSON.stringify(visit("", JSON.parse(text)), null, 1);
}
