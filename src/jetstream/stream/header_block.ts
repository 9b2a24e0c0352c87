/**
 * Changes to header blocks, as byte strings: `NATS/1.0`, CR LF, lines of
 * `name: value`, CR LF, CR LF. An empty block stands for no headers.
 *
 * @module
 */

const VERSION = "NATS/1.0";
const LINE_END = "\r\n";
const EMPTY_BLOCK = VERSION + LINE_END + LINE_END;

/** Position of the header's name; -1 when there is none. */
function find(block: string, name: string): number {
  const at = block.indexOf(`${LINE_END}${name}:`);
  return at < 0 ? -1 : at + LINE_END.length;
}

/** Value of the first header of that name; null when there is none. */
export function headerValue(block: string, name: string): string | null {
  const start = find(block, name);
  if (start < 0) return null;
  const from = start + name.length + 1;
  const end = block.indexOf(LINE_END, from);
  return block.slice(from, end < 0 ? undefined : end).replace(/^ +/, "");
}

/** The block with one more header, behind those that it has. */
export function withHeader(
  block: string,
  name: string,
  value: string,
): string {
  const present = block.length > LINE_END.length
    ? block.slice(0, -LINE_END.length)
    : VERSION + LINE_END;
  const text = value.replace(/[\r\n]/g, " ").replace(/^[ \t]+|[ \t]+$/g, "");
  return `${present}${name}: ${text}${LINE_END}${LINE_END}`;
}

/** The block with the header's value replaced, or with one more header. */
export function replacingHeader(
  block: string,
  name: string,
  value: string,
): string {
  const start = find(block, name);
  if (start < 0) return withHeader(block, name, value);
  let from = start + name.length + 1;
  if (block[from] === " ") from++;
  const end = block.indexOf("\r", from);
  return end < 0 ? block : block.slice(0, from) + value + block.slice(end);
}

/** The block without the headers of that name. */
export function withoutHeader(block: string, name: string): string {
  let rest = block;
  for (;;) {
    const start = find(rest, name);
    if (start < 0) return rest;
    rest = cutLine(rest, start);
    if (rest.length <= EMPTY_BLOCK.length) return "";
  }
}

/** The block without the headers whose names begin like this. */
export function withoutPrefixed(block: string, prefix: string): string {
  let rest = block;
  for (;;) {
    const start = rest.indexOf(LINE_END + prefix);
    if (start < 0) return rest;
    rest = cutLine(rest, start + LINE_END.length);
    if (rest.length <= EMPTY_BLOCK.length) return "";
  }
}

function cutLine(block: string, start: number): string {
  const end = block.indexOf(LINE_END, start);
  return end < 0
    ? block.slice(0, start)
    : block.slice(0, start) + block.slice(end + LINE_END.length);
}

/** The block without what stands behind its version, such as a status. */
export function withoutStatus(block: string): string {
  const end = block.indexOf("\r");
  if (!block.startsWith(VERSION) || end <= VERSION.length) return block;
  const rest = VERSION + block.slice(end);
  return rest.length === EMPTY_BLOCK.length ? "" : rest;
}
