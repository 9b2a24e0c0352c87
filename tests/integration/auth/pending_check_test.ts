/**
 * Password checks that take a thread, and what happens meanwhile.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import bcrypt from "bcryptjs";
import { Server } from "../../../src/mod.ts";
import { applyDefaults, type Options } from "../../../src/config/mod.ts";
import { denoRuntime } from "../../../src/runtime/mod.ts";
import { LogRecorder } from "../../tools/log_recorder.ts";
import { RawClient } from "../../tools/raw_client.ts";
import { withServer } from "../../tools/started_server.ts";
import { options } from "../../unit/config/options_harness.ts";

/** Milliseconds that a busy machine may take to start threads. */
const PATIENCE = 30_000;
/** Enough rounds for something to happen meanwhile. */
const SLOW = bcrypt.hashSync("secret", 10);
const QUICK = bcrypt.hashSync("secret", 4);

const configuration = (users: string): Options => ({
  ...applyDefaults(
    options(`listen: "127.0.0.1:-1"\nauthorization { users: [ ${users} ] }`, {
      files: {},
    }),
  ),
  // A check can take seconds on a busy machine; neither a PING nor the end of
  // the time for it shall come between.
  disableShortFirstPing: true,
  authTimeout: 30_000,
});

const user = (name: string, password: string, more = "") =>
  `{ user: ${name}, password: "${password}"${more} },`;

const connect = (name: string, pass = "secret") =>
  `CONNECT ${JSON.stringify({ user: name, pass, verbose: false })}\r\n`;

/** Runs `use` with a server of the first configuration, which reloads the second. */
async function withReload(
  before: Options,
  after: Options,
  use: (server: Server) => Promise<void>,
): Promise<void> {
  const server = new Server(before, denoRuntime(), new LogRecorder(), {
    loadOptions: () => after,
  });
  await server.start();
  try {
    await use(server);
  } finally {
    await server.shutdown();
  }
}

Deno.test("a user who is removed while the password is checked stays outside", async () => {
  const before = configuration(user("ada", SLOW) + user("bob", SLOW));
  await withReload(before, configuration(user("bob", SLOW)), async (server) => {
    await using client = await RawClient.connect(server);
    await client.send(connect("ada") + "PING\r\n");
    await server.reload();
    assertStringIncludes(
      await client.expectEnd(PATIENCE),
      "-ERR 'Authorization Violation'",
    );
  });
});

Deno.test("a user who stays gets in when a reload ends the check", async () => {
  const rules = configuration(user("ada", SLOW));
  await withReload(rules, rules, async (server) => {
    await using client = await RawClient.connect(server);
    await client.send(connect("ada"));
    await server.reload();
    assertEquals(await client.flush(PATIENCE), "");
  });
});

Deno.test("the check after a reload is not undone by that of the reload before", async () => {
  const deny = ', permissions: { publish: { deny: "x" } }';
  const versions = [
    configuration(user("ada", QUICK)),
    configuration(user("ada", SLOW)),
    configuration(user("ada", "secret", deny)),
  ];
  let version = 0;
  const load = () => versions[version++] ?? configuration("");
  const log = new LogRecorder();
  const server = new Server(load(), denoRuntime(), log, { loadOptions: load });
  await server.start();
  try {
    await using client = await RawClient.connect(server);
    await client.send(connect("ada"));
    await client.flush(PATIENCE);
    await server.reload();
    await server.reload();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await client.send("PUB x 0\r\n\r\n");
    assertStringIncludes(await client.flush(PATIENCE), "Permissions Violation");
  } finally {
    await server.shutdown();
  }
});

Deno.test("a malformed hash matches nothing and spoils nobody else's check", async () => {
  const malformed = `$2a$99$${"!".repeat(53)}`;
  const short = "$2a$10$short";
  const users = user("eve", malformed) + user("max", short) +
    user("ada", QUICK) + user("old", QUICK.replace("$2b", "$2x"));
  await withServer(`authorization { users: [ ${users} ] }`, async (server) => {
    for (const [name, pass] of [["eve", malformed], ["max", short]] as const) {
      await using client = await RawClient.connect(server);
      await client.send(connect(name, pass));
      await client.expect(/-ERR 'Authorization Violation'/, PATIENCE);
    }
    for (const name of ["ada", "old"]) {
      await using client = await RawClient.connect(server);
      await client.send(connect(name));
      assertEquals(await client.flush(PATIENCE), "");
    }
  });
});
