/** The index holds whatever has a subject, not only subscriptions of clients. */

import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { SubscriptionIndex } from "../../../src/subject/mod.ts";
import { capability } from "../../tools/capability.ts";

/** A filter of something that is no client: it has a value of its own. */
interface Filter {
  readonly subject: string;
  readonly queue: null;
  readonly value: number;
}

const ID = "sublist-and-mapping/generic-sublist";

function filter(subject: string, value: number): Filter {
  return { subject, queue: null, value };
}

function indexOf(
  filters: readonly Filter[],
  cacheSize = 0,
): SubscriptionIndex<Filter> {
  const index = new SubscriptionIndex<Filter>({ seed: 7, cacheSize });
  for (const one of filters) index.insert(one);
  return index;
}

/** Values of what matches, sorted. */
function values(index: SubscriptionIndex<Filter>, subject: string): number[] {
  return index.matchSubject(subject).plain.map(({ value }) => value).sort();
}

capability(
  "index of values - gives back the values of what matches",
  { positive: [ID] },
  () => {
    const index = indexOf([
      filter("foo.bar.baz", 1),
      filter("foo.*.baz", 2),
      filter("foo.bar.*", 3),
      filter("foo.>", 4),
      filter(">", 5),
      filter("foo.bar", 6),
    ]);
    assertEquals(index.count, 6);
    assertEquals(values(index, "foo.bar.baz"), [1, 2, 3, 4, 5]);
    assertEquals(values(index, "foo.bar"), [4, 5, 6]);
    assertEquals(values(index, "foo"), [5]);
    assertEquals(values(index, "x.y"), [5]);
  },
);

capability(
  "index of values - knows interest without collecting values",
  { positive: [ID] },
  () => {
    const index = indexOf([filter("stream.A.child", 1), filter("stream.*", 2)]);
    assert(index.hasInterest("stream.A.child"));
    assert(index.hasInterest("stream.A"));
    assertFalse(index.hasInterest("stream"));
    assertFalse(index.hasInterest("stream.B.child"));
    assertEquals(index.numInterest("stream.A").plain, 1);
    assertEquals(index.numInterest("stream.A.child").plain, 1);
  },
);

capability(
  "index of values - the same value twice is two entries, each its own",
  { edge: [ID] },
  () => {
    const [first, second] = [filter("foo.*", 1), filter("foo.*", 1)];
    const index = indexOf([first, second], 64);
    assertEquals(values(index, "foo.x"), [1, 1]);
    index.remove(first);
    assertEquals(values(index, "foo.x"), [1]);
    index.remove(second);
    assertEquals(values(index, "foo.x"), []);
    assertEquals(index.count, 0);
  },
);

capability(
  "index of values - refuses bad subjects and what it does not hold",
  { edge: [ID] },
  () => {
    const index = indexOf([filter("foo", 1)]);
    for (
      const bad of ["", ".", "foo.", ".foo", "foo..bar", "foo.>.bar", ">.x"]
    ) {
      assertThrows(
        () => index.insert(filter(bad, 2)),
        Error,
        "invalid subject",
      );
    }
    assertThrows(
      () => index.remove(filter("foo", 1)),
      Error,
      "no matches found",
    );
    // Wildcards inside of tokens are literal.
    const literal = filter("foo*.>bar", 3);
    index.insert(literal);
    assertEquals(values(index, "foo*.>bar"), [3]);
    assertEquals(values(index, "foox.xbar"), []);
    index.remove(literal);
    assertEquals(index.count, 1);
  },
);
