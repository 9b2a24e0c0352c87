import {
  decodeExpiries,
  decodeSchedules,
  encodeExpiries,
  encodeSchedules,
} from "./at_once.ts";
import { assertEquals, assertThrows } from "@std/assert";
import {
  DecodeError,
  decodeSources,
  encodeSources,
} from "../../../../src/store/mod.ts";
import { capability } from "../../../tools/capability.ts";
import { SCHEDULES, SOURCES, TTL_WHEEL } from "./samples.ts";

capability("thw.db of a Go server is read and written again", {
  positive: ["stores/thw-db"],
}, () => {
  const { stamp, entries } = decodeExpiries(TTL_WHEEL);
  assertEquals(stamp, 5);
  assertEquals(entries, [
    { sequence: 3, time: 1795887240381788512n + 3600n * 10n ** 9n },
  ]);
  assertEquals(encodeExpiries(stamp, entries.length, entries), TTL_WHEEL);
});

capability("sched.db of a Go server is read and written again", {
  positive: ["stores/sched-db"],
}, () => {
  const { stamp, entries } = decodeSchedules(SCHEDULES);
  assertEquals(stamp, 4);
  assertEquals(
    entries.map(({ subject, sequence }) => [subject, sequence]),
    [["s.schedules.1", 1], ["s.schedules.2", 2]],
  );
  const [at2030] = entries;
  assertEquals(at2030?.time, BigInt(Date.UTC(2030, 0)) * 1_000_000n);
  assertEquals(encodeSchedules(stamp, entries), SCHEDULES);
});

capability("sources.db of a Go server is read and written again", {
  positive: ["stores/sources-db"],
}, () => {
  const { stamp, entries } = decodeSources(SOURCES);
  assertEquals(stamp, 4);
  assertEquals([...entries], [
    ["SCHED s.t >", { sequence: 3, identity: "kYEbHhTj" }],
    ["ORDERS > >", { sequence: 3, identity: "5sEsG2fi" }],
  ]);
  assertEquals(encodeSources(stamp, entries), SOURCES);
});

Deno.test("files without entries are a header", () => {
  const empty = encodeExpiries(9, 0, []);
  assertEquals(empty.length, 17);
  assertEquals(decodeExpiries(empty), { stamp: 9, entries: [] });
  assertEquals(encodeSchedules(9, []), empty);
  assertEquals(encodeSources(9, new Map()), empty);
});

Deno.test("times before 1970 and sequences up to 2^53 survive", () => {
  const entries = [
    { sequence: 2 ** 53 - 1, time: -(2n ** 63n) },
    { sequence: 0, time: 2n ** 63n - 1n },
  ];
  const bytes = encodeExpiries(2 ** 53 - 1, 2, entries);
  assertEquals(decodeExpiries(bytes), { stamp: 2 ** 53 - 1, entries });
});

capability("subjects of schedules are cut at 65535 bytes", {
  edge: ["stores/sched-db"],
}, () => {
  const schedule = { subject: "s".repeat(70_000), sequence: 1, time: 1n };
  const { entries } = decodeSchedules(encodeSchedules(1, [schedule]));
  assertEquals(entries[0]?.subject.length, 65_535);
});

const FILES = [
  ["stores/thw-db", TTL_WHEEL, decodeExpiries, "thw"],
  ["stores/sched-db", SCHEDULES, decodeSchedules, "msg scheduling"],
  ["stores/sources-db", SOURCES, decodeSources, "sources"],
] as const;

for (const [row, good, decode, name] of FILES) {
  capability(`${name}: a file that is cut or of another version is refused`, {
    edge: [row],
  }, () => {
    for (let size = 0; size < good.length; size++) {
      const text = size < 17 ? "short buffer" : "unexpected EOF";
      assertThrows(() => decode(good.subarray(0, size)), DecodeError, text);
    }
    const unknown = good.slice();
    unknown[0] = 2;
    assertThrows(
      () => decode(unknown),
      DecodeError,
      `${name}: encoded version not known`,
    );
    // A count that the file can't hold.
    const long = good.slice();
    long[6] = 1;
    assertThrows(() => decode(long), DecodeError, "unexpected EOF");
  });
}
