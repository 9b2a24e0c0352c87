/**
 * What differs from run to run, replaced.
 *
 * @module
 */

/** Fields of documents whose values vary, though not their types. */
const VARYING = new Set([
  "id",
  "timestamp",
  "ts",
  "created",
  "last_active",
  "pause_remaining",
  "pinned_client_id",
  "pinned_id",
  "pinned_ts",
  "delay",
]);

/** Text without times, and without what is drawn by chance. */
export function showText(text: string): string {
  return text
    .replace(
      /(\$JS\.ACK\.\S+?\.\d+\.\d+\.\d+\.)\d{16,19}(\.\d+)/g,
      "$1<ns>$2",
    )
    .replace(/(\$JS\.FC(?:\.[\w-]+)+\.)\w{4}\b/g, "$1<id>")
    .replace(/(Nats-Pin-Id: )\w{22}/g, "$1<pin>")
    .replace(/\b_R_\.\w{6}\.\w{6}\b/g, "_R_.<reply>")
    .replace(
      /(Nats-Stream-Identity: |identity does not match: )\w{8}/g,
      "$1<identity>",
    )
    .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "<time>")
    .replace(/"(id|pinned_id)":"\w{22}"/g, '"$1":"<$1>"')
    .replace(/"(delay|ack_time)":\d+/g, '"$1":<$1>');
}

/** A document with its fields in the order in which they came. */
export function showDocument(text: string): string {
  if (!text.startsWith("{")) return JSON.stringify(text);
  return JSON.stringify(JSON.parse(text, (name, value) => {
    if (VARYING.has(name) && typeof value !== "object") {
      return `<${name}: ${typeof value}>`;
    }
    return typeof value === "string" ? showText(value) : value;
  }));
}
