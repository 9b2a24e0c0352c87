import { assertEquals } from "@std/assert";
import { capability } from "../tools/capability.ts";
import { type Peer, startGoServer, startOurServer } from "../tools/oracle.ts";
import { differential } from "./harness/mod.ts";
import { connect } from "./monitor/load.ts";
import { MESSAGE_TRACING } from "./scenarios/message_tracing.ts";
import { MESSAGE_TRACING_STREAMS } from "./scenarios/message_tracing_streams.ts";
import { MESSAGE_TRACING_JWT } from "./scenarios/message_tracing_jwt.ts";

differential(MESSAGE_TRACING);
differential(MESSAGE_TRACING_JWT);
differential(MESSAGE_TRACING_STREAMS);

/** Has a message traced, and takes its trace as far as it can be compared. */
async function encodedTrace(peer: Peer, accepted: string): Promise<string> {
  const client = await connect(peer);
  try {
    const block = `NATS/1.0\r\nNats-Trace-Dest: traces\r\n` +
      `Accept-Encoding: ${accepted}\r\n\r\n`;
    await client.send(
      'CONNECT {"headers":true,"verbose":false}\r\nSUB traces 1\r\n' +
        `HPUB foo ${block.length} ${block.length}\r\n${block}\r\n`,
    );
    const [, headerSize, size] = await client.expect(
      /HMSG traces 1 +(\d+) (\d+)\r\n/,
    );
    const [message] = await client.expect(new RegExp(`^[^]{${size}}`));
    const headers = message.slice(0, Number(headerSize));
    const body = Uint8Array.from(
      message.slice(Number(headerSize)),
      (char) => char.charCodeAt(0),
    );
    return headers + await describe(body);
  } finally {
    await client.close();
  }
}

/** How bytes are encoded, and which fields the JSON has if it can be read. */
async function describe(body: Uint8Array<ArrayBuffer>): Promise<string> {
  if (body[0] === 0xff) return "snappy";
  const zipped = body[0] === 0x1f;
  const stream = new Blob([body]).stream();
  const text = await new Response(
    zipped ? stream.pipeThrough(new DecompressionStream("gzip")) : stream,
  ).text();
  return `${zipped ? "gzip" : "plain"} ${Object.keys(JSON.parse(text))}`;
}

capability(
  "traces are compressed as the message says that its publisher can read them",
  {
    positive: ["system-events/compression-2"],
    edge: ["system-events/compression-2"],
  },
  async () => {
    const config = 'listen: "127.0.0.1:-1"';
    await using go = await startGoServer({ config });
    await using ours = await startOurServer({ config });
    for (const accepted of ["gzip", "Snappy", "br, S2", "GZIP;q=1", "br"]) {
      assertEquals(
        await encodedTrace(ours, accepted),
        (await encodedTrace(go, accepted)).replace(/: /g, ": "),
      );
    }
  },
);
