/**
 * Random histories of a stream and its consumers, as data: a seed always gives
 * the same one.
 *
 * @module
 */

import { SeededRandom } from "../../sim/ports/random.ts";
import {
  type Character,
  pick,
  randomCharacter,
  randomConsumer,
  randomPull,
  randomStream,
  randomVerb,
  type Theme,
  weighted,
} from "./random_configs.ts";

/** `{P}` and `{S}` in texts stand for prefix and name of the stream. */
export type Step =
  | { readonly does: "api"; readonly subject: string; readonly body: unknown }
  | {
    readonly does: "publish";
    readonly token: string;
    readonly size: number;
    readonly headers: string;
  }
  | {
    readonly does: "pull" | "reset";
    readonly consumer: string;
    readonly body: unknown;
  }
  | {
    readonly does: "ack";
    readonly consumer: string;
    /** Which delivery, counted from the last one. */
    readonly back: number;
    readonly verb: string;
    readonly asks: boolean;
  }
  | { readonly does: "listen" | "unlisten"; readonly sid: string }
  | { readonly does: "wait"; readonly milliseconds: number };

const NAMES = ["c1", "c2", "c3"];
const TOKENS = ["a", "a", "b", "a.x", "b.x", "c", "d.e.f"];
const BADNESS = 0.04;

/** A history of about so many steps. */
export function randomHistory(seed: number, length: number): Step[] {
  const random = new SeededRandom(BigInt(seed));
  const theme = pick(random, ["removals", "waits"] as const);
  const make = new StepMaker(random, theme);
  const steps: Step[] = [
    make.api("STREAM.CREATE.{S}", {
      name: "{S}",
      subjects: ["{P}.>"],
      ...randomStream(random, theme),
    }),
  ];
  if (random.chance(0.7)) steps.push({ does: "listen", sid: "d1" });
  for (let i = 0; i < 4; i++) steps.push(make.publish());
  steps.push(make.create());
  while (steps.length < length) steps.push(make.any());
  for (const name of NAMES) steps.push(make.api(`CONSUMER.INFO.{S}.${name}`));
  return [...steps, make.api("STREAM.INFO.{S}")];
}

class StepMaker {
  readonly #random: SeededRandom;
  readonly #theme: Theme;
  readonly #characters: Map<string, Character>;

  constructor(random: SeededRandom, theme: Theme) {
    this.#random = random;
    this.#theme = theme;
    this.#characters = new Map(
      NAMES.map((name) => [name, randomCharacter(random)]),
    );
  }

  api(subject: string, body: unknown = ""): Step {
    return { does: "api", subject, body };
  }

  publish(): Step {
    const random = this.#random;
    return {
      does: "publish",
      token: pick(random, TOKENS),
      size: pick(random, [0, 5, 5, 40, 300]),
      headers: random.chance(0.2)
        ? pick(random, ["A: b", "Nats-Msg-Id: 1", "K: v\r\nL: w"])
        : "",
    };
  }

  create(): Step {
    const random = this.#random;
    const name = this.#name();
    const character = this.#characters.get(name) as Character;
    const config: Record<string, unknown> = {
      ...randomConsumer(random, name, character, this.#theme, BADNESS),
    };
    const durable = random.chance(0.3);
    if (durable || random.chance(0.7)) config["durable_name"] = name;
    // When those that don't last go is chance.
    else config["inactive_threshold"] = 60_000_000_000;
    const action = pick(random, ["", "", "", "create", "update"]);
    const filter = config["filter_subject"];
    const tail = !durable && filter !== undefined && random.chance(0.3)
      ? `.${filter}`
      : "";
    return this.api(
      `CONSUMER.${durable ? "DURABLE." : ""}CREATE.{S}.${name}${tail}`,
      {
        stream_name: random.chance(0.01) ? "other" : "{S}",
        config,
        ...(action === "" ? {} : { action }),
        ...(random.chance(0.1) ? { pedantic: true } : {}),
      },
    );
  }

  any(): Step {
    const random = this.#random;
    const consumer = this.#name();
    return weighted<() => Step>(random, [
      [1.5, () => this.create()],
      [4, () => this.publish()],
      [6, () => ({ does: "pull", consumer, body: randomPull(random) })],
      [6, () => ({
        does: "ack",
        consumer,
        back: random.below(random.chance(0.7) ? 3 : 12),
        verb: randomVerb(random),
        asks: random.chance(0.4),
      })],
      [2.5, () => this.api(`CONSUMER.INFO.{S}.${consumer}`)],
      [1, () => this.#rare(consumer)],
      [0.6, () => ({ does: "wait", milliseconds: pick(random, [150, 400]) })],
      [0.4, () => ({
        does: pick(random, ["listen", "unlisten"] as const),
        sid: pick(random, ["d1", "d2"]),
      })],
    ])();
  }

  #name(): string {
    return weighted(this.#random, [[5, "c1"], [2, "c2"], [1, "c3"]]);
  }

  #rare(consumer: string): Step {
    const random = this.#random;
    const subject = (name: string) => `CONSUMER.${name}.{S}.${consumer}`;
    const seq = 1 + random.below(10);
    const removes = this.#theme === "removals" ? 3 : 0;
    return weighted<() => Step>(random, [
      [
        3,
        () => ({
          does: "reset",
          consumer,
          body: random.chance(0.5) ? "" : { seq: 2 },
        }),
      ],
      [2, () => this.api(subject("UNPIN"), pick(random, [{ group: "g" }, ""]))],
      [2, () => this.api(subject("DELETE"))],
      [1, () => this.api("CONSUMER.NAMES.{S}")],
      [removes, () => this.api("STREAM.MSG.DELETE.{S}", { seq })],
      [removes, () => this.api("STREAM.PURGE.{S}", { seq })],
    ])();
  }
}
