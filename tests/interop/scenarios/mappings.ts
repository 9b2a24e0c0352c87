/**
 * Subject mappings and transforms, as clients see them.
 *
 * @module
 */

import {
  client,
  lines,
  type Scenario,
  scenario,
  sync,
} from "../harness/mod.ts";
import { server } from "./fixtures.ts";

const MAPPED = server(
  `mappings {
    plain.src: plain.dst
    "wild.*.*": "swap.$2.$1"
    "func.*": "func.out.{{wildcard(1)}}"
    "tail.>": "head.>"
    "part.*": "part.{{partition(5,1)}}.$1"
    "part2.*.*": "part2.{{ partition( 10, 1, 2 ) }}"
    "whole.*": "whole.{{partition(7)}}"
    "split.*": "cut.{{split(1,-)}}"
    "sl.*": "sl.{{SplitFromLeft(1,2)}}"
    "sr.*": "sr.{{splitfromright(1,2)}}"
    "cl.*": "cl.{{SliceFromLeft(1,2)}}"
    "cr.*": "cr.{{slicefromright(1,2)}}"
    "nothing.*": "rand.{{random(1)}}"
    "all": [{destination: "all.dst", weight: 100%}]
    "lost": [{dest: "lost", weight: 0}]
    "twice.a": twice.b
    "twice.b": twice.c
  }`,
);
const LITERAL = server('mappings { whole.a: "whole.{{partition(7)}}" }');
const ACCOUNTS = server(
  `accounts {
    A: { mappings: {in: out}, users: [
      {user: a, password: x, permissions: {publish: ["in", "other"], subscribe: ">"}}
      {user: b, password: x, permissions: {publish: ["out", "other"], subscribe: ">"}}
    ] }
    B: { users: [{user: c, password: x}] }
  }`,
);

/** Publishes to each subject in turn; everything comes back to a `>` subscription. */
function mapped(
  name: string,
  proves: Scenario["proves"],
  ...subjects: string[]
): Scenario {
  return scenario(
    MAPPED,
    name,
    proves,
    client("a"),
    lines("a", "SUB > 1"),
    lines("a", ...subjects.flatMap((subject) => [`PUB ${subject} 1`, "x"])),
    sync("a"),
  );
}

const id = (name: string) => `sublist-and-mapping/${name}`;

export const MAPPINGS: readonly Scenario[] = [
  mapped(
    "a literal subject is mapped",
    { positive: [id("config-forms"), id("when-applied")] },
    "plain.src",
    "plain.dst",
    "plain.src.more",
  ),
  mapped(
    "wildcards are placed by number",
    { positive: [id("placeholders")] },
    "wild.a.b",
    "wild.x.y",
    "func.a",
  ),
  mapped(
    "subjects that do not match stay",
    { edge: [id("placeholders")] },
    "wild.a",
    "wild.a.b.c",
    "func.a.b",
    "func",
  ),
  mapped(
    "the rest follows >",
    { positive: [id("rule")] },
    "tail.a",
    "tail.a.b.c",
  ),
  mapped("> needs a token", { edge: [id("rule")] }, "tail", "tail.*"),
  mapped(
    "partitions by one token",
    { positive: [id("partition"), id("functions")] },
    "part.a",
    "part.b",
    "part.customer-17",
    "part.ü",
  ),
  mapped(
    "partitions by several tokens, and of a whole subject",
    { edge: [id("partition"), id("functions")] },
    "part2.a.b",
    "part2.b.a",
    "whole.a",
  ),
  mapped(
    "split drops empty parts",
    { positive: [id("split")] },
    "split.a-b-c",
    "split.abc",
  ),
  mapped(
    "split with separators at the ends",
    { edge: [id("split")] },
    "split.-a--b-",
    "split.-",
  ),
  mapped(
    "split and slice from left and right",
    { positive: [id("splitfromleft-right"), id("slicefromleft-right")] },
    ...["sl", "sr", "cl", "cr"].map((name) => `${name}.abcde`),
  ),
  mapped(
    "split and slice of tokens that are too short",
    { edge: [id("splitfromleft-right"), id("slicefromleft-right")] },
    ...["sl", "sr", "cl", "cr"].flatMap((
      name,
    ) => [`${name}.a`, `${name}.ab`, `${name}.abcd`]),
  ),
  mapped("random below one is zero", { edge: [id("random")] }, "nothing.a"),
  mapped(
    "a weight of a hundred percent always maps",
    { positive: [id("weighted")] },
    "all",
    "all",
    "all",
  ),
  mapped(
    "a mapping onto itself with no weight loses the message",
    { edge: [id("weighted")] },
    "lost",
    "all",
  ),
  mapped(
    "a mapped subject is not mapped again",
    { edge: [id("when-applied")] },
    "twice.a",
    "twice.b",
    "twice.c",
  ),
  scenario(
    LITERAL,
    "a literal source without token numbers always has the same partition",
    { edge: [id("partition")] },
    client("a"),
    lines("a", "SUB > 1", "PUB whole.a 1", "x"),
    sync("a"),
  ),
  scenario(
    MAPPED,
    "a lost request is answered with 503 for the empty subject",
    { edge: [id("weighted"), "client-protocol/503-no-responders"] },
    client("a", { headers: true, no_responders: true }),
    lines("a", "SUB inbox 1", "PUB lost inbox 1", "x"),
    sync("a"),
  ),
  scenario(
    MAPPED,
    "headers and reply travel with a mapped message",
    { edge: [id("when-applied")] },
    client("a", { headers: true }),
    lines(
      "a",
      "SUB plain.* 1",
      "HPUB plain.src back 12 13",
      "NATS/1.0",
      "",
      "x",
    ),
    sync("a"),
  ),
  scenario(
    ACCOUNTS,
    "permissions are checked for the mapped subject",
    {
      positive: [id("when-applied")],
      edge: ["client-protocol/publish-permission"],
    },
    client("a", { user: "a", pass: "x" }),
    client("b", { user: "b", pass: "x" }),
    lines("b", "SUB > 1"),
    sync("b"),
    lines("a", "PUB in 1", "1", "PUB other 1", "2"),
    sync("a", "b"),
    lines("b", "PUB in 1", "3", "PUB out 1", "4"),
    sync("b"),
  ),
  scenario(
    ACCOUNTS,
    "a mapping holds in its account only",
    { edge: [id("config-forms")] },
    client("c", { user: "c", pass: "x" }),
    lines("c", "SUB > 1", "PUB in 1", "x"),
    sync("c"),
  ),
];
