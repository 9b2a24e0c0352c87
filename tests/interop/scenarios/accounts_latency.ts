/**
 * Reports of the latency of services.
 *
 * @module
 */

import {
  client,
  expect,
  lines,
  quiet,
  respond,
  type Scenario,
  scenario,
  type Steps,
  sync,
} from "../harness/mod.ts";
import { headed, listen, request, user } from "./accounts_services.ts";
import { member } from "./accounts_streams.ts";
import { server } from "./fixtures.ts";

const id = (name: string) => `accounts/${name}`;

const TRACKED = server(
  `accounts {
    A: { users: [{user: a, password: x}, {user: watcher, password: x}]
      exports: [
        {service: "svc", latency: "lat.svc"}
        {service: "told", latency: {sampling: "100%", subject: "lat.told"}}
        {service: "hdr", latency: {sampling: headers, subject: "lat.hdr"}}
        {service: "slow", threshold: "300ms", latency: {sampling: 100, subject: "lat.slow"}}
        {stream: "lat.>"}
      ] }
    B: { ${user("b")}
      imports: [
        {service: {account: A, subject: "svc"}}
        {service: {account: A, subject: "told"}, share: true}
        {service: {account: A, subject: "hdr"}}
        {service: {account: A, subject: "slow"}}
        {stream: {account: A, subject: "lat.>"}, prefix: "from.a"}
      ] }
  }`,
);

/** A serves, somebody watches the reports, B asks. */
function watched(service: string): Steps[] {
  return [
    ...member("a", { name: "server", lang: "test", version: "1.0" }),
    ...client("watcher", { user: "watcher", pass: "x" }),
    ...member("b", { name: "asker", lang: "test", version: "2.0" }),
    lines("a", `SUB ${service} 1`),
    lines("watcher", "SUB lat.> 7"),
    ...sync("a", "watcher"),
    listen("b"),
  ];
}

/** A request with headers, answered, and the report of it, if one comes. */
function traced(
  name: string,
  proves: Scenario["proves"],
  headers: readonly string[],
  isReported: boolean,
): Scenario {
  return scenario(
    TRACKED,
    name,
    proves,
    watched("hdr"),
    lines("b", ...headed("hdr inbox", headers, "ask")),
    sync("b", "a"),
    respond("a", "a", "PUB {{reply}} 2", "ok"),
    sync("a", "b"),
    isReported ? expect("watcher", "lat.hdr") : quiet("watcher"),
  );
}

const sampling = { positive: [id("sampling-by-header")] };
const unsampled = { edge: [id("sampling-by-header")] };

export const ACCOUNT_LATENCY: readonly Scenario[] = [
  scenario(
    TRACKED,
    "latency - an answered request is reported without telling who asked",
    { positive: [id("event"), id("config-3")], edge: [id("sharing")] },
    watched("svc"),
    request("b", "svc"),
    sync("b", "a"),
    respond("a", "a", "PUB {{reply}} 2", "ok"),
    sync("a", "b"),
    expect("watcher", "lat.svc"),
  ),
  scenario(
    TRACKED,
    "latency - a requestor that shares is described",
    { positive: [id("sharing")] },
    watched("told"),
    request("b", "told"),
    sync("b", "a"),
    respond("a", "a", "PUB {{reply}} 2", "ok"),
    sync("a", "b"),
    expect("watcher", "lat.told"),
  ),
  scenario(
    TRACKED,
    "latency - one report for a request, however often it is answered",
    { edge: [id("event")] },
    watched("svc"),
    request("b", "svc"),
    sync("b", "a"),
    respond("a", "a", "PUB {{reply}} 2", "ok", "PUB {{reply}} 2", "ok"),
    sync("a", "b"),
    expect("watcher", "lat.svc"),
    quiet("watcher"),
  ),
  scenario(
    TRACKED,
    "latency - a request without reply is a bad request",
    { edge: [id("event")] },
    watched("svc"),
    lines("b", "PUB svc 3", "ask"),
    sync("b", "a"),
    expect("watcher", "lat.svc"),
  ),
  scenario(
    TRACKED,
    "latency - a service without responder is unavailable",
    { edge: [id("event")] },
    watched("other"),
    request("b", "svc"),
    sync("b", "a"),
    expect("watcher", "lat.svc"),
  ),
  scenario(
    TRACKED,
    "latency - a requestor that leaves is told of as a timeout of the request",
    { positive: [id("reverse-map-cleanup")], edge: [id("event")] },
    watched("svc"),
    request("b", "svc"),
    sync("b", "a"),
    lines("b", "UNSUB 9"),
    sync("b"),
    expect("watcher", "lat.svc"),
    respond("a", "a", "PUB {{reply}} 2", "ok"),
    sync("a"),
    quiet("watcher"),
  ),
  scenario(
    TRACKED,
    "latency - a service that does not answer times out",
    { positive: [id("response-threshold")], edge: [id("event")] },
    watched("slow"),
    request("b", "slow"),
    sync("b", "a"),
    expect("watcher", "lat.slow"),
    respond("a", "a", "PUB {{reply}} 2", "ok"),
    sync("a", "b"),
  ),
  scenario(
    TRACKED,
    "latency - reports are messages like others, which may be exported",
    { positive: [id("event")] },
    watched("svc"),
    lines("b", "SUB from.a.> 3"),
    sync("b"),
    request("b", "svc"),
    sync("b", "a"),
    respond("a", "a", "PUB {{reply}} 2", "ok"),
    expect("b", "from.a.lat.svc"),
    sync("a"),
    expect("watcher", "lat.svc"),
  ),
  traced("sampling - no header, no report", unsampled, ["Some: thing"], false),
  traced(
    "sampling - Uber-Trace-Id with its flag, and its context",
    sampling,
    [
      "uber-trace-id: 479fefe9525eddb:5adb976bfc1f95c1:479fefe9525eddb:1",
      "Uberctx-user: me",
      "Other: thing",
    ],
    true,
  ),
  traced(
    "sampling - Uber-Trace-Id without its flag",
    unsampled,
    ["Uber-Trace-Id: 479fefe9525eddb:5adb976bfc1f95c1:479fefe9525eddb:2"],
    false,
  ),
  traced(
    "sampling - Uber-Trace-Id of another form",
    unsampled,
    ["Uber-Trace-Id: 479fefe9525eddb:1", "X-B3-Sampled: 1"],
    false,
  ),
  traced(
    "sampling - X-B3-Sampled: 1 and what belongs to it",
    sampling,
    [
      "X-B3-Sampled: 1",
      "X-B3-TraceId: 80f198ee56343ba864fe8b2a57d3eff7",
      "X-B3-ParentSpanId: 05e3ac9a4f6e3b90",
      "X-B3-SpanId: e457b5a2e4d86bd1",
      "X-B3-Flags: 1",
    ],
    true,
  ),
  traced(
    "sampling - X-B3-Sampled: 0 denies, whatever else there is",
    unsampled,
    ["X-B3-Sampled: 0", "X-B3-TraceId: 80f198ee56343ba864fe8b2a57d3eff7"],
    false,
  ),
  traced(
    "sampling - X-B3-TraceId alone leaves it to the server",
    sampling,
    ["X-B3-TraceId: 80f198ee56343ba864fe8b2a57d3eff7"],
    true,
  ),
  traced(
    "sampling - b3 in one header",
    sampling,
    ["b3: 80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1-05e3ac9a4f6e3b90"],
    true,
  ),
  traced("sampling - b3 that denies", unsampled, ["B3: 0"], false),
  traced(
    "sampling - b3 that denies at length",
    unsampled,
    ["B3: 80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-0"],
    false,
  ),
  traced(
    "sampling - traceparent with its flag, and tracestate",
    sampling,
    [
      "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      "tracestate: a=b",
    ],
    true,
  ),
  traced(
    "sampling - traceparent without its flag",
    unsampled,
    ["traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-02"],
    false,
  ),
  traced(
    "sampling - traceparent with flags beyond seven bits",
    unsampled,
    ["traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff"],
    false,
  ),
  traced(
    "sampling - header lines that are none",
    unsampled,
    ["X-B3-Sampled: 1", "no colon"],
    false,
  ),
];
