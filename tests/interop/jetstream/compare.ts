/**
 * Plays scenarios to the Go server and to ours at once, and compares.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { capability, type Claims } from "../../tools/capability.ts";
import { type Peer, startPeer } from "../../tools/oracle.ts";
import { lasting } from "../harness/lasting.ts";
import { type Fields, Session } from "./session.ts";

/** What a client does and sees; it must see the same from both servers. */
export interface JetStreamScenario {
  readonly name: string;
  readonly proves: Claims;
  readonly play: (session: Session) => Promise<void>;
}

export function scenario(
  name: string,
  proves: Claims,
  play: (session: Session) => Promise<void>,
): JetStreamScenario {
  return { name, proves, play };
}

const CONFIG = `
host: 127.0.0.1
port: -1
jetstream { store_dir: "{{dir}}", max_mem: 256M, max_file: 256M }
`;

let peers: Promise<[Peer, Peer]> | null = null;
let played = 0;

/** Registers one test for each; they share two servers, and each has a stream of its own. */
export function compareAll(
  scenarios: readonly JetStreamScenario[],
  config = CONFIG,
  credentials: Fields = {},
): void {
  for (const each of scenarios) {
    capability(
      each.name,
      each.proves,
      () => lasting(() => compare(each, config, credentials)),
      { sanitizeOps: false, sanitizeResources: false },
    );
  }
  Deno.test.afterAll(async () => {
    for (const peer of await peers ?? []) await peer[Symbol.asyncDispose]();
    peers = null;
  });
}

async function compare(
  each: JetStreamScenario,
  config: string,
  credentials: Fields,
): Promise<void> {
  peers ??= Promise.all([
    startPeer("go", { config }),
    startPeer("ours", { config }),
  ]);
  const number = ++played;
  const [expected, actual] = await Promise.all(
    (await peers).map((peer) => playTo(each, peer, number, credentials)),
  );
  const text = (lines: readonly string[] = []) => lines.join("\n");
  assertEquals(
    text(actual),
    text(expected),
    `transcripts differ\n--- go\n${text(expected)}\n--- ours\n${
      text(actual)
    }\n`,
  );
}

async function playTo(
  { play }: JetStreamScenario,
  peer: Peer,
  number: number,
  credentials: Fields,
): Promise<string[]> {
  const session = await Session.open(peer, number, credentials);
  try {
    await play(session);
  } catch (error) {
    session.note(`! ${error instanceof Error ? error.message : error}`);
    if (peer.implementation === "go") {
      throw new Error(
        `the Go server did not play along:\n${session.transcript.join("\n")}`,
        { cause: error },
      );
    }
  } finally {
    session.close();
  }
  return session.transcript;
}
