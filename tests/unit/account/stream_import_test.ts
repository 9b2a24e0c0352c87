import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { Account } from "../../../src/account/mod.ts";
import { StreamImport } from "../../../src/account/stream_import.ts";
import {
  isSubsetMatch,
  MappingDestinationError,
  matchesPattern,
} from "../../../src/subject/mod.ts";
import { SeededRandom } from "../../sim/ports/random.ts";
import { capability } from "../../tools/capability.ts";
import { message, World } from "./world.ts";

const random = new SeededRandom(3n);
const exporter = new Account("A", { cache: true, seed: 1 });

function imported(subject: string, to: string): StreamImport {
  return new StreamImport(
    exporter,
    subject,
    { importer: exporter, to, allowTrace: false },
    random,
  );
}

/** What an exporter's subject is called in the importer's account. */
function renamed(source: StreamImport, subject: string): string {
  return source.seen(message(subject)).subject();
}

capability(
  "StreamImport - finds the exporter's subject for a subscription",
  { positive: ["accounts/shadow-subs"], edge: ["accounts/shadow-subs"] },
  () => {
    const cases: [string, string, string, string | null][] = [
      // exported, local, subscription, shadow
      ["foo", "foo", "foo", "foo"],
      ["foo", "bar", "bar", "foo"],
      ["foo", "bar", "foo", null],
      ["foo", "bar", ">", "foo"],
      ["foo", "bar", "*", "foo"],
      ["foo", "bar", "*.*", null],
      ["foo.*", "foo.*", "foo.x", "foo.x"],
      ["foo.*", "foo.*", "foo.>", "foo.*"],
      ["foo.*", "foo.*", "*.x", "foo.x"],
      ["foo.*", "foo.*", "*.*", "foo.*"],
      ["foo.*", "foo.*", "*.*.*", null],
      ["foo.>", "foo.>", "*.*.x", "foo.*.x"],
      ["foo.>", "foo.>", "foo", null],
      ["foo.*", "pre.foo.*", "pre.*.y", "foo.y"],
      ["foo.*", "pre.foo.*", "*.*.y", "foo.y"],
      ["foo.>", "pre.foo.>", "pre.>", "foo.>"],
      ["foo.>", "pre.foo.>", "pre.foo.a.>", "foo.a.>"],
      ["a.*.*", "b.$2.$1", "b.x.y", "a.y.x"],
      ["a.*.*", "b.$2.$1", "b.x.*", "a.*.x"],
      ["a.*.*", "b.$2.$1", "*.x.>", "a.*.x"],
      ["a.*.*", "b.{{wildcard(2)}}.c.$1", "b.x.c.y", "a.y.x"],
    ];
    for (const [exported, local, subscription, shadow] of cases) {
      const source = imported(exported, local);
      assertEquals(
        source.shadowSubject(subscription),
        shadow,
        `${exported} as ${local}, subscribed to as ${subscription}`,
      );
    }
  },
);

capability(
  "StreamImport - shows subjects under their local name",
  { positive: ["accounts/wildcard-transforms", "accounts/config"] },
  () => {
    const swapped = imported("a.*.*", "b.$2.$1");
    assertEquals(renamed(swapped, "a.1.2"), "b.2.1");
    assertEquals(renamed(swapped, "a.1.2"), "b.2.1", "a second time");
    assertEquals(renamed(swapped, "a.3.4"), "b.4.3");
    assertEquals(renamed(swapped, "a.1.2"), "b.2.1");
    assertEquals(renamed(imported("x", "y"), "x"), "y");
    assertEquals(renamed(imported("x.>", "p.x.>"), "x.1.2"), "p.x.1.2");
    const published = message("x.1");
    assertStrictEquals(imported("x.>", "x.>").seen(published), published);
  },
);

capability(
  "StreamImport - needs every wildcard of the stream",
  { edge: ["accounts/wildcard-transforms", "accounts/config"] },
  () => {
    for (const to of ["b.$1", "b", "b.$1.{{split(2,-)}}", "b.$1.$3"]) {
      assertThrows(() => imported("a.*.*", to), MappingDestinationError);
    }
  },
);

capability(
  "StreamImport - a shadow is never wider than the import or the subscription",
  { edge: ["accounts/shadow-subs", "accounts/isolation"] },
  () => {
    const tokens = ["a", "b", "*"];
    const draw = (list: readonly string[]) => list[random.below(list.length)];
    const pattern = () => {
      const length = 1 + random.below(3);
      const parts = Array.from({ length }, () => draw(tokens));
      return (random.below(3) === 0 ? [...parts, ">"] : parts).join(".");
    };
    for (let i = 0; i < 5000; i++) {
      const exported = pattern();
      const subscription = pattern();
      const source = imported(exported, exported);
      const shadow = source.shadowSubject(subscription);
      if (shadow === null) continue;
      const why = `${exported} subscribed to as ${subscription}: ${shadow}`;
      assertEquals(isSubsetMatch(shadow, exported), true, why);
      const literal = shadow.replaceAll("*", "z").replace(">", "y.x");
      assertEquals(
        matchesPattern(literal, subscription) ||
          !isSubsetMatch(shadow, subscription),
        true,
        why,
      );
    }
  },
);

capability(
  "Shadows - queue subscriptions share one group in the exporter's account",
  { edge: ["accounts/shadow-subs"] },
  () => {
    const world = new World(`accounts {
      A: { exports: [{stream: "s"}] }
      B: { imports: [{stream: {account: A, subject: s}}] }
    }`);
    const a = world.join("A");
    const members = [world.join("B"), world.join("B"), world.join("A")];
    for (const member of members) member.subscribe("s", "workers");
    for (let i = 0; i < 50; i++) a.publish("s");
    const counts = members.map(({ seen }) => seen.length);
    assertEquals(counts.reduce((sum, count) => sum + count), 50);
    assertEquals(counts.every((count) => count > 0), true, String(counts));
  },
);

capability(
  "Shadows - end with their subscription and leave nothing behind",
  { positive: ["accounts/cleanup"] },
  () => {
    const world = new World(`accounts {
      A: { exports: [{stream: "s.>"}, {stream: "t"}] }
      B: { imports: [{stream: {account: A, subject: "s.>"}}, {stream: {account: A, subject: t}, to: "s.t"}] }
    }`);
    const a = world.join("A");
    const b = world.join("B");
    const all = b.subscribe(">");
    const other = b.subscribe("s.t");
    assertEquals(a.account.subscriptions.stats().subscriptions, 4);
    assertEquals(a.publish("t"), true);
    assertEquals(b.subjects, ["s.t", "s.t"]);
    b.account.unsubscribe(all);
    assertEquals(a.account.subscriptions.stats().subscriptions, 2);
    b.account.unsubscribeAll([other]);
    assertEquals(a.account.subscriptions.stats().subscriptions, 0);
    assertEquals(a.publish("t"), false);
  },
);

capability(
  "Shadows - follow changed imports while subscriptions stay",
  { edge: ["accounts/cleanup"], positive: ["accounts/update-removal"] },
  () => {
    const config = (imports: string) =>
      `accounts {
      A: { exports: [{stream: "s"}, {stream: "t"}] }
      B: { imports: [${imports}] }
    }`;
    const world = new World(config("{stream: {account: A, subject: s}}"));
    const a = world.join("A");
    const b = world.join("B");
    b.subscribe(">");
    const { account } = b;
    world.configure(config("{stream: {account: A, subject: t}, prefix: new}"));
    assertEquals(world.accounts.get("B"), account);
    a.publish("s");
    a.publish("t");
    assertEquals(b.subjects, ["new.t"]);
    world.configure(config(""));
    a.publish("t");
    assertEquals(b.subjects, ["new.t"]);
    assertEquals(a.account.subscriptions.stats().subscriptions, 0);
  },
);
