import { assert, assertEquals, assertMatch } from "@std/assert";
import { Looks } from "../../../src/monitor/dashboard/looks.js";
import {
  byteRate,
  bytes,
  count,
  countRate,
  milliseconds,
} from "../../../src/monitor/dashboard/texts.js";
import { DASHBOARD_PAGE } from "../../../src/monitor/dashboard/dashboard_page.ts";

Deno.test("dashboard - is one page that needs nothing else", () => {
  const page = DASHBOARD_PAGE;
  assertMatch(page, /^<!DOCTYPE html>/);
  assertEquals(page.match(/<style>/g)?.length, 1);
  assertEquals(page.match(/<script type="module">/g)?.length, 1);
  assertEquals(page.match(/^(import|export) /gm), null);
  assertEquals(page.match(/\bsrc=|<link [^>]*href="(?!data:)/g), null);
  // The only address in it is the name of a language.
  assertEquals([...new Set(page.match(/https?:[^"'\s]*/g))], [
    "http://www.w3.org/2000/svg",
  ]);
  assert(page.length < 40_000, `${page.length} characters`);
});

Deno.test("dashboard - its modules make one script, each name declared once", () => {
  const script = /<script type="module">\n([^]*)<\/script>/.exec(DASHBOARD_PAGE)
    ?.[1] ?? "";
  const names = [
    ...script.matchAll(/^(?:async )?(?:const|let|function|class) (\w+)/gm),
  ].map(([, name]) => name);
  assert(names.length > 20);
  assertEquals(new Set(names).size, names.length);
  new Function(`async () => {${script}}`);
});

Deno.test("dashboard - numbers are short", () => {
  assertEquals(
    [0, 9999.4, 10_000, 12_345_678, undefined].map(count),
    ["0", "9,999", "10K", "12.3M", "–"],
  );
  assertEquals(
    [0, 1023, 1024, 150 * 1024, 2 ** 60, undefined].map(bytes),
    ["0 B", "1023 B", "1.0 KiB", "150 KiB", "1024 PiB", "–"],
  );
  assertEquals([0.04, 9.96, 12.3, undefined].map(milliseconds), [
    "0.0 ms",
    "10.0 ms",
    "12 ms",
    "–",
  ]);
  assertEquals([countRate(5), countRate(undefined)], ["5/s", "–"]);
  assertEquals([byteRate(2048), byteRate(undefined)], ["2.0 KiB/s", "–"]);
});

/** What a look brings, as far as figures need it. */
function seen(messages: number, delays: Record<string, number>, start = "a") {
  const turns = Object.values(delays).reduce((sum, each) => sum + each, 0);
  return {
    varz: {
      start,
      in_msgs: messages,
      out_msgs: 0,
      in_bytes: 0,
      out_bytes: 0,
    },
    vars: {
      eventloop: {
        turns,
        delay_total_ms: turns * 2,
        turns_by_delay_ms: delays,
      },
    },
  };
}

Deno.test("dashboard - growth is told between looks at the same server only", () => {
  const looks = new Looks();
  const rates = () => looks.history.at(-1);
  looks.take(seen(100, { "0": 10, "5": 1 }), 0);
  assertEquals(rates(), {
    messagesIn: undefined,
    messagesOut: undefined,
    bytesIn: undefined,
    bytesOut: undefined,
    meanDelay: 2,
    worstDelay: 5,
  });
  looks.take(seen(300, { "0": 20, "5": 1 }), 2000);
  assertEquals(rates(), {
    messagesIn: 100,
    messagesOut: 0,
    bytesIn: 0,
    bytesOut: 0,
    meanDelay: 2,
    worstDelay: 0,
  });
  looks.take(seen(400, { "0": 5 }, "restarted"), 4000);
  assertEquals(rates()?.messagesIn, undefined);
  assertEquals(rates()?.meanDelay, 2);
  for (let i = 0; i < 200; i++) looks.take(seen(400, { "0": 5 }), i);
  assertEquals(looks.history.length, 120);
});
