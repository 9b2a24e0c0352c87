import { assert, assertEquals } from "@std/assert";
import { IdSlots } from "../../../../src/store/index/id_slots.ts";

/** Spreads ids well, or not at all where the upper bits are concerned. */
const HASHES = [
  (id: number) => Math.imul(id, 0x9e3779b1) >>> 0,
  (id: number) => Math.imul(id, 0x9e3779b1) >>> 12,
];

function has(slots: IdSlots, id: number, hash: number): boolean {
  const among = slots.of(hash);
  const mask = among.length - 1;
  for (let at = hash & mask; among[at] !== 0; at = (at + 1) & mask) {
    if (among[at] === id + 1) return true;
  }
  return false;
}

Deno.test("id slots - ids are found however many come and go", () => {
  for (const hashOf of HASHES) {
    const slots = new IdSlots(hashOf);
    const count = 20_000;
    for (let id = 0; id < count; id++) slots.add(id);
    for (let id = 0; id < count; id++) assert(has(slots, id, hashOf(id)));
    const full = slots.byteLength;
    for (let id = 0; id < count; id++) if (id % 10 > 0) slots.delete(id);
    for (let id = 0; id < count; id++) {
      assertEquals(has(slots, id, hashOf(id)), id % 10 === 0);
    }
    assert(slots.byteLength < full);
    slots.clear();
    assert(!has(slots, 0, hashOf(0)));
    slots.add(7);
    assert(has(slots, 7, hashOf(7)));
  }
});
