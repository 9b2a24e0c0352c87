/**
 * Plans that follow from a seed.
 *
 * @module
 */

import { randomConfig, randomField, soundConfig } from "./configs.ts";
import { Dice } from "./dice.ts";
import { atomicBatch, fastBatch, publication } from "./headers.ts";
import { api, type Fields, type Plan, type Step } from "./plan.ts";
import {
  consuming,
  deletion,
  info,
  listing,
  nonsense,
  purge,
  reading,
  removal,
  request,
} from "./requests.ts";
import { NAMES } from "./subjects.ts";

/** Steps of a plan, at least and at most. */
const LENGTH = { least: 15, most: 55 };

/** The plan of a seed. */
export function planOf(seed: number): Plan {
  const dice = new Dice(seed);
  const configs = new Map<string, Fields>();
  const first = dice.likely(0.8)
    ? soundConfig(dice, "~A")
    : randomConfig(dice, "~A");
  configs.set("~A", first);
  const steps: Step[] = [api("STREAM.CREATE.~A", first)];
  const { least, most } = LENGTH;
  const length = least + dice.below(most - least);
  while (steps.length < length) steps.push(...nextSteps(dice, configs));
  return { seed, steps };
}

function nextSteps(dice: Dice, configs: Map<string, Fields>): Step[] {
  return dice.weighted<() => Step[]>(
    [3, () => [creation(dice, configs)]],
    [4, () => [update(dice, configs)]],
    [14, () => [publication(dice)]],
    [3, () => atomicBatch(dice)],
    [2, () => fastBatch(dice)],
    [6, () => [reading(dice)]],
    [3, () => [removal(dice)]],
    [2, () => [purge(dice)]],
    [3, () => [info(dice)]],
    [2, () => [listing(dice)]],
    [1.5, () => [consuming(dice)]],
    [1.5, () => [nonsense(dice)]],
    [0.5, () => [deletion(dice)]],
  )();
}

function creation(dice: Dice, configs: Map<string, Fields>): Step {
  const name = dice.of(...NAMES);
  const config = dice.likely(0.6)
    ? soundConfig(dice, name)
    : randomConfig(dice, name);
  if (!configs.has(name) || dice.likely(0.2)) configs.set(name, config);
  return request(dice, `STREAM.CREATE.${name}`, config);
}

/** What was asked for last, with something changed. */
function update(dice: Dice, configs: Map<string, Fields>): Step {
  const name = dice.of(...configs.keys(), "~A");
  const config = { ...configs.get(name) };
  for (let changes = 1 + dice.below(2); changes > 0; changes--) {
    const fields = Object.keys(config).filter((field) => field !== "name");
    if (fields.length > 0 && dice.likely(0.15)) {
      delete config[dice.of(...fields)];
    } else {
      const [field, value] = randomField(dice);
      config[field] = value;
    }
  }
  if (dice.likely(0.6)) configs.set(name, config);
  return request(dice, `STREAM.UPDATE.${name}`, config);
}
