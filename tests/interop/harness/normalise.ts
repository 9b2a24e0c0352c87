/**
 * Makes transcripts of two servers comparable: what differs from run to run
 * (identities, ports, nonces, times) becomes a placeholder, everything else
 * stays as it was sent.
 *
 * @module
 */

import type { Operation } from "./operations.ts";

/** Numbers and texts of one run that stand for something in the transcript. */
export type Placeholders = ReadonlyMap<string, string>;

/** Build details in which two servers of equal behaviour rightly differ. */
const BUILD_FIELDS = new Set(["git_commit"]);

/** Shows one operation: line, then payload, with escapes; placeholders filled in. */
export function showOperation(
  operation: Operation,
  placeholders: Placeholders,
): string {
  const info = operation.match(/^INFO (\{.*\})(\s*)$/s);
  if (info !== null) {
    const fields = normaliseInfo(JSON.parse(info[1] ?? ""), placeholders);
    return `INFO ${JSON.stringify(fields)}${JSON.stringify(info[2])}`;
  }
  const lineEnd = operation.indexOf("\r\n");
  if (/^HMSG [^\r]*\r\n[^]*\r\nNats-Request-Info: /.test(operation)) {
    return JSON.stringify(
      normaliseText(withoutRoundTrip(operation), placeholders),
    );
  }
  const line = operation.slice(0, lineEnd);
  const body = operation.slice(lineEnd + 2, -2);
  if (/^H?MSG /.test(line) && body.startsWith("{") && body.endsWith("}")) {
    const value: unknown = JSON.parse(body);
    const fields = isJetStream(value)
      ? normaliseJetStream(value, placeholders)
      : normaliseJson(value, placeholders);
    const head = line.replace(/ +\d+$/, " <size>");
    return `${normaliseText(head, placeholders)} ${JSON.stringify(fields)}`;
  }
  // Go's server writes a blank too many into messages of its own.
  const tidy = operation.replace(/^(H?MSG \S+ \S+) {2}(?=\d)/, "$1 ");
  return JSON.stringify(normaliseText(withoutSizes(tidy), placeholders));
}

const TIME = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/g;

/** Times have as many digits as they need, which the sizes of headers show. */
function withoutSizes(operation: Operation): string {
  if (!operation.startsWith("HMSG ") || operation.search(TIME) < 0) {
    return operation;
  }
  return operation.replace(/ \d+ \d+\r\n/, " <sizes>\r\n");
}

/** A request with what its client's round-trip time and number change in it replaced. */
function withoutRoundTrip(operation: Operation): string {
  return operation.replace(/ \d+ \d+\r\n/, " <sizes>\r\n")
    .replaceAll(/"(rtt|id)":\d+/g, '"$1":<$1>');
}

/** Counters and times inside JSON payloads that vary between servers. */
const VARYING_FIELDS = new Set([
  "seq",
  "time",
  "rtt",
  "uptime",
  "start",
  "cid",
  "client_id",
]);

/** The same in reports of the latency of services. */
const LATENCY_FIELDS = new Set([
  ...VARYING_FIELDS,
  "id",
  "service",
  "system",
  "total",
]);

/** The same in advisories. */
const ADVISORY_FIELDS = new Set([...VARYING_FIELDS, "id", "stop"]);

/** Which fields vary depends on what a payload says that it is. */
function varyingFields(value: unknown): ReadonlySet<string> {
  const type = typeof value === "object" && value !== null && "type" in value
    ? String(value.type)
    : "";
  if (type === "io.nats.server.metric.v1.service_latency") {
    return LATENCY_FIELDS;
  }
  if (type.startsWith("io.nats.server.advisory.")) return ADVISORY_FIELDS;
  return VARYING_FIELDS;
}

/** Fields of JetStream's payloads that vary between runs. */
const JETSTREAM_FIELDS = new Set([
  "active",
  "id",
  "start",
  "rtt",
  "client_type",
  "kind",
  "ack_time",
  "pause_remaining",
  "pinned_id",
  "version",
  "lang",
  "ver",
]);

/** Whether a payload is an answer, an acknowledgement or an event of JetStream. */
function isJetStream(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  if ("type" in value) {
    return String(value.type).startsWith("io.nats.jetstream.");
  }
  const isPubAck = "seq" in value &&
    ("stream" in value || "last_seq" in value || "msgs" in value);
  // Envelopes of system requests tell of the server that answers.
  return isPubAck || ("error" in value && !("server" in value));
}

/** The same, with fields in the order in which they came. */
function normaliseJetStream(
  value: unknown,
  placeholders: Placeholders,
): unknown {
  if (typeof value === "string") {
    const text = value.startsWith("{") ? normaliseNested(value) : value;
    return normaliseText(text, placeholders);
  }
  if (Array.isArray(value)) {
    return value.map((item) => normaliseJetStream(item, placeholders));
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      JETSTREAM_FIELDS.has(name)
        ? `<${name}>`
        : normaliseJetStream(field, placeholders),
    ]),
  );
}

/** JSON inside of JSON; fields that vary stand for themselves. */
function normaliseNested(text: string): string {
  return text.replace(/"(pause_remaining)":\d+/g, '"$1":<$1>');
}

/** Sorts the fields of a JSON payload and replaces the values that vary. */
function normaliseJson(
  value: unknown,
  placeholders: Placeholders,
  varying: ReadonlySet<string> = varyingFields(value),
): unknown {
  if (typeof value === "string") return normaliseText(value, placeholders);
  if (Array.isArray(value)) {
    return value.map((item) => normaliseJson(item, placeholders, varying));
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, field]) => [
    name,
    varying.has(name)
      ? `<${name}: ${typeof field}>`
      : normaliseJson(field, placeholders, varying),
  ]));
}

/** Sorts the fields and replaces values that vary, keeping their types visible. */
function normaliseInfo(
  info: Readonly<Record<string, unknown>>,
  placeholders: Placeholders,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(info).sort()) {
    if (BUILD_FIELDS.has(name)) continue;
    result[name] = normaliseField(name, info, placeholders);
  }
  return result;
}

function normaliseField(
  name: string,
  info: Readonly<Record<string, unknown>>,
  placeholders: Placeholders,
): unknown {
  const value = info[name];
  switch (name) {
    case "go":
    case "client_id":
    case "port":
      return `<${name}: ${typeof value}>`;
    case "server_name":
      return value === info["server_id"] ? "<server_id>" : value;
    case "nonce":
      return /^[\w-]{15}$/.test(String(value)) ? "<nonce>" : value;
    case "connect_urls":
    case "ws_connect_urls":
      return Array.isArray(value)
        ? value.map((url) => normaliseText(String(url), placeholders)).sort()
        : value;
    default:
      return typeof value === "string"
        ? normaliseText(value, placeholders)
        : value;
  }
}

/** Replaces keys of servers and users, times, and this run's placeholders. */
export function normaliseText(
  text: string,
  placeholders: Placeholders,
): string {
  let result = text
    .replace(/\b_R_\.\w{6}\.\w{6}\.\w{8}\.T\b/g, "<tracked service reply>")
    .replace(/\b_R_\.\w{6}\.\w{6}\b/g, "<service reply>")
    .replace(/(Nats-Pin-Id: )\w{22}\b/g, "$1<id>")
    .replace(/(\$JS\.SNAPSHOT\.\w+\.\S+?\.)\w{22}\b/g, "$1<id>")
    .replace(/(\$JS\.ACK\.\S+?\.)\d{19}(?=\.)/g, "$1<time>")
    .replace(/\b([ACNOUX])[A-Z2-7]{55}\b/g, "<$1 key>")
    .replace(/(Nats-Stream-Source:( \S+){5}) \w{8}\b/g, "$1 <identity>")
    .replace(/\bnats-\w{8}\b/g, "<guest>")
    .replace(TIME, "<time>");
  for (const [value, placeholder] of placeholders) {
    result = result.replaceAll(value, placeholder);
  }
  return result;
}
