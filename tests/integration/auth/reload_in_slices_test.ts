/**
 * Clients are checked by new rules a few at a time. Whose turn has not come
 * yet must not do or get what the new rules forbid.
 */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { applyDefaults, type Options } from "../../../src/config/mod.ts";
import { Server } from "../../../src/mod.ts";
import { denoRuntime, type Runtime } from "../../../src/runtime/mod.ts";
import { capability } from "../../tools/capability.ts";
import { LogRecorder } from "../../tools/log_recorder.ts";
import { RawClient } from "../../tools/raw_client.ts";
import { options } from "../../unit/config/options_harness.ts";

function configuration(...users: string[]): Options {
  const text = `listen: "127.0.0.1:-1", authorization { users: [ ${
    users.join("\n")
  } ] }`;
  return applyDefaults(options(text, { files: {} }));
}

const user = (name: string, more = "") =>
  `{ user: ${name}, password: p${more} }`;

/** What users may do before and after ada's permissions are confined to these. */
function confining(permissions: string): [before: Options, after: Options] {
  const [first, bob] = [user("first"), user("bob")];
  const denied = `, permissions: { ${permissions} }`;
  return [
    configuration(first, user("ada"), bob),
    configuration(first, user("ada", denied), bob),
  ];
}

/** A clock by which every look takes so long that a slice is over. */
function hasty(): Runtime {
  const runtime = denoRuntime();
  let looks = 0;
  const clock = Object.assign(Object.create(runtime.clock), {
    monotonic: () => runtime.clock.monotonic() + 3 * looks++,
  });
  return { ...runtime, clock };
}

/** A server that reloads `after` and stops when it has checked its first client. */
async function halfway(
  before: Options,
  after: Options,
  use: (server: Server, begin: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const server = new Server(before, hasty(), new LogRecorder(), {
    loadOptions: () => after,
  });
  await server.start();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  let reloaded: Promise<void> | undefined;
  try {
    await using _first = await login(server, "first");
    await use(server, async () => {
      const { turns } = server.state;
      const next = turns.next.bind(turns);
      const stopped = new Promise<void>((resolve) =>
        Object.assign(turns, {
          next() {
            Object.assign(turns, { next });
            resolve();
            return released;
          },
        })
      );
      reloaded = server.reload();
      await stopped;
    });
  } finally {
    release();
    await reloaded;
    await server.shutdown();
  }
}

async function login(server: Server, name: string): Promise<RawClient> {
  const client = await RawClient.connect(server);
  await client.send(
    `CONNECT ${JSON.stringify({ user: name, pass: "p", verbose: false })}\r\n`,
  );
  await client.flush();
  return client;
}

const ROWS = {
  positive: ["reload/re-authentication"],
  edge: ["reload/re-authentication"],
};

capability(
  "reload - what is forbidden now is neither done nor got before the check",
  ROWS,
  async () => {
    const [before, after] = confining(
      `publish: { deny: "orders" }, subscribe: { deny: "secret" }`,
    );
    await halfway(before, after, async (server, begin) => {
      await using ada = await login(server, "ada");
      await using bob = await login(server, "bob");
      await ada.send("SUB secret 1\r\nSUB open 2\r\nSUB > 3\r\n");
      await bob.send("SUB orders 1\r\n");
      await ada.flush();
      await bob.flush();
      await begin();
      await bob.send("PUB secret 1\r\nx\r\nPUB open 1\r\ny\r\n");
      await bob.flush();
      const got = await ada.flush();
      assertStringIncludes(
        got,
        '-ERR \'Permissions Violation for Subscription to "secret" (sid "1")\'',
      );
      assertEquals(got.match(/MSG \S+ \d/g)?.sort(), [
        "MSG open 2",
        "MSG open 3",
      ]);
      await ada.send("PUB orders 1\r\nz\r\n");
      assertMatch(await ada.flush(), /Permissions Violation for Publish/);
      assertEquals(await bob.flush(), "");
    });
  },
);

capability(
  "reload - who is a user no longer does and gets nothing before the check",
  ROWS,
  async () => {
    const before = configuration(user("first"), user("ada"), user("bob"));
    const after = configuration(user("first"), user("bob"));
    await halfway(before, after, async (server, begin) => {
      await using ada = await login(server, "ada");
      await using bob = await login(server, "bob");
      await using eve = await login(server, "ada");
      await ada.send("SUB news 1\r\n");
      await bob.send("SUB orders 1\r\n");
      await ada.flush();
      await bob.flush();
      await begin();
      await bob.send("PUB news 1\r\nx\r\n");
      await bob.flush();
      assertEquals(await ada.expectEnd(), "");
      await eve.send("PUB orders 1\r\nx\r\n");
      await eve.expectEnd();
      assertEquals(await bob.flush(), "");
    });
  },
);

capability(
  "reload - of very many subscriptions none gets what is forbidden now, wherever the check is",
  ROWS,
  async () => {
    const SUBSCRIPTIONS = 500;
    const [before, after] = confining("subscribe: { allow: [open, fresh] }");
    await halfway(before, after, async (server, begin) => {
      await using ada = await login(server, "ada");
      await using bob = await login(server, "bob");
      const subjects = (prefix: string) =>
        Array.from({ length: SUBSCRIPTIONS }, (_, i) => `${prefix}.${i}`);
      const secrets = subjects("secret");
      const all = [...secrets, "open"];
      await ada.send(
        all.map((each, i) => `SUB ${each} ${i}\r\n`).join(""),
      );
      await ada.flush();
      const { flushQueue } = server.state;
      const inTurn = flushQueue.inTurn.bind(flushQueue);
      const held: (() => void)[] = [];
      Object.assign(flushQueue, {
        inTurn: (work: () => void) => held.push(work),
      });
      await begin();
      // She is judged as soon as she does something, but not all of hers at once.
      let got = await ada.flush();
      const removed = () => got.match(/Subscription to "secret\.\d+"/g)?.length;
      assert((removed() ?? 0) < SUBSCRIPTIONS / 2, `${removed()} removed`);
      await bob.send(
        all.map((each) => `PUB ${each} 1\r\nx\r\n`).join(""),
      );
      await bob.flush();
      got += await ada.flush();
      assertEquals(got.match(/MSG \S+/g), ["MSG open"]);
      // What she subscribes to now is looked at by the new rules.
      await ada.send("SUB secret.new x\r\nSUB fresh y\r\n");
      await ada.flush();
      await bob.send(
        "PUB secret.new 1\r\nx\r\nPUB fresh 1\r\nx\r\nPUB secret.7 1\r\nx\r\n",
      );
      await bob.flush();
      const more = await ada.flush();
      assertEquals(more.match(/MSG \S+ \w/g), ["MSG fresh y"]);
      got += more;
      Object.assign(flushQueue, { inTurn });
      for (const work of held) inTurn(work);
      while ((removed() ?? 0) < SUBSCRIPTIONS) got += await ada.flush();
      assertEquals(removed(), SUBSCRIPTIONS);
    });
  },
);
