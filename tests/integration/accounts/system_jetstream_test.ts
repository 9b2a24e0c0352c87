import { assertEquals, assertRejects } from "@std/assert";
import { applyDefaults } from "../../../src/config/mod.ts";
import { Server } from "../../../src/mod.ts";
import { denoRuntime } from "../../../src/runtime/mod.ts";
import { capability } from "../../tools/capability.ts";
import { LogRecorder } from "../../tools/log_recorder.ts";
import { options } from "../../unit/config/options_harness.ts";

capability("JetStream - is not for the system account", {
  positive: ["accounts/jetstream-on-system-account"],
  edge: ["accounts/jetstream-on-system-account"],
}, async () => {
  const store = await Deno.makeTempDir();
  const server = (system: string) =>
    new Server(
      applyDefaults(options(
        `listen: "127.0.0.1:-1", system_account: S
        jetstream { store_dir: "${store}", max_mem: 1M, max_file: 1M }
        accounts { S { ${system} }, A { jetstream: enabled } }`,
        { files: {} },
      )),
      denoRuntime(),
      new LogRecorder(),
    );
  await assertRejects(
    () => server("jetstream: enabled").start(),
    Error,
    "Not allowed to enable JetStream on the system account",
  );
  const allowed = server("users: [ { user: a, password: p } ]");
  try {
    await allowed.start();
    const { accounts } = allowed.state;
    assertEquals(accounts.get("S")?.jetstreamLimits, null);
    assertEquals(accounts.get("A")?.jetstreamLimits?.size, 1);
  } finally {
    await allowed.shutdown();
    await Deno.remove(store, { recursive: true });
  }
});
