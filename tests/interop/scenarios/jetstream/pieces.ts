/**
 * What scenarios of JetStream are made of.
 *
 * @module
 */

import type { Claims } from "../../../tools/capability.ts";
import {
  client,
  expect,
  type Fixture,
  lines,
  type Scenario,
  scenario,
  send,
  type Steps,
} from "../../harness/mod.ts";

/** A server with JetStream and nothing else. */
export const JETSTREAM: Fixture = {
  config: `
server_name: js
listen: 127.0.0.1:-1
jetstream: { store_dir: "{{dir}}/js", max_mem: 256MB, max_file: 1GB }
`,
};

/** Where answers go. */
const INBOX = "_INBOX.js";
/** The connection that talks. */
const C = "c";

/** Publishes with a reply subject and records everything up to the answer. */
export function request(
  subject: string,
  body: unknown = "",
  headers: Readonly<Record<string, string>> = {},
): Steps {
  return [
    publishing(subject, body, headers, INBOX),
    expect(C, INBOX),
  ];
}

/** Publishes without waiting for anything. */
export function publishing(
  subject: string,
  body: unknown = "",
  headers: Readonly<Record<string, string>> = {},
  reply = "",
): Steps {
  const payload = typeof body === "string" ? body : JSON.stringify(body);
  const block = headerBlock(headers);
  const size = byteLength(payload);
  const blockSize = byteLength(block);
  const to = reply === "" ? "" : ` ${reply}`;
  if (block === "") {
    return send(C, `PUB ${subject}${to} ${size}\r\n${payload}\r\n`);
  }
  const total = blockSize + size;
  return send(
    C,
    `HPUB ${subject}${to} ${blockSize} ${total}\r\n${block}${payload}\r\n`,
  );
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

function headerBlock(headers: Readonly<Record<string, string>>): string {
  const fields = Object.entries(headers);
  if (fields.length === 0) return "";
  const text = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `NATS/1.0\r\n${text}\r\n`;
}

/** A request to the API. */
export function api(subject: string, body: unknown = ""): Steps {
  return request(`$JS.API.${subject}`, body);
}

/** Creates a stream in memory. */
export function create(config: Readonly<Record<string, unknown>>): Steps {
  return api(`STREAM.CREATE.${config["name"]}`, {
    storage: "memory",
    ...config,
  });
}

/** Updates a stream in memory. */
export function update(config: Readonly<Record<string, unknown>>): Steps {
  return api(`STREAM.UPDATE.${config["name"]}`, {
    storage: "memory",
    ...config,
  });
}

/** Removes a stream, so that others may have its subjects. */
export function remove(name: string): Steps {
  return api(`STREAM.DELETE.${name}`);
}

/** State of a stream. */
export function info(name: string, options: unknown = ""): Steps {
  return api(`STREAM.INFO.${name}`, options);
}

/** A scenario of one client whose answers are recorded. */
export function exchange(
  name: string,
  proves: Claims,
  ...steps: Steps[]
): Scenario {
  return scenario(
    JETSTREAM,
    name,
    proves,
    client(C, { headers: true, no_responders: true }),
    lines(C, `SUB ${INBOX} 1`),
    ...steps,
  );
}

/** Names for streams, of which scenarios use others already. */
const NAMES = "ABCDEFGHIJKMNOPQRUVWXYZabcdefghijkmnopqruvwxyz0123456789";

/**
 * The same scenarios with streams on disk, where `S` has another name in each:
 * the Go server still removes files when it says that a stream is gone.
 */
export function onDisk(scenarios: readonly Scenario[]): Scenario[] {
  return scenarios.map((each, i) => ({
    ...each,
    name: `${each.name} (on disk)`,
    steps: each.steps.map((step) =>
      step.kind === "send"
        ? { ...step, bytes: toDisk(step.bytes, NAMES.charAt(i % NAMES.length)) }
        : step
    ),
  }));
}

/** As many bytes as before, so that sizes stay what they are. */
function toDisk(bytes: Uint8Array, name: string): Uint8Array {
  const text = new TextDecoder().decode(bytes)
    .replaceAll('"storage":"memory"', '"storage":"file"  ')
    .replace(/(?<=[". ])S(?=[". \r])/g, name);
  return new TextEncoder().encode(text);
}
