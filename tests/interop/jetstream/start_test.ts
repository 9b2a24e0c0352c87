/**
 * What servers with JetStream say at their start.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { capability } from "../../tools/capability.ts";
import {
  type Implementation,
  type Peer,
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

/** The files where servers of long ago kept them. */
const OLD_FILES = Object.fromEntries(
  Object.entries(FOUND.files ?? {}).map(([path, text]) => [
    path.replace("js/jetstream/", "js/"),
    text,
  ]),
);

capability(
  "start of JetStream: directories of former servers are moved",
  { positive: ["jetstream-api/store-dir"], edge: ["jetstream-api/store-dir"] },
  () => compare({ ...FOUND, files: { ...OLD_FILES, "js/nobody/x": "" } }),
);

capability(
  "start of JetStream: what was not finished is removed",
  { positive: [], edge: ["jetstream-api/boot-order"] },
  async () => {
    const leftovers = [
      "js/jetstream/.snap-staging/x/y",
      "js/jetstream/$G/__snapshots__/x",
      "js/jetstream/$G/streams/.gone/x",
    ];
    const files = Object.fromEntries(leftovers.map((path) => [path, "z"]));
    for (const implementation of ["go", "ours"] as const) {
      const options = { config: jetStreamServer("").config, files };
      await using peer = await startPeer(implementation, options);
      const left = () => leftovers.filter((path) => exists(peer, path));
      for (let i = 0; i < 100 && left().length > 0; i++) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assertEquals(left(), [], implementation);
    }
  },
);

function exists({ directory }: Peer, path: string): boolean {
  try {
    return Deno.statSync(`${directory}/${path}`).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

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
