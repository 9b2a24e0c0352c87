import { assertEquals, assertMatch } from "@std/assert";
import { applyDefaults } from "../../../src/config/mod.ts";
import { Server, startServer } from "../../../src/mod.ts";
import { denoRuntime } from "../../../src/runtime/mod.ts";
import { capability } from "../../tools/capability.ts";
import { LogRecorder } from "../../tools/log_recorder.ts";
import { options } from "../../unit/config/options_harness.ts";
import { greet, outcome, REFUSED } from "./support.ts";

capability("custom authentication - decides alone, and says what may be done", {
  positive: ["auth/custom-auth-hooks"],
  edge: ["auth/custom-auth-hooks"],
}, async () => {
  const server = await startServer({ port: -1, username: "x", password: "y" }, {
    authentication: {
      check: ({ connect: { user, pass } }) => {
        if (user === "broken") throw new Error("no directory");
        if (user === "lost") return Promise.resolve({ account: "nowhere" });
        if (pass !== "open") return null;
        const publish = { allow: ["ok"], deny: [] };
        const subscribe = { allow: undefined, deny: [] };
        return Promise.resolve({
          username: `custom-${user}`,
          permissions: { publish, subscribe },
        });
      },
    },
  });
  try {
    const tried = async (user: string, pass: string) => {
      await using raw = await greet(server);
      assertEquals(raw.info.auth_required, true);
      return await outcome(raw.client, { user, pass });
    };
    assertEquals(await tried("a", "closed"), REFUSED);
    assertEquals(await tried("x", "y"), REFUSED);
    assertEquals(await tried("broken", "open"), REFUSED);
    assertMatch(await tried("lost", "open"), /-ERR/);
    await using raw = await greet(server);
    assertEquals(await outcome(raw.client, { user: "a", pass: "open" }), "");
    const [session] = server.state.clients.open();
    assertEquals(session?.identity.user, "custom-a");
    await raw.client.send("PUB no 1\r\nx\r\n");
    assertEquals(
      await raw.client.flush(),
      "-ERR 'Permissions Violation for Publish to \"no\"'\r\n",
    );
  } finally {
    await server.shutdown();
  }
});

capability("custom authentication - stays over a reload, and judges anew", {
  positive: ["reload/custom-auth"],
  edge: ["reload/custom-auth"],
}, async () => {
  const load = (more: string) => () =>
    applyDefaults(options(`listen: "127.0.0.1:-1"\n${more}`, { files: {} }));
  let allowed = ["a", "b"];
  const server = new Server(load("")(), denoRuntime(), new LogRecorder(), {
    loadOptions: load("authorization: {user: z, password: z}"),
    authentication: {
      check: ({ connect: { user } }) => allowed.includes(user) ? {} : null,
    },
  });
  await server.start();
  try {
    await using a = await greet(server);
    await using b = await greet(server);
    assertEquals(await outcome(a.client, { user: "a" }), "");
    assertEquals(await outcome(b.client, { user: "b" }), "");
    allowed = ["b"];
    await server.reload();
    assertEquals(await a.client.expectEnd(), `${REFUSED}\r\n`);
    assertEquals(await b.client.flush(), "");
    await using z = await greet(server);
    assertEquals(await outcome(z.client, { user: "z", pass: "z" }), REFUSED);
  } finally {
    await server.shutdown();
  }
});

capability("a server without a file has nothing to reload", {
  positive: ["reload/no-file"],
  edge: ["reload/no-file"],
}, async () => {
  const server = await startServer({ port: -1 });
  try {
    const failure = await server.reload().catch((error) => error.message);
    assertEquals(
      failure,
      "can only reload config when a file is provided using -c or --config",
    );
    await using raw = await greet(server);
    assertEquals(await outcome(raw.client, {}), "");
  } finally {
    await server.shutdown();
  }
});
