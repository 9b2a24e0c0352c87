import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ratioChart } from "../../bench/chart.ts";
import { publishBatch } from "../../bench/frames.ts";
import { parseOptions } from "../../bench/options.ts";
import { markdownReport, textReport, withUnit } from "../../bench/report.ts";
import { Results } from "../../bench/results.ts";
import type { Measurement } from "../../bench/scenario.ts";
import { median, percentile } from "../../bench/statistics.ts";

Deno.test("median - takes the middle, or the mean of the middle two", () => {
  assertEquals(median([3, 1, 2]), 2);
  assertEquals(median([4, 1, 3, 2]), 2.5);
  assertEquals(median([]), NaN);
});

Deno.test("percentile - is the smallest value that covers the share", () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  assertEquals(percentile(hundred, 0.5), 50);
  assertEquals(percentile(hundred, 0.99), 99);
  assertEquals(percentile([7], 0.01), 7);
});

Deno.test("withUnit - scales to thousands and millions", () => {
  assertEquals(withUnit(2_345_678, "msg/s"), "2.35 M msg/s");
  assertEquals(withUnit(45_678, "msg/s"), "45.7 k msg/s");
  assertEquals(withUnit(123.4, "ns"), "123 ns");
  assertEquals(withUnit(NaN, "ns"), "–");
});

Deno.test("publishBatch - repeats whole rounds of all subjects", () => {
  const { bytes, messages } = publishBatch(["a", "b"], 2);
  const text = new TextDecoder().decode(bytes);
  const round = "PUB a 2\r\nxx\r\nPUB b 2\r\nxx\r\n";
  assertEquals(text, round.repeat(messages / 2));
});

Deno.test("reports - put medians of all runs side by side with their ratio", () => {
  const results = sample();
  assertStringIncludes(
    textReport(results, ["ours", "Go"]),
    "1→1  400 msg/s  100 msg/s     4.00    more",
  );
  assertStringIncludes(
    markdownReport(results, ["ours", "Go"]),
    "| 1→1 | 400 msg/s | 100 msg/s | 4.00 | more |",
  );
});

Deno.test("reports - show a server that did not run as a gap", () => {
  const results = new Results();
  results.add("ours", [throughput(5)]);
  assertStringIncludes(
    markdownReport(results, ["ours", "Go"]),
    "| 1→1 | 5.00 msg/s | – | – | more |",
  );
  assertEquals(
    ratioChart("t", results.rows("throughput")).includes("1→1"),
    false,
  );
});

Deno.test("ratioChart - draws a bar for every ratio and escapes its text", () => {
  const svg = ratioChart("a < b & c", sample().rows("throughput"));
  assertStringIncludes(svg, "a &lt; b &amp; c");
  assertStringIncludes(svg, ">4.00</text>");
});

Deno.test("parseOptions - refuses unknown options and numbers that are none", () => {
  assertEquals(parseOptions(["--only", "1→1", "--runs=5"]).runs, 5);
  assertThrows(() => parseOptions(["--rnus", "5"]), Error, "--rnus");
  assertThrows(() => parseOptions(["--runs", "0"]), Error, "--runs");
});

function sample(): Results {
  const results = new Results();
  for (const value of [300, 500, 400]) results.add("ours", [throughput(value)]);
  for (const value of [100, 90, 110]) results.add("Go", [throughput(value)]);
  return results;
}

function throughput(value: number): Measurement {
  return {
    table: "throughput",
    label: "1→1",
    unit: "msg/s",
    moreIsBetter: true,
    value,
  };
}
