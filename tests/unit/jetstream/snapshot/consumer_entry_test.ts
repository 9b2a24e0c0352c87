import { assert, assertEquals, assertThrows } from "@std/assert";
import { finish } from "../../../../src/connection/mod.ts";
import {
  readingConsumer,
  writingConsumer,
} from "../../../../src/jetstream/snapshot/consumer_entry.ts";
import { cuttingMaps } from "../../../../src/jetstream/snapshot/map_cutter.ts";
import { CONSUMER_CONFIG } from "../../../../src/jetstream/types/consumer_config.ts";
import type { ConsumerState } from "../../../../src/store/mod.ts";
import { joinBytes } from "../../../../src/protocol/mod.ts";

const MANY = 20_000;
const config = { ...CONSUMER_CONFIG.zero(), durable_name: "C" };

/** All from `first` on are pending, every seventh was delivered again. */
function stateOf(first: number, count: number): ConsumerState {
  const sequences = Array.from({ length: count }, (_, i) => first + i);
  return {
    delivered: { consumer: count, stream: first + count - 1 },
    ackFloor: { consumer: 0, stream: first - 1 },
    pending: new Map(
      sequences.map((each, i) => [each, {
        sequence: i + 1,
        time: 1_700_000_000_000_000_000n,
      }]),
    ),
    redelivered: new Map(
      sequences.filter((each) => each % 7 === 0).map((each) => [each, 2]),
    ),
  };
}

function consumer(state: ConsumerState) {
  return { name: "C", config, position: () => state };
}

function read(json: Uint8Array) {
  const { config, state } = finish(readingConsumer("C", json));
  const pending = new Map(state.pending);
  const redelivered = new Map(state.redelivered);
  return { config, state: { ...state, pending, redelivered } };
}

function written(state: ConsumerState, last = Infinity): Uint8Array {
  return joinBytes(finish(writingConsumer(consumer(state), last)));
}

Deno.test("a consumer in an archive - few deliveries are in the order of their names", () => {
  const text = new TextDecoder().decode(written(stateOf(8, 3)));
  const state = text.slice(text.indexOf('"state":'));
  const at = (consumer: number) =>
    `{"Sequence":${consumer},"Timestamp":1700000000000000000}`;
  assertEquals(
    state,
    '"state":{"delivered":{"consumer_seq":3,"stream_seq":10},' +
      '"ack_floor":{"consumer_seq":0,"stream_seq":7},' +
      `"pending":{"10":${at(3)},"8":${at(1)},"9":${at(2)}}}}`,
  );
});

Deno.test("a consumer in an archive - very many come in steps, and back as they were", () => {
  const state = stateOf(99_000, MANY);
  const work = writingConsumer(consumer(state), Infinity);
  let steps = 0;
  let step = work.next();
  for (; !step.done; step = work.next()) steps++;
  assert(steps >= MANY / 1000, `${steps} steps`);
  assert(step.value.every(({ length }) => length < 100_000));
  const entry = read(joinBytes(step.value));
  assertEquals(entry.config.durable_name, "C");
  assertEquals(entry.state, state);
});

Deno.test("a consumer in an archive - what is behind the snapshot is left out", () => {
  for (const count of [5, MANY]) {
    const state = stateOf(1, count);
    const { state: found } = read(written(state, 3));
    assertEquals(found.delivered, { consumer: count, stream: 3 });
    assertEquals([...found.pending.keys()], [1, 2, 3]);
    assertEquals(found.redelivered.size, 0);
  }
});

Deno.test("a consumer in an archive - what is delivered meanwhile is left out, what is acknowledged may be", () => {
  const state = stateOf(1, MANY);
  const pending = new Map(state.pending);
  const work = writingConsumer(consumer({ ...state, pending }), Infinity);
  work.next();
  for (let each = MANY + 1; each <= MANY + 100; each++) {
    pending.set(each, { sequence: each, time: 0n });
  }
  pending.delete(MANY);
  const { state: found } = read(joinBytes(finish(work)));
  assertEquals(found.pending.size, MANY - 1);
  assertEquals(Math.max(...found.pending.keys()), MANY - 1);
});

/** A large entry as text; `edit` may damage it. */
function edited(edit: (text: string) => string): Uint8Array {
  const text = new TextDecoder().decode(written(stateOf(1, 5000)));
  return new TextEncoder().encode(edit(text));
}

Deno.test("a consumer in an archive - is read in steps, however it was laid out", () => {
  const expected = { ...stateOf(1, 5000) };
  const layouts: ((text: string) => string)[] = [
    (text) => text,
    (text) => JSON.stringify(JSON.parse(text), null, 2),
    (text) =>
      text.replace('"config":', '"extra":[{"pending":{"1":2}}],"config":'),
    (text) =>
      text.replace(
        '"config":{',
        '"config":{"description":"\\"}],{\\\\","metadata":{"state":"{"},',
      ),
    (text) => text.replace('"state":{', '"state":{"other":{"a":[1,{}]},'),
    (text) => text.replace('"pending"', '"Pending"'),
  ];
  for (const layout of layouts) {
    const json = edited(layout);
    const work = readingConsumer("C", json);
    let steps = 0;
    let step = work.next();
    for (; !step.done; step = work.next()) steps++;
    // What is spelled otherwise is read, too, but all at once.
    if (!layout.toString().includes("Pending")) assert(steps > 50);
    const { pending, redelivered, ...rest } = step.value.state;
    assertEquals({
      ...rest,
      pending: new Map(pending),
      redelivered: new Map(redelivered),
    }, {
      ...expected,
      // Timestamps have the precision of what reads them.
      pending: new Map(expected.pending),
    });
  }
});

Deno.test("a consumer in an archive - no text is so odd that nothing rests", () => {
  // Escapes throughout: every other byte is passed over.
  const odd = "\\\\".repeat(200_000);
  for (const name of ["a", "ab"]) {
    const text = `{"config":{"${name}":"${odd}"}}`;
    const json = new TextEncoder().encode(text);
    const work = cuttingMaps(json, "state", ["pending"]);
    let steps = 0;
    let step = work.next();
    for (; !step.done; step = work.next()) steps++;
    assert(steps >= 10, `${steps} steps`);
    assertEquals(step.value && joinBytes(step.value.rest), json);
  }
});

Deno.test("a consumer in an archive - what is damaged is refused, wherever", () => {
  const whole = edited((text) => text);
  for (let at = 1; at < whole.length; at += 997) {
    assertThrows(() => read(whole.subarray(0, at)), Error, "failed to decode");
  }
  const damages: ((text: string) => string)[] = [
    (text) => text.replace('"4000":', '"4000":,'),
    (text) => text.replace('"4000":', ',"4000":'),
    (text) => text.replace('},"redelivered"', ',},"redelivered"'),
    (text) => text.replace('"4000":{', '"4000":['),
    (text) => text.replace('"4000":{', '"4000":{"'),
    (text) => text.replace('"pending":{', '"pending":{,'),
    (text) => `${text}}`,
    (text) => `${text}{}`,
    (text) => text.replace('"4000":{', '"4000":"x",{'),
  ];
  for (const damage of damages) {
    assertThrows(() => read(edited(damage)), Error, "failed to decode");
  }
});
