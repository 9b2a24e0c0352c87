/** Whatever one peer sends, it harms nobody but itself. */

import fc from "fast-check";
import { assert, assertEquals } from "@std/assert";
import { deflateRawSync } from "node:zlib";
import { withWebsocket } from "../integration/websocket/support.ts";
import {
  bytesOf,
  frame,
  joined,
  RawWebsocket,
} from "../tools/raw_websocket.ts";

const EXTENSION = {
  "Sec-WebSocket-Extensions":
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
};

/** How long a peer may stay that did nothing wrong, milliseconds. */
const PATIENCE = 30;

const text = fc.constantFrom(
  "PING\r\n",
  "PUB a 3\r\nabc\r\n",
  "SUB a 1\r\n",
  'CONNECT {"verbose":true}\r\n',
  "PUB a 5\r\nab",
  "NONSENSE\r\n",
  "",
);

/** Frames good and bad: every bit of the header, wrong lengths, bad payloads. */
const anyFrame = fc.record({
  opcode: fc.oneof(fc.constantFrom(0, 1, 2, 2, 2, 8, 9, 10), fc.nat(15)),
  final: fc.boolean(),
  reserved: fc.constantFrom(0, 0, 0, 0x40, 0x20, 0x10),
  masked: fc.constantFrom(true, true, true, false),
  payload: fc.oneof(
    text.map(bytesOf),
    text.map((each) => new Uint8Array(deflateRawSync(each))),
    fc.uint8Array({ maxLength: 200 }),
  ),
}).map(frame);

const wrongLength = fc.record({
  payload: fc.uint8Array({ maxLength: 10 }),
  length: fc.constantFrom(
    [5],
    [126, 0, 3],
    [127, 0, 0, 0, 0, 0, 0, 0, 2],
    [127, 0x80, 0, 0, 0, 0, 0, 0, 1],
    [127, 0x7f, 255, 255, 255, 255, 255, 255, 255],
  ),
}).map(frame);

const anyStream = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: anyFrame },
    { weight: 1, arbitrary: wrongLength },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 30 }) },
  ),
  { minLength: 1, maxLength: 6 },
).map(joined);

Deno.test("websocket - malformed frames of every kind close that connection alone", () =>
  withWebsocket("compression: true", async (port, server, log) => {
    using bystander = await RawWebsocket.open(port);
    await bystander.text('CONNECT {"verbose":false}\r\nSUB here 1\r\nPING\r\n');
    await bystander.expect(/PONG\r\n/);
    await fc.assert(
      fc.asyncProperty(anyStream, fc.boolean(), async (stream, compress) => {
        using peer = await RawWebsocket.open(port, compress ? EXTENSION : {});
        // A peer that is refused may find the connection gone already.
        await peer.send(stream).catch(() => {});
        await ended(peer);
        await bystander.text("PUB here 2\r\nok\r\n");
        await bystander.expect(/MSG here 1 2\r\nok\r\n/);
      }),
      { numRuns: 400 },
    );
    const mistakes = log.lines.filter((line) => line.includes("Unexpected"));
    assertEquals(mistakes, []);
    assert(server.state.ready);
  }, "no_sys_acc: true"));

/** Resolves when the peer is told the end, or has been let be for a while. */
async function ended(peer: RawWebsocket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, PATIENCE);
  void peer.closeFrame().then(() => resolve());
  await promise;
  clearTimeout(timer);
}
