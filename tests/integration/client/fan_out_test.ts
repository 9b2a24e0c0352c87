/** One message to many: each gets its own bytes, whatever others get. */

import { assert, assertEquals } from "@std/assert";
import type { Server } from "../../../src/mod.ts";
import { capability } from "../../tools/capability.ts";
import { RawClient } from "../../tools/raw_client.ts";
import { withServer } from "../../tools/started_server.ts";

const MESSAGES = 400;
const HEADERS = "NATS/1.0\r\nA: b\r\n\r\n";

interface Sent {
  readonly subject: string;
  readonly reply: string;
  readonly headers: string;
  readonly payload: string;
}

/** Messages of all sizes, some with headers, some with replies; always the same. */
function messages(): Sent[] {
  return Array.from({ length: MESSAGES }, (_, i) => ({
    subject: i % 5 === 4 ? "other.subject" : "fan.out",
    reply: i % 3 === 0 ? `reply.${i}` : "",
    headers: i % 4 === 1 ? HEADERS : "",
    payload: `${i}|`.repeat(i % 7 === 0 ? 6000 : i * 37 % 300),
  }));
}

function op({ subject, reply, headers, payload }: Sent): string {
  const words = [subject, ...reply === "" ? [] : [reply]].join(" ");
  return headers === ""
    ? `PUB ${words} ${payload.length}\r\n${payload}\r\n`
    : `HPUB ${words} ${headers.length} ${
      headers.length + payload.length
    }\r\n${headers}${payload}\r\n`;
}

/** What a subscriber with this sid gets of it. */
function frame(
  { subject, reply, headers, payload }: Sent,
  sid: string,
  takesHeaders: boolean,
): string {
  const words = [subject, sid, ...reply === "" ? [] : [reply]].join(" ");
  return headers === "" || !takesHeaders
    ? `MSG ${words} ${payload.length}\r\n${payload}\r\n`
    : `HMSG ${words} ${headers.length} ${
      headers.length + payload.length
    }\r\n${headers}${payload}\r\n`;
}

interface Listener {
  readonly sids: readonly string[];
  readonly headers: boolean;
  readonly subject: string;
  /** Number of messages after which it leaves; undefined: it stays. */
  readonly leavesAfter?: number;
}

const LISTENERS: readonly Listener[] = [
  { sids: ["1"], headers: true, subject: "fan.out" },
  { sids: ["1"], headers: true, subject: "fan.out" },
  { sids: ["1"], headers: false, subject: "fan.out" },
  { sids: ["22"], headers: true, subject: "fan.*" },
  { sids: ["1"], headers: true, subject: ">" },
  { sids: ["1", "2"], headers: true, subject: "fan.out" },
  { sids: ["1"], headers: true, subject: "fan.out", leavesAfter: 100 },
  { sids: ["1"], headers: false, subject: "fan.>" },
];

async function listen(
  server: Server,
  { sids, headers, subject, leavesAfter }: Listener,
): Promise<RawClient> {
  const client = await RawClient.connect(server);
  const limit = leavesAfter === undefined
    ? ""
    : sids.map((sid) => `UNSUB ${sid} ${leavesAfter}\r\n`).join("");
  await client.send(
    `CONNECT {"verbose":false,"headers":${headers}}\r\n` +
      sids.map((sid) => `SUB ${subject} ${sid}\r\n`).join("") +
      `${limit}PING\r\n`,
  );
  await client.expect(/PONG\r\n/);
  return client;
}

function expected(sent: readonly Sent[], listener: Listener): string {
  const { sids, headers, subject, leavesAfter } = listener;
  return sent.filter((message) =>
    subject === ">" || message.subject === "fan.out"
  )
    .slice(0, leavesAfter)
    .map((message) => sids.map((sid) => frame(message, sid, headers)).join(""))
    .join("");
}

capability(
  "fan-out - everybody gets the bytes meant for them, in order",
  { positive: ["client-protocol/msg"], edge: ["client-protocol/msg"] },
  () =>
    withServer("", async (server) => {
      const listeners = await Promise.all(
        LISTENERS.map((listener) => listen(server, listener)),
      );
      const publisher = await RawClient.connect(server);
      await publisher.send('CONNECT {"verbose":false,"headers":true}\r\n');
      const sent = messages();
      for (let i = 0; i < sent.length; i += 23) {
        await publisher.send(sent.slice(i, i + 23).map(op).join(""));
      }
      await publisher.flush();
      for (const [i, client] of listeners.entries()) {
        const received = await client.flush();
        const wanted = expected(sent, LISTENERS[i] as Listener);
        assertEquals(received.length, wanted.length, `length, listener ${i}`);
        assert(received === wanted, `bytes, listener ${i}`);
        await client.close();
      }
      await publisher.close();
    }),
);
