/**
 * Which subjects consumers have to themselves.
 *
 * @module
 */

import { tokenize } from "../../subject/mod.ts";
import { isCounted } from "../types/consumer_config.ts";
import type { StreamConsumer } from "./contract.ts";

/** Who holds a filter. */
type Holder = Pick<StreamConsumer, "name" | "config">;

/** A place in the tree of tokens, wildcards being tokens like others. */
class Place {
  /** Of the filter that ends here. */
  readonly holders: Holder[] = [];
  readonly below = new Map<string, Place>();
}

/**
 * The filters of all consumers, as a tree of their tokens: so a new one need
 * not be compared with each.
 */
export class Claims {
  readonly #root = new Place();

  /** @param filter well-formed */
  add(holder: Holder, filter: string): void {
    let place = this.#root;
    for (const token of tokenize(filter)) {
      let next = place.below.get(token);
      if (next === undefined) place.below.set(token, next = new Place());
      place = next;
    }
    place.holders.push(holder);
  }

  remove(holder: Holder, filter: string): void {
    removeBelow(this.#root, tokenize(filter), 0, holder);
  }

  /**
   * Whether some subject that `filter` matches is for somebody who is not of
   * that name.
   */
  collide(filter: string, except: string): boolean {
    return collidesBelow(this.#root, tokenize(filter), 0, except);
  }
}

function removeBelow(
  place: Place,
  tokens: readonly string[],
  at: number,
  holder: Holder,
): void {
  const token = tokens[at];
  if (token === undefined) {
    const index = place.holders.indexOf(holder);
    if (index >= 0) place.holders.splice(index, 1);
    return;
  }
  const next = place.below.get(token);
  if (next === undefined) return;
  removeBelow(next, tokens, at + 1, holder);
  if (next.holders.length === 0 && next.below.size === 0) {
    place.below.delete(token);
  }
}

function collidesBelow(
  place: Place,
  tokens: readonly string[],
  at: number,
  except: string,
): boolean {
  const token = tokens[at];
  if (token === undefined) return isHeld(place, except);
  const { below } = place;
  const rest = below.get(">");
  if (rest !== undefined && isHeld(rest, except)) return true;
  const goesOn = (next: Place | undefined) =>
    next !== undefined && collidesBelow(next, tokens, at + 1, except);
  if (token === ">") return below.values().some((next) => has(next, except));
  if (token === "*") return below.values().some(goesOn);
  return goesOn(below.get(token)) || goesOn(below.get("*"));
}

/** Whether a filter ends here or below. */
function has(place: Place, except: string): boolean {
  return isHeld(place, except) ||
    place.below.values().some((next) => has(next, except));
}

function isHeld({ holders }: Place, except: string): boolean {
  return holders.some(({ name, config }) =>
    name !== except && isCounted(config)
  );
}
