/**
 * As much of an HTTP/1.1 client as it takes to fetch a JWT.
 *
 * @module
 */

import type {
  Network,
  TlsClientOptions,
  TlsEngine,
  Transport,
} from "../../runtime/mod.ts";

/** An answer that is none, or too long. */
export class HttpError extends Error {
  override readonly name = "HttpError";
}

/** What a server answered. */
export interface HttpAnswer {
  /** Such as `404 Not Found`. */
  readonly status: string;
  readonly code: number;
  /** Empty unless the server redirects. */
  readonly location: string;
  readonly body: string;
  /** The body as it came. */
  readonly bytes: Uint8Array;
}

/** The ports of the client. */
export interface HttpPorts {
  readonly network: Network;
  readonly tls: TlsEngine;
}

/** Answers beyond this many bytes are not read. */
const MAX_ANSWER = 4 * 1024 * 1024;

/**
 * Fetches `url`, whose scheme is `http` or `https`.
 * @param onOpen told of the transport, so that the caller can break it off
 * @throws HttpError, TransportError or TlsHandshakeError
 */
export async function httpGet(
  url: URL,
  ports: HttpPorts,
  tls: TlsClientOptions,
  { timeout, onOpen }: {
    timeout: number;
    onOpen: (transport: Transport) => void;
  },
): Promise<HttpAnswer> {
  const isSecure = url.protocol === "https:";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = Number(url.port) || (isSecure ? 443 : 80);
  const plain = await ports.network.connect({ host, port });
  onOpen(plain);
  let transport: Transport = plain;
  try {
    if (isSecure) {
      transport = await ports.tls.connect(
        plain,
        { serverName: host, ...tls },
        timeout,
      );
      onOpen(transport);
    }
    await writeAll(transport, requestFor(url));
    return await readAnswer(transport);
  } finally {
    transport.close();
  }
}

function requestFor(url: URL): Uint8Array {
  const lines = [
    `GET ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    "User-Agent: nats-server",
    "Accept-Encoding: identity",
    "Connection: close",
  ];
  if (url.username !== "") {
    const user = decodeURIComponent(url.username);
    const secret = decodeURIComponent(url.password);
    const bytes = new TextEncoder().encode(`${user}:${secret}`);
    lines.push(`Authorization: Basic ${btoa(String.fromCharCode(...bytes))}`);
  }
  return new TextEncoder().encode(lines.join("\r\n") + "\r\n\r\n");
}

async function writeAll(
  transport: Transport,
  bytes: Uint8Array,
): Promise<void> {
  let rest = bytes;
  while (rest.length > 0) rest = rest.subarray(await transport.write(rest));
}

/** Reads as far as the answer goes. One char per byte until it is whole. */
async function readAnswer(transport: Transport): Promise<HttpAnswer> {
  const buffer = new Uint8Array(16_384);
  let received = "";
  for (;;) {
    const count = await transport.read(buffer);
    for (const byte of buffer.subarray(0, count ?? 0)) {
      received += String.fromCharCode(byte);
    }
    if (received.length > MAX_ANSWER) throw new HttpError("answer too long");
    const answer = parseAnswer(received, count === null);
    if (answer !== undefined) return answer;
    if (count === null) throw new HttpError("unexpected EOF");
  }
}

/** The answer, if it is whole. @param ended whether nothing follows */
function parseAnswer(received: string, ended: boolean): HttpAnswer | undefined {
  const end = received.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [first = "", ...lines] = received.slice(0, end).split("\r\n");
  const [, status = ""] = /^HTTP\/1\.[01] (\d{3}.*)$/.exec(first) ?? [];
  if (status === "") throw new HttpError("malformed HTTP response");
  const fields = new Map(lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  }));
  const body = bodyOf(received.slice(end + 4), fields, ended);
  if (body === undefined) return undefined;
  const bytes = Uint8Array.from(body, (char) => char.charCodeAt(0));
  return {
    status: status.trim(),
    code: Number(status.slice(0, 3)),
    location: fields.get("location") ?? "",
    body: new TextDecoder().decode(bytes),
    bytes,
  };
}

function bodyOf(
  rest: string,
  fields: ReadonlyMap<string, string>,
  ended: boolean,
): string | undefined {
  if (/\bchunked\b/i.test(fields.get("transfer-encoding") ?? "")) {
    return joinChunks(rest);
  }
  const length = fields.get("content-length");
  if (length === undefined) return ended ? rest : undefined;
  return rest.length >= Number(length)
    ? rest.slice(0, Number(length))
    : undefined;
}

function joinChunks(text: string): string | undefined {
  let body = "";
  for (let at = 0;;) {
    const lineEnd = text.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    const digits = /^[0-9a-fA-F]+/.exec(text.slice(at, lineEnd))?.[0];
    if (digits === undefined) throw new HttpError("malformed chunked encoding");
    const size = parseInt(digits, 16);
    if (size === 0) return body;
    const start = lineEnd + 2;
    if (text.length < start + size + 2) return undefined;
    body += text.slice(start, start + size);
    at = start + size + 2;
  }
}
