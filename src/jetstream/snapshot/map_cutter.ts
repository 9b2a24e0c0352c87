/**
 * Takes long maps out of JSON, so that they can be read little by little.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";

/** Bytes of a part of a map, which is read in one go. */
const PART = 2048;
/** Bytes that are looked at between two rests. */
const STEP = 32_768;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPENING = [0x7b, 0x5b];
const CLOSING = [0x7d, 0x5d];
const SPACES = [0x20, 0x09, 0x0a, 0x0d];

/** JSON without its long maps. */
export interface CutJson {
  /** With empty maps in their places. */
  readonly rest: Uint8Array[];
  /** Maps that, together, have the entries; by the name of the field. */
  readonly maps: ReadonlyMap<string, readonly Uint8Array[]>;
}

/**
 * Cuts the maps `fields` of the object `parent` out of the object `json`.
 * @returns null if that is not made as it should be: whoever reads it as a
 * whole will be told what is wrong
 */
export function* cuttingMaps(
  json: Uint8Array,
  parent: string,
  fields: readonly string[],
): Work<CutJson | null> {
  const rest: Uint8Array[] = [];
  const maps = new Map<string, Uint8Array[]>();
  /** The last text at the depths 1 and 2, and where the text at hand began. */
  const names = ["", "", ""];
  let text = -1;
  let depth = 0;
  /** Of the map at hand; null: between maps. */
  let parts: Uint8Array[] | null = null;
  let begun = 0;
  let kept = 0;
  let pause = STEP;
  for (let at = 0; at < json.length; at++) {
    if (at >= pause) {
      pause = at + STEP;
      yield;
    }
    const byte = json[at] as number;
    if (text >= 0) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) {
        if (depth < names.length) names[depth] = textOf(json, text, at);
        text = -1;
      }
    } else if (byte === QUOTE) text = at + 1;
    else if (OPENING.includes(byte)) {
      depth++;
      const [, outer, field = ""] = names;
      if (depth !== 3 || outer !== parent || !fields.includes(field)) continue;
      rest.push(json.subarray(kept, at + 1));
      begun = at + 1;
      parts = maps.get(field) ?? [];
      maps.set(field, parts);
    } else if (byte === COMMA) {
      if (parts === null || depth !== 3 || at - begun < PART) continue;
      if (isBlank(json, begun, at)) return null;
      parts.push(asMap(json.subarray(begun, at)));
      begun = at + 1;
    } else if (CLOSING.includes(byte)) {
      depth--;
      if (depth < 0) return null;
      if (depth !== 2 || parts === null) continue;
      // Only a map that is empty has nothing behind its last comma.
      if (!isBlank(json, begun, at)) {
        parts.push(asMap(json.subarray(begun, at)));
      } else if (json[begun - 1] === COMMA) return null;
      kept = at;
      parts = null;
    }
  }
  if (depth !== 0 || text >= 0) return null;
  rest.push(json.subarray(kept));
  return { rest, maps };
}

function textOf(json: Uint8Array, start: number, end: number): string {
  return new TextDecoder().decode(json.subarray(start, end));
}

function isBlank(json: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if (!SPACES.includes(json[at] as number)) return false;
  }
  return true;
}

function asMap(entries: Uint8Array): Uint8Array {
  const map = new Uint8Array(entries.length + 2);
  map[0] = OPENING[0] as number;
  map.set(entries, 1);
  map[map.length - 1] = CLOSING[0] as number;
  return map;
}
