import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  DecodeError,
  decodeReplicatedState,
  deletedExtent,
  encodeReplicatedState,
  isReplicatedState,
  type ReplicatedState,
  SequenceSet,
} from "../../../../src/store/mod.ts";
import { capability } from "../../../tools/capability.ts";
import { hex } from "./samples.ts";

const STATE: ReplicatedState = {
  messages: 5,
  bytes: 500,
  firstSequence: 1,
  lastSequence: 10,
  failed: 3,
  sources: new Map(),
  deleted: [{ first: 4, count: 5 }],
};

capability("a state and its ranges have Go's bytes", {
  positive: ["stores/stream-snapshot-state"],
}, () => {
  const bytes = encodeReplicatedState(STATE);
  assertEquals(bytes, hex("2a01 05 f403 01 0a 03 05 21 04 05"));
  assert(isReplicatedState(bytes));
  assertEquals(decodeReplicatedState(bytes), STATE);
});

capability("sets and ranges of deleted sequences survive together", {
  positive: ["stores/stream-snapshot-state"],
}, () => {
  const set = SequenceSet.of([4, 6, 9_000]);
  const state = {
    ...STATE,
    lastSequence: 10_000,
    deleted: [set, { first: 9_100, count: 300 }, SequenceSet.of([9_500])],
  };
  const { deleted } = decodeReplicatedState(encodeReplicatedState(state));
  assertEquals(deleted.map(deletedExtent), [
    { first: 4, last: 9_000, count: 3 },
    { first: 9_100, last: 9_399, count: 300 },
    { first: 9_500, last: 9_500, count: 1 },
  ]);
  const [first] = deleted;
  assert(first instanceof SequenceSet && first.equals(set));
});

capability("a state with sources is of the second version", {
  positive: ["stores/stream-snapshot-state"],
}, () => {
  const sources = new Map([
    ["S > >", { sequence: 7, identity: "abc" }],
    ["T > >", { sequence: 2 ** 40, identity: "" }],
  ]);
  const bytes = encodeReplicatedState({ ...STATE, sources });
  assertEquals(bytes[1], 2);
  assert(isReplicatedState(bytes));
  assertEquals(decodeReplicatedState(bytes), { ...STATE, sources });
});

capability("without gaps no deleted block is written", {
  edge: ["stores/stream-snapshot-state"],
}, () => {
  for (const [messages, last] of [[10, 10], [0, 1], [20, 10]] as const) {
    const state = { ...STATE, messages, lastSequence: last };
    const again = decodeReplicatedState(encodeReplicatedState(state));
    assertEquals(again.deleted, []);
  }
  assertEquals(
    deletedExtent({ first: 9, count: 0 }),
    { first: 9, last: 9, count: 0 },
  );
});

capability("a state that is cut, changed or unknown is refused", {
  edge: ["stores/stream-snapshot-state"],
}, () => {
  const sources = new Map([["S > >", { sequence: 7, identity: "abc" }]]);
  const refused = (bytes: Uint8Array, text: string) =>
    assertThrows(() => decodeReplicatedState(bytes), DecodeError, text);
  const good = encodeReplicatedState({ ...STATE, sources });
  const listAt = good.length - 3;
  for (let size = 2; size < good.length; size++) {
    // Behind the count of the deleted, nothing has to follow.
    if (size !== listAt) {
      refused(good.subarray(0, size), "stream state snapshot is corrupt");
    }
  }
  for (const [at, value] of [[0, 41], [1, 0], [1, 3]] as const) {
    const bytes = good.slice();
    bytes[at] = value;
    assert(!isReplicatedState(bytes));
    refused(bytes, "bad stream state encoding");
  }
  refused(good.subarray(0, 1), "bad stream state encoding");
  const magic = good.slice();
  magic[listAt] = 34;
  refused(magic, "stream state snapshot is corrupt");
  const set = { ...STATE, deleted: [SequenceSet.of([4])] };
  const cutSet = encodeReplicatedState(set).subarray(0, -1);
  refused(cutSet, "stream state snapshot is corrupt");
});
