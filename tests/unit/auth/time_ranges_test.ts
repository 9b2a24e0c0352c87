import { assertEquals } from "@std/assert";
import {
  isTimeOfDay,
  isTimeZone,
  remainingTime,
  type ZoneOffset,
  zoneOffset,
} from "../../../src/auth/time_ranges.ts";
import { isInNetworks, parseNetwork } from "../../../src/auth/networks.ts";
import { capability } from "../../tools/capability.ts";

const row = "auth/src-cidr-times";
const utc = () => 0;

/** Seconds left at an ISO time; undefined outside of the ranges. */
function left(
  at: string,
  ranges: [string, string][],
  offset: ZoneOffset = utc,
): number | undefined {
  const milliseconds = remainingTime(
    ranges.map(([start, end]) => ({ start, end })),
    Date.parse(at),
    offset,
  );
  return milliseconds === undefined ? undefined : milliseconds / 1000;
}

capability("times - tell how long a range still holds", {
  positive: [row],
}, () => {
  const day: [string, string][] = [["11:00:00", "22:00:00"]];
  assertEquals(left("2026-03-01T13:00:00Z", day), 9 * 3600);
  const night: [string, string][] = [["22:00:00", "06:00:00"]];
  assertEquals(left("2026-03-01T05:00:00Z", night), 3600);
  assertEquals(left("2026-03-01T23:30:00Z", night), 6.5 * 3600);
  const both: [string, string][] = [...day, ["12:00:00", "23:00:00"]];
  assertEquals(left("2026-03-01T13:00:00Z", both), 10 * 3600);
});

capability("times - edges are outside, and so is what is no time", {
  edge: [row],
}, () => {
  const day: [string, string][] = [["11:00:00", "22:00:00"]];
  for (const at of ["10:59:59", "11:00:00", "22:00:00", "23:00:00"]) {
    assertEquals(left(`2026-03-01T${at}Z`, day), undefined, at);
  }
  assertEquals(
    left("2026-03-01T12:00:00Z", [["22:00:00", "06:00:00"]]),
    undefined,
  );
  assertEquals(
    left("2026-03-01T12:00:00Z", [["12:00:00", "12:00:00"]]),
    undefined,
  );
  assertEquals(left("2026-03-01T12:00:00Z", [["x", "y"]]), undefined);
  for (const bad of ["", "24:00:00", "12:60:00", "12:00", "12:00:60"]) {
    assertEquals(isTimeOfDay(bad), false, bad);
  }
});

capability("times - follow their zone through its changes", {
  positive: [row],
  edge: [row],
}, () => {
  const berlin = zoneOffset("Europe/Berlin");
  assertEquals(berlin(Date.parse("2026-01-01T00:00:00Z")), 60);
  assertEquals(berlin(Date.parse("2026-07-01T00:00:00Z")), 120);
  assertEquals(zoneOffset("UTC")(0), 0);
  assertEquals(zoneOffset("Asia/Kolkata")(0), 330);
  assertEquals(
    zoneOffset("America/New_York")(Date.parse("2026-01-01T00:00:00Z")),
    -300,
  );
  const range: [string, string][] = [["01:00:00", "05:00:00"]];
  // The clocks go forward at 01:00 UTC, so that the night is an hour shorter.
  assertEquals(left("2026-03-29T00:30:00Z", range, berlin), 2.5 * 3600);
  assertEquals(left("2026-03-28T00:30:00Z", range, berlin), 3.5 * 3600);
  assertEquals(isTimeZone("Europe/Berlin"), true);
  assertEquals(isTimeZone("Europe/Atlantis"), false);
});

capability("networks - hold the addresses with their prefix", {
  positive: [row],
  edge: [row],
}, () => {
  const inside: [string, string][] = [
    ["10.1.2.3", "10.0.0.0/8"],
    ["10.1.2.3", "10.1.2.3/32"],
    ["192.168.129.1", "192.168.128.0/17"],
    ["1.2.3.4", "0.0.0.0/0"],
    ["::ffff:10.1.2.3", "10.0.0.0/8"],
    ["10.1.2.3", "::ffff:10.0.0.0/104"],
    ["fd00::1", "fd00::/8"],
  ];
  for (const [host, network] of inside) {
    assertEquals(isInNetworks(host, [network]), true, `${host} ${network}`);
  }
  const outside: [string, string][] = [
    ["11.1.2.3", "10.0.0.0/8"],
    ["192.168.127.1", "192.168.128.0/17"],
    ["10.1.2.3", "fd00::/8"],
    ["::1", "0.0.0.0/0"],
    ["pipe", "0.0.0.0/0"],
    ["10.1.2.3", "nonsense"],
  ];
  for (const [host, network] of outside) {
    assertEquals(isInNetworks(host, [network]), false, `${host} ${network}`);
  }
  for (
    const bad of [
      "10.0.0.0",
      "10.0.0.0/33",
      "10.0.0.0/-1",
      "x/8",
      "::/129",
      "1.2.3.4/08",
    ]
  ) {
    assertEquals(parseNetwork(bad), undefined, bad);
  }
});
