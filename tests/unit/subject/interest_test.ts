import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { SubjectIndexError } from "../../../src/subject/mod.ts";
import { capability } from "../../tools/capability.ts";
import { indexOf, member, plain } from "./support.ts";

const id = (row: string) => `sublist-and-mapping/${row}`;

capability(
  "a watcher is told the first subscription and the end of the last",
  { positive: [id("interest-notification")] },
  () => {
    const index = indexOf([]);
    const told: boolean[] = [];
    index.watchInterest("foo", null, (interested) => told.push(interested));
    const one = plain("foo", "1");
    const two = plain("foo", "2");
    index.insert(one);
    index.insert(two);
    index.remove(one);
    assertEquals(told, [false, true]);
    index.removeBatch([two]);
    index.insert(one);
    assertEquals(told, [false, true, false, true]);
  },
);

capability(
  "a watcher of an interest that exists is told so at once",
  { positive: [id("interest-notification")] },
  () => {
    const subscription = plain("foo.bar");
    const index = indexOf([subscription]);
    const told: boolean[] = [];
    index.watchInterest("foo.bar", null, (interested) => told.push(interested));
    index.remove(subscription);
    assertEquals(told, [true, false]);
  },
);

capability(
  "plain subscriptions and each queue group are watched apart",
  { edge: [id("interest-notification")] },
  () => {
    const index = indexOf([]);
    const told: string[] = [];
    for (const queue of [null, "q1", "q2"]) {
      index.watchInterest("foo", queue, (interested) => {
        told.push(`${queue} ${interested}`);
      });
    }
    told.length = 0;
    const subscriptions = [
      plain("foo"),
      member("foo", "q1", "a"),
      member("foo", "q1", "b"),
      member("foo", "q3"),
    ];
    for (const subscription of subscriptions) index.insert(subscription);
    assertEquals(told, ["null true", "q1 true"]);
    for (const subscription of subscriptions) index.remove(subscription);
    assertEquals(told.slice(2), ["null false", "q1 false"]);
  },
);

capability(
  "wildcard subscriptions tell nobody, and wildcards can't be watched",
  { edge: [id("interest-notification")] },
  () => {
    const wild = plain("foo.*");
    const index = indexOf([wild]);
    const told: boolean[] = [];
    index.watchInterest("foo.bar", null, (interested) => told.push(interested));
    index.insert(plain(">"));
    index.remove(wild);
    assertEquals(told, [false]);
    for (const pattern of ["foo.*", ">", "*.bar"]) {
      assertThrows(
        () => index.watchInterest(pattern, null, () => {}),
        SubjectIndexError,
        "sublist: invalid subject",
      );
    }
  },
);

capability(
  "the same callback is registered once for a key, and unwatched once",
  { edge: [id("interest-notification")] },
  () => {
    const index = indexOf([]);
    const told: boolean[] = [];
    const callback = (interested: boolean) => {
      told.push(interested);
    };
    index.watchInterest("foo", null, callback);
    index.watchInterest("foo", "q", callback);
    assertThrows(
      () => index.watchInterest("foo", null, callback),
      SubjectIndexError,
      "sublist: notification already registered",
    );
    assertFalse(index.unwatchInterest("bar", null, callback));
    assert(index.unwatchInterest("foo", null, callback));
    assertFalse(index.unwatchInterest("foo", null, callback));
    index.insert(plain("foo"));
    assertEquals(told, [false, false]);
    index.insert(member("foo", "q"));
    assertEquals(told, [false, false, true]);
  },
);
