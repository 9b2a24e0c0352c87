/**
 * Exports and imports that change under connected clients.
 *
 * @module
 */

import {
  aloneScenario,
  expect,
  gather,
  lines,
  reload,
  respond,
  type Scenario,
  sync,
} from "../harness/mod.ts";
import { request, user } from "./accounts_services.ts";
import { member } from "./accounts_streams.ts";
import { server } from "./fixtures.ts";

const id = (name: string) => `accounts/${name}`;

const BEFORE = `accounts {
  A: { ${user("a")}, exports: [{service: "svc"}, {stream: "s.>"}] }
  B: { ${user("b")}, imports: [
    {service: {account: A, subject: "svc"}}
    {stream: {account: A, subject: "s.>"}}
  ] }
}`;
const RENAMED = `accounts {
  A: { ${user("a")}, exports: [{service: "svc"}, {stream: "s.>"}] }
  B: { ${user("b")}, imports: [
    {service: {account: A, subject: "svc"}, to: "new"}
    {stream: {account: A, subject: "s.>"}, prefix: "new"}
  ] }
}`;
const WITHOUT = `accounts {
  A: { ${user("a")}, exports: [{service: "svc"}, {stream: "s.>"}] }
  B: { ${user("b")} }
}`;

/** Asks and publishes after the configuration changed under connected clients. */
function changed(
  name: string,
  proves: Scenario["proves"],
  before: string,
  after: string,
): Scenario {
  return aloneScenario(
    server(before),
    name,
    proves,
    member("a"),
    member("b"),
    lines("a", "SUB svc 1"),
    lines("b", "SUB > 9"),
    sync("a", "b"),
    request("b", "svc", "early"),
    sync("b"),
    gather("a", 1),
    reload(server(after).config),
    sync("a", "b"),
    respond("a", "a", "PUB {{reply}} 4", "late"),
    sync("a"),
    expect("b", "late", 300),
    lines("a", "PUB s.x 1", "x"),
    sync("a", "b"),
    lines("b", "PUB svc in.1 3", "ask", "PUB new in.2 3", "ask"),
    sync("b", "a"),
  );
}

export const ACCOUNT_RELOADS: readonly Scenario[] = [
  changed(
    "reload - renamed imports take the place of the old ones",
    {
      positive: [
        id("update-removal"),
        id("cleanup"),
        "reload/stream-import-changes",
      ],
    },
    BEFORE,
    RENAMED,
  ),
  changed(
    "reload - removed imports end access at once",
    {
      edge: [
        id("update-removal"),
        id("cleanup"),
        "reload/stream-import-changes",
      ],
    },
    BEFORE,
    WITHOUT,
  ),
];
