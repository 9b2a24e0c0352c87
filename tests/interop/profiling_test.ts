/** Profiles of our server as Go's own tool reads them. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Buffer } from "node:buffer";
import { capability } from "../tools/capability.ts";
import { type Peer, startOurServer } from "../tools/oracle.ts";
import { SystemUser } from "./events/conversation.ts";
import { login } from "./monitor/load.ts";

const CONFIG = `
listen: "127.0.0.1:-1"
prof_port: -1
accounts {
  A { users [ { user: a, password: a } ] }
  SYS { users [ { user: sys, password: sys } ] }
}
system_account: SYS
`;

/** What `go tool pprof` says, or why it fails. */
async function pprof(...args: string[]): Promise<string> {
  const home = await Deno.makeTempDir();
  try {
    const { success, stdout, stderr } = await new Deno.Command("go", {
      args: ["tool", "pprof", ...args],
      env: { PPROF_TMPDIR: home },
      stdin: "null",
    }).output();
    const [out, error] = [stdout, stderr].map((bytes) =>
      new TextDecoder().decode(bytes)
    );
    assert(success, error);
    return out ?? "";
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

async function profilingUrl(server: Peer): Promise<string> {
  const [, port] = await server.waitForLog(/profiling port: (\d+)/);
  return `http://${server.host}:${port}/debug/pprof`;
}

/** Keeps the server busy until the promise settles. */
async function busyDuring<T>(server: Peer, task: Promise<T>): Promise<T> {
  const client = await login(server, "a");
  const batch = "PUB foo.bar 2\r\nhi\r\n".repeat(500);
  let over = false;
  const end = task.finally(() => over = true);
  while (!over) await client.send(batch);
  await client.close();
  return await end;
}

function subscriptions(count: number): string {
  return Array.from({ length: count }, (_, i) => `SUB heap.${i} ${i}\r\n`)
    .join("");
}

capability(
  "profiling - go tool pprof shows where the server spent its time",
  {
    positive: ["cli-signals-logging/profiling"],
  },
  async () => {
    await using server = await startOurServer({ config: CONFIG });
    const url = await profilingUrl(server);
    const top = await busyDuring(
      server,
      pprof("-top", `${url}/profile?seconds=1`),
    );
    assertMatch(top, /^Type: cpu$/m);
    assertMatch(top, /Duration: 1\.\d+s, Total samples = /);
    assertMatch(top, /run(Plain)?$/m);
    // It begins to sample; what comes then is kept by the server.
    await pprof("-raw", `${url}/heap`);
    const client = await login(server, "a");
    await client.send(subscriptions(50_000));
    await client.flush(20_000);
    const raw = await pprof("-raw", `${url}/heap`);
    await client.close();
    assertMatch(raw, /^Samples:\ninuse_space\/bytes\[dflt\]$/m);
    assertMatch(raw, /src\/subject\/\w+\.ts/);
    const loop = await pprof("-raw", `${url}/eventloop`);
    assertMatch(loop, /^turns\/count delay\/nanoseconds\[dflt\]$/m);
    assertMatch(
      await pprof("-raw", `${url}/allocs?seconds=0.2`),
      /alloc_space/,
    );
  },
);

capability(
  "profiling - profiles come through the system account, too",
  { positive: ["system-events/options"] },
  async () => {
    await using server = await startOurServer({ config: CONFIG });
    await using user = await SystemUser.of(server, "sys");
    const heard = await user.ask(
      "$SYS.REQ.SERVER.PING.PROFILEZ",
      '{"name":"cpu","duration":200000000}',
    );
    const { data } = JSON.parse(heard?.replace(/^\S+ /, "") ?? "{}");
    assertEquals(data.error, "");
    const file = `${server.directory}/cpu.pb.gz`;
    await Deno.writeFile(file, Buffer.from(data.profile, "base64"));
    assertMatch(await pprof("-top", file), /^Type: cpu$/m);
  },
);
