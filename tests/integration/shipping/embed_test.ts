/** The server inside another program: any number of them, and none leaves a trace. */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { startServer } from "../../../src/mod.ts";
import { denoRuntime } from "../../../src/runtime/mod.ts";
import { PROJECT_ROOT } from "../../tools/oracle_binaries.ts";
import { runDeno } from "../../tools/program.ts";
import { RawClient } from "../../tools/raw_client.ts";

async function connect(url: string): Promise<RawClient> {
  const { hostname, port } = new URL(url);
  const transport = await denoRuntime().network.connect({
    host: hostname,
    port: Number(port),
  });
  const client = new RawClient(transport);
  await client.expect(/^INFO \{.*\} \r\n/);
  await client.send('CONNECT {"verbose":false}\r\n');
  return client;
}

Deno.test("embedding - servers in one process know nothing of each other", async () => {
  const before = Object.getOwnPropertyNames(globalThis);
  const [one, two] = await Promise.all([
    startServer({ port: -1 }),
    startServer({ port: -1 }),
  ]);
  assertNotEquals(one.id, two.id);
  assertNotEquals(one.clientUrl, two.clientUrl);
  const here = await connect(one.clientUrl);
  const there = await connect(two.clientUrl);
  await here.send("SUB greetings 1\r\n");
  await here.flush();
  await there.send("PUB greetings 5\r\nthere\r\n");
  await there.flush();
  await here.send("PUB greetings 4\r\nhere\r\n");
  assertEquals(await here.flush(), "MSG greetings 1 4\r\nhere\r\n");
  await one.shutdown();
  assertEquals(await here.expectEnd(), "");
  assertEquals(await there.flush(), "");
  await two.shutdown();
  await two.shutdown();
  assert(await connect(two.clientUrl).then(() => false, () => true));
  for (const client of [here, there]) await client.close();
  assertEquals(Object.getOwnPropertyNames(globalThis), before);
});

Deno.test("embedding - another project imports it, and ends when its server has stopped", async () => {
  const cwd = await Deno.makeTempDir();
  try {
    // As the README says.
    const settings = {
      imports: { "@nats/server": "jsr:@nats/server@^2" },
      links: [PROJECT_ROOT],
    };
    await Deno.writeTextFile(`${cwd}/deno.json`, JSON.stringify(settings));
    await Deno.writeTextFile(
      `${cwd}/main.ts`,
      `import { startServer } from "@nats/server";
      const server = await startServer({ port: -1 });
      console.log(server.clientUrl.replace(/\\d+$/, "port"));
      await server.shutdown();
      console.log("stopped");`,
    );
    const permissions = ["--allow-net", "--allow-read", "--allow-env"];
    const { code, stdout, stderr } = await runDeno(
      ["run", "--no-prompt", ...permissions, "main.ts"],
      { cwd },
    );
    assertEquals(stdout, "nats://127.0.0.1:port\nstopped\n", stderr);
    assertEquals(code, 0);
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
});
