/**
 * WebSocket: the same requests and frames to the Go server and to ours.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { inflateRawSync } from "node:zlib";
import { claimedName, type Claims } from "../tools/capability.ts";
import { type Peer, startPeer } from "../tools/oracle.ts";
import {
  bytesOf,
  joined,
  RawWebsocket,
  textOf,
} from "../tools/raw_websocket.ts";
import { FRAMES } from "./scenarios/websocket_frames.ts";
import { SESSIONS } from "./scenarios/websocket_sessions.ts";
import { UPGRADES } from "./scenarios/websocket_upgrades.ts";
import type { WebsocketScenario } from "./scenarios/websocket_support.ts";

/** Silence after which a connection that stays open is taken as answered. */
const SILENCE = 150;
/** The Go server may close before it has written its close frame. */
const ATTEMPTS = 60;
/** A line of its log may come later than its answer. */
const LOG_ATTEMPTS = 5;
/** Milliseconds within which such a line has come. */
const LATE = 50;

for (const [config, scenarios] of byConfig()) {
  Deno.test({
    name: claimedName(`websocket - ${config}`, {
      positive: unique(scenarios, "positive"),
      edge: unique(scenarios, "edge"),
    }),
    fn: async (t) => {
      const text = `listen: "127.0.0.1:-1"\nserver_name: "north"\n${config}`;
      await using go = await startPeer("go", { config: text });
      await using ours = await startPeer("ours", { config: text });
      for (const scenario of scenarios) {
        await t.step(scenario.name, () => compare(scenario, go, ours));
      }
    },
  });
}

function byConfig(): Map<string, WebsocketScenario[]> {
  return Map.groupBy(
    [...UPGRADES, ...FRAMES, ...SESSIONS],
    ({ config }) => config,
  );
}

function unique(
  scenarios: readonly WebsocketScenario[],
  kind: keyof Claims,
): string[] {
  return [...new Set(scenarios.flatMap(({ proves }) => proves[kind] ?? []))];
}

async function compare(
  scenario: WebsocketScenario,
  go: Peer,
  ours: Peer,
): Promise<void> {
  let actual = await play(scenario, ours);
  for (let i = 1;; i++) {
    const expected = await play(scenario, go);
    const same = JSON.stringify(actual) === JSON.stringify(expected);
    const attempts = expected.includes("end") ? ATTEMPTS : LOG_ATTEMPTS;
    // What is logged late must not count for the next attempt.
    if (!same) await pause(LATE);
    if (!same && i < attempts) continue;
    // Who is silent may only have been slow.
    if (!same) actual = await play(scenario, ours);
    // On a busy machine the Go server can lose its race every time; then all
    // but the close frame is compared.
    const lost = expected.includes("end") && !expected.some(isCloseFrame);
    return lost
      ? assertEquals(actual.filter((line) => !isCloseFrame(line)), expected)
      : assertEquals(actual, expected);
  }
}

function pause(millis: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, millis));
}

function isCloseFrame(line: string): boolean {
  return line.startsWith('8 "');
}

async function play(
  { request, steps }: WebsocketScenario,
  peer: Peer,
): Promise<string[]> {
  const { websocket } = peer.ports;
  if (websocket === undefined) throw new Error("no listener for websockets");
  const logged = peer.log().length;
  using client = await RawWebsocket.dial(websocket);
  const transcript: string[] = [];
  await client.send(bytesOf(request));
  const head = await client.head();
  transcript.push(...normalHead(head, peer));
  const length = /Content-Length: (\d+)/.exec(head)?.[1];
  if (!head.startsWith("HTTP/1.1 101")) {
    const body = client.bytes(Number(length ?? 100_000));
    transcript.push(await within(body, SILENCE));
  } else {
    for (const step of steps) {
      if (typeof step === "number") await pause(step);
      else await client.send(step);
    }
    transcript.push(...await received(client));
  }
  client.close();
  transcript.push(...logLines(peer, logged));
  return transcript;
}

/** What comes until the end or silence; data of neighbouring frames is one. */
async function received(client: RawWebsocket): Promise<string[]> {
  const lines: string[] = [];
  let data = "";
  let deflated: Uint8Array[] | null = null;
  const flush = () => {
    if (data !== "") lines.push(...data.split(/(?<=\r\n)/).map(normalLine));
    data = "";
  };
  for (;;) {
    const next = await within(client.frame(), SILENCE);
    if (next === "silence" || next === null) {
      flush();
      return [...lines, next ?? "end"];
    }
    if (next.compressed) deflated = [];
    if (next.opcode < 8 && deflated !== null) {
      deflated.push(next.payload);
      if (!next.final) continue;
      data += inflated(deflated);
      deflated = null;
    } else if (next.opcode < 8) data += textOf(next.payload);
    else {
      flush();
      lines.push(`${next.opcode} ${JSON.stringify(textOf(next.payload))}`);
    }
  }
}

/** A message, of which senders leave out the end. */
function inflated(parts: readonly Uint8Array[]): string {
  const tail = Uint8Array.of(0, 0, 255, 255, 1, 0, 0, 255, 255);
  return textOf(inflateRawSync(joined([...parts, tail])));
}

async function within<T>(
  promise: Promise<T>,
  limit: number,
): Promise<T | "silence"> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<"silence">((resolve) => {
    timer = setTimeout(() => resolve("silence"), limit);
  });
  try {
    return await Promise.race([promise, silence]);
  } finally {
    clearTimeout(timer);
  }
}

function normalLine(line: string): string {
  if (!line.startsWith("INFO ")) return line;
  const info = JSON.parse(line.slice(5));
  for (const name of ["server_id", "client_id", "xkey", "git_commit", "port"]) {
    delete info[name];
  }
  if (info.nonce !== undefined) info.nonce = "<nonce>";
  return `INFO ${JSON.stringify(Object.entries(info).sort())}`;
}

function normalHead(head: string, peer: Peer): string[] {
  return head.replaceAll(`:${peer.ports.websocket}`, ":<port>")
    .replace(/Date: .*/, "Date: <date>").split("\r\n");
}

/** Errors about the connection, with its address and number replaced. */
function logLines(
  peer: Peer,
  from: number,
): string[] {
  return peer.log().slice(from).split("\n")
    .filter((line) => /websocket handshake error|read error/.test(line))
    // Go's reader tells a second time what refused the client.
    .filter((line) => !line.includes("read error: authentication error"))
    .map((line) =>
      line.replace(/^.*\[ERR\] /, "").replace(/127\.0\.0\.1:\d+/, "<client>")
        .replace(/wid:\d+/, "wid:N")
    );
}
