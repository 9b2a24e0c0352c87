/**
 * Header blocks of messages: `NATS/1.0`, CR LF, lines of `name: value`, CR LF.
 *
 * @module
 */

import { Chunk, decodeByteString, type Message } from "../protocol/mod.ts";
import { subjectFromText, writeSubject } from "../subject/mod.ts";

const VERSION_LINE = "NATS/1.0\r\n";
const LINE_END = "\r\n";
/** Bytes of a block without any header. */
const EMPTY_BLOCK = VERSION_LINE.length + LINE_END.length;

/**
 * The header block that a message has with one more header, as a byte string;
 * others of that name go.
 * @param value text without line ends
 */
export function headersWith(
  message: Message,
  name: string,
  value: string,
): string {
  const { chunk, bodyStart } = message;
  const size = blockSize(message);
  const present = size === 0 ? VERSION_LINE : withoutHeader(
    decodeByteString(
      chunk.bytes,
      bodyStart,
      bodyStart + size - LINE_END.length,
    ),
    name,
  );
  const bytes = ASCII.test(value) ? value : subjectFromText(value);
  return `${present}${name}: ${bytes}${LINE_END}${LINE_END}`;
}

/** Sets a header of a message, whose header and payload are copied for it. */
export function setHeader(message: Message, name: string, value: string): void {
  const block = headersWith(message, name, value);
  const { chunk, bodyStart, bodyEnd } = message;
  const payload = chunk.bytes
    .subarray(bodyStart + blockSize(message), bodyEnd);
  const copy = new Chunk(block.length + payload.length);
  copy.bytes.set(payload, writeSubject(copy.bytes, 0, block));
  message.chunk = copy;
  message.bodyStart = 0;
  message.bodyEnd = block.length + payload.length;
  message.headerSize = block.length;
  message.tailStart = -1;
}

/** Bytes of a message's header block; one that is too short to be one is payload. */
export function blockSize({ headerSize }: Message): number {
  return headerSize > LINE_END.length ? headerSize : 0;
}

const ASCII = /^[\0-\x7f]*$/;

/** A block (without its final line end) without the headers of that name. */
function withoutHeader(block: string, name: string): string {
  let rest = block;
  for (;;) {
    const start = rest.indexOf(`${LINE_END}${name}:`);
    if (start < 0) return rest;
    const from = start + LINE_END.length;
    const end = rest.indexOf(LINE_END, from);
    if (end < 0) return rest;
    rest = rest.slice(0, from) + rest.slice(end + LINE_END.length);
    if (rest.length <= EMPTY_BLOCK) return VERSION_LINE;
  }
}

/** Values of headers by canonical name: `x-b3-traceid` is `X-B3-Traceid`. */
export type HeaderFields = ReadonlyMap<string, readonly string[]>;

/** The headers of a message; none when the block is malformed. */
export function readHeaders(message: Message): HeaderFields {
  const fields = new Map<string, string[]>();
  const { headerSize, bodyStart, chunk } = message;
  if (headerSize <= 0) return fields;
  const bytes = chunk.bytes.subarray(bodyStart, bodyStart + headerSize);
  const lines = new TextDecoder().decode(bytes).split(/\r?\n/);
  for (const line of lines.slice(1)) {
    if (line === "") break;
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon));
    if (!TOKEN.test(name)) return new Map();
    const value = line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, "");
    const canonical = canonicalName(name);
    const values = fields.get(canonical);
    if (values === undefined) fields.set(canonical, [value]);
    else values.push(value);
  }
  return fields;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Upper case first and after each hyphen, lower case elsewhere. */
function canonicalName(name: string): string {
  return name.toLowerCase()
    .replace(/(^|-)([a-z])/g, (match) => match.toUpperCase());
}
