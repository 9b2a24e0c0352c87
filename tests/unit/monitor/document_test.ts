/** Documents: JSON as Go writes it, and in slices. */

import { assert, assertEquals } from "@std/assert";
import {
  documentText,
  orOmit,
  Pacer,
  writeDocument,
} from "../../../src/monitor/mod.ts";
import { capability } from "../../tools/capability.ts";

/** A clock that passes `step` milliseconds at every look. */
function stepping(step: number) {
  let time = 0;
  const rests: number[] = [];
  return {
    rests,
    ports: {
      clock: { monotonic: () => time += step },
      timers: {
        sleep: () => {
          rests.push(time);
          return Promise.resolve();
        },
      },
    },
  };
}

async function written(
  document: unknown,
  indent: string,
  step = 0,
): Promise<{ text: string; pieces: number; rests: number }> {
  const { ports, rests } = stepping(step);
  let text = "";
  let pieces = 0;
  for await (const piece of writeDocument(document, indent, new Pacer(ports))) {
    text += piece;
    pieces++;
  }
  return { text, pieces, rests: rests.length };
}

const SAMPLE = {
  text: 'a<b>&"\u2028',
  list: [1, [], {}, { deep: [true, null] }],
  absent: undefined,
  map: new Map([["b", 1], ["a", 2]]),
  big: 2n ** 64n,
  lazy: (function* () {
    yield "x";
    yield "y";
  })(),
};

capability(
  "documents are indented and escaped as Go does it",
  { positive: ["monitoring/headers"] },
  async () => {
    const { text } = await written(SAMPLE, "  ");
    assertEquals(
      text,
      `{
  "text": "a\\u003cb\\u003e\\u0026\\"\\u2028",
  "list": [
    1,
    [],
    {},
    {
      "deep": [
        true,
        null
      ]
    }
  ],
  "map": {
    "a": 2,
    "b": 1
  },
  "big": 18446744073709551616,
  "lazy": [
    "x",
    "y"
  ]
}`,
    );
  },
);

Deno.test("on one line there are no blanks", () => {
  assertEquals(
    documentText({ a: [1, { b: "c d" }], e: new Map() }),
    '{"a":[1,{"b":"c d"}],"e":{}}',
  );
});

Deno.test("what is empty can be left out", () => {
  const values = ["", 0, false, [], new Map(), new Set()];
  assertEquals(values.map((value) => orOmit<unknown>(value)), [
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  assertEquals([orOmit("x"), orOmit(-1), orOmit([0])], ["x", -1, [0]]);
});

capability(
  "a long document comes in pieces, and others get their turn in between",
  { edge: ["monitoring/headers"] },
  async () => {
    const list = Array.from({ length: 5_000 }, (_, i) => ({ number: i }));
    const busy = await written({ list }, "  ", 0.1);
    assert(busy.rests > 100 && busy.pieces > 2, JSON.stringify(busy.pieces));
    assertEquals(JSON.parse(busy.text).list.length, 5_000);
    const idle = await written({ list }, "  ", 0);
    assertEquals([idle.rests, idle.text], [0, busy.text]);
  },
);
