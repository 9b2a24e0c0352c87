/**
 * Registers scenarios as tests: each is played to the real Go server and to
 * ours, and the transcripts must be equal.
 *
 * `INTEROP_PEERS=go,go` plays Go against itself instead: it shows that the
 * scenarios themselves are stable.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { claimedName } from "../../tools/capability.ts";
import {
  type Implementation,
  type Peer,
  startPeer,
} from "../../tools/oracle.ts";
import { lasting } from "./lasting.ts";
import { play } from "./play.ts";
import type { Fixture, Scenario } from "./scenario.ts";

/** The servers under comparison: the one that defines, the one that is judged. */
const [ORACLE, JUDGED] = chosenPeers();

/** The servers that neighbouring scenarios share; replaced when the fixture changes. */
let shared: { fixture: Fixture; peers: PeerPair } | undefined;

interface PeerPair extends AsyncDisposable {
  readonly oracle: Peer;
  readonly judged: Peer;
}

/** Registers one test per scenario, grouped so that a fixture's servers start once. */
export function differential(scenarios: readonly Scenario[]): void {
  const byFixture = Map.groupBy(scenarios, (scenario) => scenario.fixture);
  for (const group of byFixture.values()) {
    for (const scenario of group) {
      Deno.test({
        // Go's server judged by itself proves nothing of ours.
        name: JUDGED === "ours"
          ? claimedName(scenario.name, scenario.proves)
          : scenario.name,
        // Servers outlive the test that happens to start them.
        sanitizeOps: false,
        sanitizeResources: false,
        fn: () => lasting(() => compare(scenario)),
      });
    }
  }
  Deno.test.afterAll(closeShared);
}

async function compare(scenario: Scenario): Promise<void> {
  if (scenario.alone) {
    await using peers = await startPair(scenario.fixture);
    return await compareOn(peers, scenario);
  }
  if (shared?.fixture !== scenario.fixture) {
    await closeShared();
    shared = {
      fixture: scenario.fixture,
      peers: await startPair(scenario.fixture),
    };
  }
  try {
    await compareOn(shared.peers, scenario);
  } catch (error) {
    // Nobody knows what state they are in.
    await closeShared();
    throw error;
  }
}

async function compareOn(peers: PeerPair, scenario: Scenario): Promise<void> {
  const [expected, actual] = await Promise.all([
    play(scenario, peers.oracle),
    play(scenario, peers.judged),
  ]);
  const vain = expected.filter((line) => line.includes(" ? "));
  assertEquals(
    vain,
    [],
    `the Go server did not do what the scenario waits for:\n${
      expected.join("\n")
    }`,
  );
  assertEquals(
    actual,
    expected,
    `transcripts differ\n--- go\n${expected.join("\n")}\n--- ours\n${
      actual.join("\n")
    }\n`,
  );
}

async function startPair(fixture: Fixture): Promise<PeerPair> {
  const started = await Promise.allSettled([
    startPeer(ORACLE, fixture),
    startPeer(JUDGED, fixture),
  ]);
  const peers = started.filter((result) => result.status === "fulfilled").map((
    result,
  ) => result.value);
  const [oracle, judged] = peers;
  const dispose = async () => {
    for (const peer of peers) await peer[Symbol.asyncDispose]();
  };
  if (oracle === undefined || judged === undefined) {
    await dispose();
    throw started.find((result) => result.status === "rejected")?.reason;
  }
  return { oracle, judged, [Symbol.asyncDispose]: dispose };
}

async function closeShared(): Promise<void> {
  const peers = shared?.peers;
  shared = undefined;
  await peers?.[Symbol.asyncDispose]();
}

function chosenPeers(): [Implementation, Implementation] {
  const [oracle, judged] = (Deno.env.get("INTEROP_PEERS") ?? "go,ours").split(
    ",",
  );
  if (
    (oracle !== "go" && oracle !== "ours") ||
    (judged !== "go" && judged !== "ours")
  ) {
    throw new Error(
      "INTEROP_PEERS must name two of go and ours, such as go,ours",
    );
  }
  return [oracle, judged];
}
