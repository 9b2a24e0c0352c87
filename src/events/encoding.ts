/**
 * Compression of answers, for those who ask for it.
 *
 * @module
 */

import { decodeByteString, S2Encoder } from "../protocol/mod.ts";

/** How an answer is encoded; `identity` says that no known way was asked for. */
export type Encoding = "none" | "gzip" | "snappy" | "identity";

const ACCEPT = /\r\nAccept-Encoding:([^\r]*)\r\n/;

/** What the headers of a request accept. The name of the header is exact. */
export function acceptedEncoding(headers: Uint8Array): Encoding {
  const text = decodeByteString(headers, 0, headers.length);
  return encodingOf(ACCEPT.exec(text)?.[1]?.trim() ?? "");
}

/** What the value of an `Accept-Encoding` header accepts. */
export function encodingOf(accepted: string): Encoding {
  const names = accepted.toLowerCase();
  if (names === "") return "none";
  if (/snappy|s2/.test(names)) return "snappy";
  return names.includes("gzip") ? "gzip" : "identity";
}

export async function compressed(
  body: Uint8Array,
  encoding: Encoding,
): Promise<Uint8Array> {
  if (encoding === "snappy") return new S2Encoder("snappy").encode(body);
  if (encoding !== "gzip") return body;
  const stream = new Response(new Uint8Array(body)).body
    ?.pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream ?? null).arrayBuffer());
}
