/** Times, parameters, paths and pages: what monitoring reads and writes. */

import { assertEquals, assertThrows } from "@std/assert";
import { MonitorError } from "../../../src/monitor/mod.ts";
import { pageOf, slicePage } from "../../../src/monitor/paging.ts";
import { cleanPath, joinPath } from "../../../src/monitor/paths.ts";
import { Query } from "../../../src/monitor/query.ts";
import { formatUptime } from "../../../src/monitor/time_text.ts";
import { formatRtt } from "../../../src/monitor/connection_info.ts";
import { capability } from "../../tools/capability.ts";

const SECOND = 1_000;
const DAY = 86_400 * SECOND;

capability(
  "uptimes show the units that are needed",
  { positive: ["monitoring/uptime-format"] },
  () => {
    const cases: readonly [number, string][] = [
      [22 * SECOND, "22s"],
      [4 * 60 * SECOND + 22 * SECOND, "4m22s"],
      [2 * 3_600 * SECOND, "2h0m0s"],
      [32 * DAY + 5 * SECOND, "32d0h0m5s"],
      [22 * 365 * DAY + DAY, "22y1d0h0m0s"],
    ];
    for (const [time, text] of cases) assertEquals(formatUptime(time), text);
  },
);

capability(
  "uptimes are cut to whole seconds and never negative",
  { edge: ["monitoring/uptime-format"] },
  () => {
    assertEquals(formatUptime(999), "0s");
    assertEquals(formatUptime(59_999), "59s");
    assertEquals(formatUptime(-5_000), "0s");
    assertEquals(formatUptime(1e17), "292y171d23h47m16s");
  },
);

capability(
  "round-trip times below a millisecond are cut to microseconds",
  { positive: ["monitoring/rtt"], edge: ["monitoring/rtt"] },
  () => {
    assertEquals(formatRtt(0.637891), "637µs");
    assertEquals(formatRtt(1.5), "1.5ms");
    assertEquals(formatRtt(0.0005), "500ns");
    assertEquals(formatRtt(0), "0s");
  },
);

capability(
  "parameters are read as Go's parsers read them",
  { positive: ["monitoring/bad-params"] },
  () => {
    const query = new Query(
      new URLSearchParams("a=T&b=False&n=-12&p=%2B5&u=7&subs=Detail&e="),
    );
    assertEquals([query.flag("a"), query.flag("b"), query.flag("e")], [
      true,
      false,
      false,
    ]);
    assertEquals(
      [query.integer("n"), query.integer("p"), query.unsigned("u")],
      [-12, 5, 7],
    );
    assertEquals(query.subscriptions(), { subscriptions: false, detail: true });
    assertEquals(query.integer("missing"), 0);
  },
);

capability(
  "parameters that are none are refused in Go's words",
  { edge: ["monitoring/bad-params"] },
  () => {
    const query = new Query(
      new URLSearchParams("f=yes&i=1_0&u=-1&big=9223372036854775808&q=%22"),
    );
    const cases: readonly [() => unknown, string][] = [
      [
        () => query.flag("f"),
        `Error decoding boolean for 'f': strconv.ParseBool: parsing "yes": invalid syntax`,
      ],
      [
        () => query.integer("i"),
        `Error decoding int for 'i': strconv.Atoi: parsing "1_0": invalid syntax`,
      ],
      [
        () => query.unsigned("u"),
        `Error decoding uint64 for 'u': strconv.ParseUint: parsing "-1": invalid syntax`,
      ],
      [
        () => query.integer("big"),
        `Error decoding int for 'big': strconv.Atoi: parsing "9223372036854775808": value out of range`,
      ],
      [
        () => query.flag("q"),
        `Error decoding boolean for 'q': strconv.ParseBool: parsing "\\"": invalid syntax`,
      ],
    ];
    for (const [read, message] of cases) {
      assertThrows(read, MonitorError, message);
    }
  },
);

capability(
  "pages end where their list ends, whatever was asked",
  {
    positive: ["monitoring/connz-response"],
    edge: ["monitoring/connz-response"],
  },
  () => {
    const list = [1, 2, 3, 4];
    assertEquals(slicePage(list, pageOf(1, 2)), [2, 3]);
    assertEquals(slicePage(list, pageOf(3, 9)), [4]);
    assertEquals(slicePage(list, pageOf(9, 1)), []);
    assertEquals(slicePage(list, pageOf(2n ** 63n - 1n, 2n ** 63n - 1n)), []);
    assertEquals(pageOf(-1, 0), { offset: 0, limit: 1024 });
  },
);

capability(
  "paths are cleaned as Go cleans them",
  { edge: ["monitoring/base-path"] },
  () => {
    assertEquals(cleanPath(""), "/");
    assertEquals(cleanPath("a//b/./c/../d/"), "/a/b/d");
    assertEquals(cleanPath("/../x"), "/x");
    assertEquals(joinPath("/", "/varz"), "/varz");
    assertEquals(joinPath("/base", "/"), "/base");
  },
);
