import { assertEquals } from "@std/assert";
import { CronPattern } from "../../../../src/jetstream/stream/cron.ts";
import { TimeZone } from "../../../../src/jetstream/stream/time_zone.ts";
import { SeededRandom } from "../../../sim/ports/random.ts";

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** A zone and a day before its clocks change, or a month ends. */
const PLACES: [string, string][] = [
  ["UTC", "2026-02-26"],
  ["Europe/Berlin", "2026-03-27"],
  ["Europe/Berlin", "2026-10-24"],
  // Half an hour.
  ["Australia/Lord_Howe", "2026-04-03"],
  ["Australia/Lord_Howe", "2026-10-02"],
  // At midnight.
  ["America/Santiago", "2026-04-03"],
  ["America/Santiago", "2026-09-04"],
  ["America/Havana", "2026-03-07"],
  ["America/Havana", "2026-10-31"],
  ["Asia/Kathmandu", "2026-12-30"],
];

interface Field {
  readonly text: string;
  readonly values: ReadonlySet<number>;
}

function fieldOf(random: SeededRandom, min: number, max: number): Field {
  const values = new Set<number>();
  const add = (from: number, to: number, step = 1) => {
    for (let i = from; i <= to; i += step) values.add(i);
  };
  const kind = random.below(4);
  if (kind < 2) {
    const step = kind === 0 ? 1 : 2 + random.below(7);
    add(min, max, step);
    return { text: step === 1 ? "*" : `*/${step}`, values };
  }
  const ranges = [random.below(4), random.below(4)].slice(0, kind - 1);
  const texts = ranges.map((length) => {
    const low = min + random.below(max - min + 1);
    const high = Math.min(max, low + length);
    add(low, high);
    return low === high ? `${low}` : `${low}-${high}`;
  });
  return { text: texts.join(","), values };
}

/** What the clock shows in every minute from `start` on. */
function minutesOf(zone: string, start: number): Map<string, string>[] {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    weekday: "short",
  });
  return Array.from({ length: 2 * 1440 }, (_, i) => {
    const parts = format.formatToParts(start + i * MINUTE);
    return new Map(parts.map(({ type, value }) => [type, value]));
  });
}

Deno.test("cron - finds what trying every second finds", () => {
  const random = new SeededRandom(5n);
  for (const [zone, date] of PLACES) {
    const start = Date.parse(date);
    const minutes = minutesOf(zone, start);
    for (let i = 0; i < 40; i++) {
      const second = fieldOf(random, 0, 59);
      const minute = fieldOf(random, 0, 59);
      const hour = fieldOf(random, 0, 23);
      const day = fieldOf(random, 1, 31);
      const weekday = fieldOf(random, 0, 6);
      const after = start + random.below(DAY);
      const either = day.text !== "*" && weekday.text !== "*";
      const matches = (shown: ReadonlyMap<string, string>) => {
        const shows = (part: string, { values }: Field) =>
          values.has(Number(shown.get(part)));
        const inWeek = weekday.values.has(
          WEEKDAYS.indexOf(shown.get("weekday") ?? ""),
        );
        const inMonth = shows("day", day);
        return shows("minute", minute) && shows("hour", hour) &&
          (either ? inMonth || inWeek : inMonth && inWeek);
      };
      const expected = minutes
        .flatMap((shown, at) => matches(shown) ? [start + at * MINUTE] : [])
        .filter((at) => at + MINUTE > after)
        .flatMap((at) => [...second.values].map((each) => at + each * 1000))
        .filter((at) => at > after)
        .reduce((least, at) => Math.min(least, at), Infinity);
      const text = [second, minute, hour, day, { text: "*" }, weekday]
        .map((field) => field.text).join(" ");
      const found = CronPattern.parse(text)
        ?.next(after, TimeZone.find(zone) ?? TimeZone.UTC) ?? Infinity;
      const end = start + 2 * DAY;
      const told = `${text} in ${zone} after ${new Date(after).toISOString()}`;
      assertEquals(found < end ? found : Infinity, expected, told);
    }
  }
});
