/**
 * What servers with JetStream say at their start.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { capability } from "../../tools/capability.ts";
import {
  type Implementation,
  type PeerOptions,
  startPeer,
} from "../../tools/oracle.ts";
import { jetStreamServer } from "../scenarios/jetstream/fixtures.ts";
import { FOUND } from "../scenarios/jetstream/recovered.ts";

/** Art, and lines that are not about JetStream. */
const OTHERS = / [_/\\| ]+$|Starting http monitor/;

/** Lines of JetStream, sorted: streams are recovered in any order. */
async function said(
  implementation: Implementation,
  options: PeerOptions,
): Promise<string[]> {
  await using peer = await startPeer(implementation, options);
  await peer.waitForLog(/Server is ready/);
  const log = peer.log();
  const begin = log.indexOf("Starting JetStream");
  const end = log.indexOf("Listening for client connections");
  return log.slice(log.lastIndexOf("\n", begin) + 1, end).split("\n")
    .map((line) => line.replace(/^.*?(?=\[(?:INF|WRN|ERR)\])/, ""))
    .filter((line) => /^\[/.test(line) && !OTHERS.test(line))
    .map((line) =>
      line.replaceAll(peer.directory, "<dir>")
        .replace(/ in [\d.]+[mµ]?s$/, " in <time>")
        .replace(/Took \S+ to start/, "Took <time> to start")
        .replace(/(Max Storage: +)[\d.]+/, "$1<size>")
    )
    .sort();
}

async function compare(options: PeerOptions): Promise<void> {
  const [theirs, ours] = await Promise.all([
    said("go", options),
    said("ours", options),
  ]);
  assertEquals(ours, theirs);
}

capability(
  "start of JetStream: streams that are found",
  {
    positive: ["jetstream-api/boot-order", "jetstream-api/store-dir"],
    edge: [
      "jetstream-api/unsupported-offline-assets",
      "jetstream-api/meta-checksum",
      "jetstream-api/recovery-repairs",
    ],
  },
  () => compare(FOUND),
);

capability(
  "start of JetStream: limits that follow from the machine",
  { positive: ["jetstream-api/dynamic-limits"], edge: [] },
  () =>
    compare({
      config: `port: -1, server_name: js
      jetstream { store_dir: "{{dir}}/js" }`,
    }),
);

for (
  const limits of [
    "max_mem: 0, max_file: 0",
    "max_mem: -1, max_file: 5G",
    "max_mem: 3K, max_file: 0",
  ]
) {
  capability(
    `start of JetStream: ${limits}`,
    { positive: [], edge: ["jetstream-api/dynamic-limits"] },
    () =>
      compare({
        config: `port: -1, server_name: js
        jetstream { store_dir: "{{dir}}/js", ${limits} }`,
      }),
  );
}

capability(
  "start of JetStream: a domain, strictness off, tiny limits",
  { positive: ["jetstream-api/domain-prefix"], edge: [] },
  () => compare(jetStreamServer("", "domain: hub, strict: false")),
);
