import { assertEquals, assertThrows } from "@std/assert";
import {
  ByteWriter,
  type ConsumerState,
  DecodeError,
} from "../../../../src/store/mod.ts";
import { capability } from "../../../tools/capability.ts";
import { CONSUMER_STATE } from "./samples.ts";
import { mapped } from "../support.ts";
import { decodeConsumerState, encodeConsumerState } from "./at_once.ts";

const SECOND = 1_000_000_000n;
/** When the sample was written, in seconds. */
const WRITTEN = 1_795_887_241;

function position(consumer: number, stream: number): ConsumerState["ackFloor"] {
  return { consumer, stream };
}

capability("the state of a Go server's consumer is read and written again", {
  positive: ["stores/o-dat"],
}, () => {
  const state = decodeConsumerState(CONSUMER_STATE);
  assertEquals(state, {
    ackFloor: position(0, 0),
    delivered: position(1, 1),
    pending: new Map([[1, {
      sequence: 1,
      time: BigInt(WRITTEN - 1) * SECOND,
    }]]),
    redelivered: new Map(),
  });
  assertEquals(encodeConsumerState(state, WRITTEN * 1000), CONSUMER_STATE);
});

capability("a state survives, but for fractions of seconds", {
  positive: ["stores/o-dat"],
}, () => {
  const now = 1_700_000_000_499;
  const at = BigInt(now) * 1_000_000n;
  const state: ConsumerState = {
    ackFloor: position(2 ** 40, 2 ** 41),
    delivered: position(2 ** 52, 2 ** 53 - 1),
    pending: new Map([
      [2 ** 41 + 1, { sequence: 2 ** 40 + 1, time: at }],
      [2 ** 53 - 1, { sequence: 2 ** 52, time: at - 3600n * SECOND }],
      [2 ** 41 + 5, { sequence: 2 ** 40 + 9, time: at + 30n * SECOND }],
    ]),
    redelivered: new Map([[2 ** 41 + 1, 3], [2 ** 41 + 7, 2 ** 35]]),
  };
  const again = decodeConsumerState(encodeConsumerState(state, now));
  const rounded = [...state.pending].map(([sequence, delivery]) =>
    [
      sequence,
      { ...delivery, time: delivery.time / SECOND * SECOND },
    ] as const
  );
  assertEquals(again, mapped({ ...state, pending: new Map(rounded) }));
});

capability("what is pending below the floors wraps around and back", {
  edge: ["stores/o-dat"],
}, () => {
  const state: ConsumerState = {
    ackFloor: position(500, 1000),
    delivered: position(600, 2000),
    pending: new Map([[7, { sequence: 3, time: 0n }]]),
    redelivered: new Map([[8, 2]]),
  };
  const bytes = encodeConsumerState(state, 0);
  assertEquals(decodeConsumerState(bytes), state);
});

capability("states of the first version are read", {
  edge: ["stores/o-dat"],
}, () => {
  const out = new ByteWriter();
  out.u8(22);
  out.u8(1);
  // Floors, then what was delivered, counted from the floors.
  for (const each of [10, 20, 3, 4]) out.uvarint(each);
  out.uvarint(1);
  out.varint(1_000);
  out.uvarint(2);
  out.varint(7);
  out.uvarint(1);
  out.uvarint(2);
  out.uvarint(5);
  assertEquals(decodeConsumerState(out.written), {
    ackFloor: position(10, 20),
    delivered: position(12, 23),
    pending: new Map([[22, { sequence: 0, time: 1_007n * SECOND }]]),
    redelivered: new Map([[22, 5]]),
  });
});

capability("a state without lists, or with an unfinished last one, is taken", {
  edge: ["stores/o-dat"],
}, () => {
  const out = new ByteWriter();
  out.u8(22);
  out.u8(2);
  for (const each of [1, 2, 3, 4]) out.uvarint(each);
  const bare = decodeConsumerState(out.written);
  assertEquals([bare.pending.size, bare.redelivered.size], [0, 0]);
  out.uvarint(0);
  // Of three redelivered ones, one is there, and one says nothing.
  for (const each of [3, 5, 6, 0, 9]) out.uvarint(each);
  const cut = decodeConsumerState(out.written);
  assertEquals(cut.redelivered, new Map([[7, 6]]));
});

capability("a state that is cut or unknown is refused", {
  edge: ["stores/o-dat"],
}, () => {
  const refused = (bytes: Uint8Array, text = "corrupt state file") =>
    assertThrows(() => decodeConsumerState(bytes), DecodeError, text);
  const good = CONSUMER_STATE;
  for (const size of [0, 1, 2, 3, 4, 5, 7, 8, 12, 13, 14]) {
    refused(good.subarray(0, size));
  }
  refused(Uint8Array.of(22, 3, 0, 0, 0, 0, 0, 0), "unsupported version: 3");
  refused(Uint8Array.of(23, 2, 0, 0, 0, 0, 0, 0));
  // A pending message with sequence 0.
  refused(Uint8Array.of(22, 2, 0, 0, 1, 1, 1, 0, 0, 1, 0, 0));
  // A floor beyond 2^53.
  const out = new ByteWriter();
  out.u8(22);
  out.u8(2);
  out.uvarint(0);
  out.uvarint64(1n << 63n);
  out.put(new Uint8Array(8));
  refused(out.written);
});
