/**
 * The `nats` command line tool, against the Go server and ours: same output
 * but for times, durations and identities.
 */

import { assert, assertEquals } from "@std/assert";
import { lasting } from "../harness/lasting.ts";
import { capability } from "../../tools/capability.ts";
import { locate, NATS_CLI } from "../../tools/oracle_binaries.ts";
import {
  type Implementation,
  type Peer,
  startPeer,
} from "../../tools/oracle.ts";

const CONFIG = `
host: 127.0.0.1
port: -1
server_name: js
jetstream { store_dir: "{{dir}}/js", max_mem: 1G, max_file: 9G }
accounts {
  A { jetstream: enabled, users: [{user: a, password: a}] }
  SYS { users: [{user: s, password: s}] }
}
system_account: SYS
`;

/** What a command has written, and how it ended. */
interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** Runs `nats` with arguments in which `{{dir}}` is the server's directory. */
async function nats(
  peer: Peer,
  args: readonly string[],
  user = "a",
): Promise<Outcome> {
  const { code, stdout, stderr } = await new Deno.Command(
    await locate(NATS_CLI),
    {
      args: args.map((each) => each.replaceAll("{{dir}}", peer.directory)),
      env: {
        NATS_URL: `nats://${user}:${user}@127.0.0.1:${peer.port}`,
        HOME: peer.directory,
        NO_COLOR: "1",
        TZ: "UTC",
      },
      cwd: peer.directory,
      stdin: "null",
    },
  ).output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** What is the same for both servers. */
function normalised({ code, output }: Outcome, peer: Peer): Outcome {
  return {
    code,
    output: output
      .replaceAll(peer.directory, "{{dir}}")
      .replaceAll(String(peer.port), "<port>")
      .replace(/\b[N][A-Z2-7]{55}\b/g, "<id>")
      .replace(
        /\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?( \+0000 UTC|Z)?/g,
        "<time>",
      )
      .replace(/\d\d:\d\d:\d\d/g, "<time>")
      .replace(/[\d.,]+ ?(µs|ms|s|m\d+s)\b/g, "<span>")
      .replace(/Client ID: \d+/g, "Client ID: <n>")
      .replace(/[ ─━│╭╮╰╯├┤┬┴┼]+/g, " "),
  };
}

function both(
  steps: readonly (readonly string[])[],
  user?: string,
): Promise<void> {
  return lasting(() => bothOnce(steps, user));
}

async function bothOnce(
  steps: readonly (readonly string[])[],
  user: string | undefined,
): Promise<void> {
  const implementations: Implementation[] = ["go", "ours"];
  const [theirs, ours] = await Promise.all(
    implementations.map(async (implementation) => {
      await using peer = await startPeer(implementation, {
        config: CONFIG,
        files: { file: "some content" },
      });
      const outcomes: [string, Outcome][] = [];
      for (const args of steps) {
        const outcome = await nats(peer, args, user);
        outcomes.push([args.join(" "), normalised(outcome, peer)]);
      }
      return outcomes;
    }),
  );
  assertEquals(ours, theirs);
}

capability("nats stream works as with the Go server", {
  positive: [
    "jetstream-api/js-api-stream-create-s",
    "jetstream-api/js-api-stream-update-s",
    "jetstream-api/js-api-stream-purge-s",
  ],
}, () =>
  both([
    ["stream", "add", "S", "--subjects=s.>", "--defaults"],
    ["pub", "s.a", "hello"],
    // Subjects of one count are printed in the order of a map.
    ["pub", "s.b", "-H", "A:1", "hello"],
    ["pub", "s.b", "hello"],
    ["stream", "info", "S"],
    ["stream", "ls"],
    ["stream", "get", "S", "1"],
    ["stream", "get", "S", "-S", "s.b"],
    ["stream", "edit", "S", "--max-msgs=10", "--force"],
    ["stream", "subjects", "S"],
    ["stream", "state", "S"],
    ["stream", "rmm", "S", "1", "--force"],
    ["stream", "purge", "S", "--force"],
    ["stream", "rm", "S", "--force"],
    ["stream", "info", "S"],
  ]));

capability("nats consumer works as with the Go server", {
  positive: [
    "jetstream-api/js-api-consumer-create-s-create-s-c",
    "jetstream-api/js-api-consumer-pause-s-c",
  ],
}, () =>
  both([
    ["stream", "add", "S", "--subjects=s.>", "--defaults"],
    ["pub", "s.a", "one"],
    ["pub", "s.a", "two"],
    ["consumer", "add", "S", "C", "--pull", "--defaults"],
    ["consumer", "info", "S", "C"],
    ["consumer", "next", "S", "C", "--raw"],
    ["consumer", "next", "S", "C", "--no-ack", "--raw"],
    ["consumer", "ls", "S"],
    ["consumer", "pause", "S", "C", "--force", "2099-01-01 00:00:00"],
    ["consumer", "resume", "S", "C", "--force"],
    ["consumer", "rm", "S", "C", "--force"],
    ["consumer", "info", "S", "C"],
  ]));

capability("nats kv works as with the Go server", {
  positive: ["jetstream-api/js-api-direct-get-s-direct-get-s"],
}, () =>
  both([
    ["kv", "add", "B", "--history=3"],
    ["kv", "put", "B", "key", "one"],
    ["kv", "put", "B", "key", "two"],
    ["kv", "get", "B", "key", "--raw"],
    ["kv", "create", "B", "key", "three"],
    ["kv", "update", "B", "key", "three", "2"],
    ["kv", "history", "B", "key"],
    ["kv", "del", "B", "key", "--force"],
    ["kv", "get", "B", "key"],
    ["kv", "ls", "B"],
    ["kv", "info", "B"],
    ["kv", "ls"],
    ["kv", "rm", "B", "--force"],
  ]));

capability("nats object works as with the Go server", {
  positive: ["jetstream-api/js-api-stream-info-s"],
}, () =>
  both([
    ["object", "add", "O"],
    ["object", "put", "O", "file", "--no-progress"],
    ["object", "ls", "O"],
    ["object", "get", "O", "file", "--output=copy", "--no-progress"],
    ["object", "rm", "O", "file", "--force"],
    ["object", "ls"],
    ["object", "rm", "O", "--force"],
  ]));

capability("nats account and server reports work as with the Go server", {
  positive: ["jetstream-api/js-api-info", "jetstream-api/limits-json"],
}, () =>
  both([
    ["account", "info"],
    ["stream", "add", "S", "--subjects=s.>", "--defaults"],
    ["stream", "report"],
  ]));

capability("nats server report jetstream is that of the Go server", {
  positive: ["jetstream-api/stats"],
}, () => both([["server", "report", "jetstream"]], "s"));

/** Where a backup is made, and where it is restored. */
const WAYS: readonly (readonly [Implementation, Implementation])[] = [
  ["ours", "ours"],
  ["go", "ours"],
  ["ours", "go"],
];

for (const [from, to] of WAYS) {
  capability(`a backup of ${from} is restored by ${to}`, {
    positive: [
      "jetstream-api/js-api-stream-snapshot-s",
      "jetstream-api/js-api-stream-restore-s",
    ],
  }, async () => {
    await using source = await startPeer(from, { config: CONFIG });
    await using target = await startPeer(to, { config: CONFIG });
    const run = async (peer: Peer, ...args: string[]) => {
      const { code, output } = await nats(peer, args);
      assert(code === 0, `${args.join(" ")}: ${output}`);
      return output;
    };
    await run(source, "stream", "add", "S", "--subjects=s.>", "--defaults");
    await run(source, "pub", "s.a", "{{Count}}", "--count=300");
    await run(source, "consumer", "add", "S", "C", "--pull", "--defaults");
    await run(source, "consumer", "next", "S", "C", "--count=5", "--raw");
    await run(source, "stream", "rmm", "S", "100", "--force");
    const backup = `${source.directory}/backup`;
    await run(
      source,
      "stream",
      "backup",
      "S",
      backup,
      "--consumers",
      "--no-progress",
    );
    await run(target, "stream", "restore", backup, "--no-progress");
    for (
      const what of [["stream", "info", "S"], ["consumer", "info", "S", "C"]]
    ) {
      const [before, after] = await Promise.all(
        [source, target].map((peer) => run(peer, ...what, "--json")),
      );
      assertEquals(facts(after), facts(before));
    }
    assertEquals(
      await run(target, "stream", "get", "S", "200", "--json"),
      await run(source, "stream", "get", "S", "200", "--json"),
    );
  });
}

/** What must survive a backup. */
function facts(json: string | undefined): unknown {
  const { config, state, delivered, ack_floor, num_pending } = JSON.parse(
    json ?? "",
  );
  return {
    config,
    state,
    delivered: delivered && { ...delivered, last_active: undefined },
    ack_floor: ack_floor && { ...ack_floor, last_active: undefined },
    num_pending,
  };
}

const MESSAGES = ["--msgs=500", "--no-progress"];

capability("nats bench publishes and consumes", {
  positive: ["jetstream-api/js-api-consumer-msg-next-s-c"],
}, async () => {
  await using peer = await startPeer("ours", { config: CONFIG });
  for (
    const args of [
      ["bench", "js", "pub", "sync", "b", "--create", ...MESSAGES],
      ["bench", "js", "pub", "async", "b", ...MESSAGES],
      ["bench", "js", "ordered", ...MESSAGES],
      ["bench", "js", "fetch", ...MESSAGES],
      ["bench", "kv", "put", ...MESSAGES],
    ]
  ) {
    const { code, output } = await nats(peer, args);
    assert(code === 0, `${args.join(" ")}: ${output}`);
  }
});
