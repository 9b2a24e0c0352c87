/**
 * Backups of streams: what is answered, and who is told.
 *
 * @module
 */

import {
  api,
  expect,
  lines,
  published,
  type Scenario,
} from "../../harness/mod.ts";
import { plain, removed, stream } from "./fixtures.ts";

const ROWS = ["js-api-stream-snapshot-s", "js-api-stream-restore-s"];
const EMPTY = ["", "{}", "{ }", " ", '{"a":1}', "[]", "5", "null", "x"];

const restore = (name: string, more: Record<string, unknown> = {}) =>
  api("a", `STREAM.RESTORE.${name}`, {
    config: { name, storage: "memory", subjects: [`${name}.>`], ...more },
    state: {},
  });

export const BACKUPS: readonly Scenario[] = [
  ...["STREAM.SNAPSHOT.NONE", "STREAM.RESTORE.NONE"].map((name) =>
    plain(
      `bodies of ${name}`,
      [],
      ["strict-json", ...ROWS],
      [...EMPTY.filter((body) => body !== "null"), '{"x":1}'].map((body) =>
        api("a", name, body)
      ),
      api("a", name, "", { headers: ["Nats-Required-Api-Level: 6"] }),
    )
  ),
  plain(
    "snapshots that are refused",
    [],
    ["js-api-stream-snapshot-s"],
    stream("SNAP"),
    api("a", "STREAM.SNAPSHOT.SNAP"),
    api("a", "STREAM.SNAPSHOT.SNAP", { x: 1 }),
    api("a", "STREAM.SNAPSHOT.SNAP", { deliver_subject: "", jsck: true }),
    api("a", "STREAM.SNAPSHOT.SNAP", { deliver_subject: "a.*" }),
    api("a", "STREAM.SNAPSHOT.SNAP", { deliver_subject: "a..b" }),
    api("a", "STREAM.SNAPSHOT.NONE", { deliver_subject: "a" }),
    removed("SNAP"),
  ),
  plain(
    "a snapshot and who is told of it",
    ["js-api-stream-snapshot-s", "stream-snapshot-create-snapshot-complete-s"],
    [],
    stream("SNAP"),
    published("a", "SNAP.a", "x"),
    lines("a", "SUB $JS.EVENT.ADVISORY.STREAM.> told"),
    api("a", "STREAM.SNAPSHOT.SNAP", { deliver_subject: "nobody" }),
    expect("a", "SNAPSHOT_CREATE.SNAP"),
    expect("a", "SNAPSHOT_COMPLETE.SNAP"),
    lines("a", "UNSUB told"),
    removed("SNAP"),
  ),
  plain(
    "restorations that are refused",
    [],
    ["js-api-stream-restore-s"],
    stream("HERE"),
    restore("HERE"),
    restore("OTHER", { name: "ANOTHER" }),
    restore("OTHER", { max_age: 5 }),
    restore("a/b"),
    removed("HERE"),
  ),
];
