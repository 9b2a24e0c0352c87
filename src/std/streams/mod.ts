/**
 * Stand-in for `jsr:@std/streams`: gathering streams and splitting lines.
 *
 * @module
 */

/** Gathers a stream into bytes. */
export function toBytes(
  stream: ReadableStream<Uint8Array>,
): Promise<Uint8Array> {
  return new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>)
    .bytes();
}

/** Gathers a stream of strings, or of UTF-8 bytes, into a string. */
export async function toText(
  stream: ReadableStream<string> | ReadableStream<Uint8Array>,
): Promise<string> {
  const decoder = new TextDecoder();
  const chunks: AsyncIterable<string | Uint8Array> = stream;
  let text = "";
  for await (const chunk of chunks) {
    text += typeof chunk === "string"
      ? chunk
      : decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** Gathers a stream and parses it as JSON. */
export async function toJson(
  stream: ReadableStream<string> | ReadableStream<Uint8Array>,
): Promise<unknown> {
  return JSON.parse(await toText(stream));
}

/** Splits text into lines at `\n` or `\r\n`; the line ends are dropped. */
export class TextLineStream extends TransformStream<string, string> {
  constructor() {
    let pending = "";
    super({
      transform(chunk, controller) {
        const lines = (pending + chunk).split("\n");
        pending = lines.pop() ?? "";
        for (const line of lines) {
          controller.enqueue(line.endsWith("\r") ? line.slice(0, -1) : line);
        }
      },
      flush(controller) {
        if (pending.length > 0) controller.enqueue(pending);
      },
    });
  }
}
