/**
 * The `nats` command line tool against both servers: what it prints must have
 * the same form, line by line.
 */

import { assert, assertEquals } from "@std/assert";
import { capability, type Claims } from "../tools/capability.ts";
import { type Peer, startGoServer, startOurServer } from "../tools/oracle.ts";
import { locate, NATS_CLI } from "../tools/oracle_binaries.ts";
import { login } from "./monitor/load.ts";

const CONFIG = `
listen: "127.0.0.1:-1"
server_name: "tooled"
accounts {
  A {
    users [ { user: a, password: a } ]
    mappings { "in.*": "out.$1" }
    exports [ { service: "svc", allow_trace: true } ]
  }
  B {
    users [ { user: b, password: b } ]
    imports [ { service: { account: A, subject: "svc" } } ]
  }
  SYS { users [ { user: sys, password: sys } ] }
}
system_account: SYS
`;

/** Who runs the tool, and with which arguments. */
type Run = readonly [user: string, command: string, claims: Claims];

const RUNS: readonly Run[] = [
  ["sys", "server report connections", {
    positive: ["system-events/server-direct"],
  }],
  ["sys", "server report accounts", {}],
  ["sys", "server list", { positive: ["system-events/statsz"] }],
  ["sys", "server info", {}],
  ["sys", "server check server --name tooled", {}],
  ["sys", "server request variables", {}],
  ["sys", "server request connections --sort uptime", {}],
  ["sys", "server request account A", {}],
  ["sys", "server request gateways", {}],
  ["sys", "server request routes", {}],
  ["sys", "server request leafnodes", {}],
  ["sys", "server request jetstream", {}],
  ["sys", "server account info A", {
    positive: ["system-events/account-direct"],
  }],
  ["a", "server check connection", {}],
  ["a", "account info", { positive: ["system-events/user-info"] }],
  ["a", "trace work", { positive: ["system-events/event"] }],
  ["a", "trace in.x", { positive: ["system-events/event"] }],
  ["a", "trace nobody", { edge: ["system-events/event"] }],
  ["b", "trace svc --deliver", { positive: ["system-events/accounts"] }],
];

let started: Promise<readonly [Peer, Peer]> | undefined;
const subscribers: AsyncDisposable[] = [];

function peers(): Promise<readonly [Peer, Peer]> {
  return started ??= start();
}

/** Both servers, each with somebody who listens. */
async function start(): Promise<readonly [Peer, Peer]> {
  const both = await Promise.all([
    startGoServer({ config: CONFIG }),
    startOurServer({ config: CONFIG }),
  ]);
  for (const peer of both) {
    const client = await login(peer, "a");
    await client.send("SUB work q 1\r\nSUB svc 2\r\n");
    await client.flush();
    subscribers.push(client);
  }
  return both;
}

Deno.test.afterAll(async () => {
  for (const each of [...subscribers, ...await started ?? []]) {
    await each[Symbol.asyncDispose]();
  }
});

async function run(
  peer: Peer,
  user: string,
  command: string,
): Promise<{ code: number; output: string }> {
  const url = `nats://${user}:${user}@${peer.host}:${peer.port}`;
  const { code, stdout, stderr } = await new Deno.Command(
    await locate(NATS_CLI),
    {
      args: ["--no-context", "-s", url, ...command.split(" ")],
      env: { HOME: peer.directory, TZ: "UTC" },
    },
  ).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, output: text(stdout) + text(stderr) };
}

/** Without what differs from run to run: figures, times, keys, widths of tables. */
function outline(output: string): string[] {
  return output
    .replace(/\bN[A-Z2-7]{5,55}\b/g, "<key>")
    .replace(/\bsha256:\w+/g, "<digest>")
    .replace(/(\d+([.,:]\d+)*)\s?(ms|µs|ns|s|m|h|B|KiB|MiB|GiB|%)?/g, "#")
    .replace(/(#[ -]?)+/g, "#")
    .replace(/[─═]+/g, "─")
    .replace(/[ \t]+/g, " ")
    .replace(/ ?([│╭╮]) ?/g, "$1")
    .split("\n").map((line) => line.trim());
}

for (const [user, command, claims] of RUNS) {
  capability(`${user}: nats ${command}`, claims, async () => {
    const [go, ours] = await peers();
    const [expected, actual] = await Promise.all([
      run(go, user, command),
      run(ours, user, command),
    ]);
    assertEquals(actual.code, expected.code, actual.output);
    // The Go server lists imports in any order.
    const shown = (output: string) =>
      command.includes("account info")
        ? outline(output).sort()
        : outline(output);
    assertEquals(shown(actual.output), shown(expected.output));
  }, { sanitizeOps: false, sanitizeResources: false });
}

capability(
  "nats events shows clients that come and go",
  { positive: ["system-events/connect", "system-events/disconnect"] },
  async () => {
    const [go, ours] = await peers();
    for (const peer of [go, ours]) {
      const events = new Deno.Command(await locate(NATS_CLI), {
        args: [
          "--no-context",
          "-s",
          `nats://sys:sys@${peer.host}:${peer.port}`,
          "events",
          "--all",
        ],
        env: { HOME: peer.directory },
        stdout: "piped",
        stderr: "null",
      }).spawn();
      const decoder = new TextDecoderStream();
      const reading = events.stdout.pipeThrough(decoder).getReader();
      let seen = "";
      const see = async (text: string) => {
        while (!seen.includes(text)) {
          const { value, done } = await reading.read();
          assert(!done, `no ${text} in ${seen}`);
          seen += value;
        }
      };
      await see("Listening for");
      // The tool says so before it has subscribed.
      await new Promise((resolve) => setTimeout(resolve, 300));
      const client = await login(peer, "a");
      await see("Client Connection");
      await client.close();
      await see("Client Disconnection");
      await see("Client Closed");
      events.kill("SIGKILL");
      await reading.cancel();
      await events.status;
    }
  },
  { sanitizeOps: false, sanitizeResources: false },
);
