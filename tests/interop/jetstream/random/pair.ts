/**
 * The Go server and ours, played the same plans.
 *
 * @module
 */

import { type Peer, startPeer } from "../../../tools/oracle.ts";
import type { Plan } from "./plan.ts";
import { Player, type Transcript } from "./player.ts";

/** A difference that shows so often in a row is one. */
const ATTEMPTS = 3;
/** Differences that cutting down may look for. */
const CUTS = 120;

/** The first part of two transcripts that is not the same. */
export interface Difference {
  /** Number of the step; behind the last: what is there in the end. */
  readonly at: number;
  readonly go: readonly string[];
  readonly ours: readonly string[];
}

/** Both servers. */
export class Pair implements AsyncDisposable {
  #played = 0;

  private constructor(
    readonly peers: readonly Peer[],
    readonly players: readonly Player[],
  ) {}

  static async start(config: string): Promise<Pair> {
    const peers = await Promise.all([
      startPeer("go", { config }),
      startPeer("ours", { config }),
    ]);
    return new Pair(peers, await Promise.all(peers.map(Player.open)));
  }

  /** Where they differ each time; null when they agree once. */
  async difference(plan: Plan): Promise<Difference | null> {
    let found: Difference | null = null;
    for (let i = 0; i < ATTEMPTS; i++) {
      const [go, ours] = await this.#play(plan);
      const at = go.findIndex((part, i) => !isSame(part, ours[i] ?? []));
      if (at < 0) return null;
      found = { at, go: go[at] ?? [], ours: ours[at] ?? [] };
    }
    return found;
  }

  /** Leaves out steps without which they still differ. */
  async cutDown(plan: Plan): Promise<Plan> {
    let { steps } = plan;
    let left = CUTS;
    for (let size = steps.length >> 1; size > 0; size >>= 1) {
      for (let at = 0; at < steps.length && left > 0;) {
        const fewer = [...steps.slice(0, at), ...steps.slice(at + size)];
        left--;
        const found = await this.difference({ ...plan, steps: fewer });
        if (found === null) at += size;
        else steps = fewer;
      }
    }
    return { ...plan, steps };
  }

  async #play(plan: Plan): Promise<[go: Transcript, ours: Transcript]> {
    const number = ++this.#played;
    const [go = [], ours = []] = await Promise.all(
      this.players.map((player) => player.play(plan, number)),
    );
    return [go, ours];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const player of this.players) player.close();
    for (const peer of this.peers) await peer[Symbol.asyncDispose]();
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, i) => line === b[i]);
}
