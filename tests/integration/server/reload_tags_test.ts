import { assert } from "@std/assert";
import { applyDefaults } from "../../../src/config/mod.ts";
import { Server } from "../../../src/mod.ts";
import { denoRuntime } from "../../../src/runtime/mod.ts";
import { capability } from "../../tools/capability.ts";
import { LogRecorder } from "../../tools/log_recorder.ts";
import { RawClient } from "../../tools/raw_client.ts";
import { options } from "../../unit/config/options_harness.ts";

/** A quarter of a second after the fifth broadcast; the next comes 4 s later. */
const SETTLED = 4_000;

capability("reload - figures tell of new tags at once", {
  positive: ["reload/server-tags-server-metadata"],
  edge: ["reload/server-tags-server-metadata"],
}, async () => {
  const load = (tags: string) =>
    applyDefaults(options(
      `listen: "127.0.0.1:-1", server_tags: [${tags}]
      accounts: { $SYS: { users: [{ user: a, password: p }] } }`,
      { files: {} },
    ));
  const server = new Server(load("a"), denoRuntime(), new LogRecorder(), {
    loadOptions: () => load("a, b"),
  });
  await server.start();
  try {
    await new Promise((resolve) => setTimeout(resolve, SETTLED));
    await using client = await RawClient.connect(server);
    await client.send('CONNECT {"user":"a","pass":"p","verbose":false}\r\n');
    await client.send("SUB $SYS.SERVER.*.STATSZ 1\r\n");
    await client.flush();
    const before = performance.now();
    await server.reload();
    await client.expect(/"tags":\[\s*"a",\s*"b"\s*\]/);
    assert(performance.now() - before < 3_000);
  } finally {
    await server.shutdown();
  }
});
