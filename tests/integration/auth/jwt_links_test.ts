import { encodeActivation } from "@nats-io/jwt";
import { createAccount, createUser, type KeyPair } from "@nats-io/nkeys";
import { assertEquals } from "@std/assert";
import { applyDefaults, emptyOptions } from "../../../src/config/mod.ts";
import { type Options, Server, startServer } from "../../../src/mod.ts";
import { denoRuntime, type Runtime } from "../../../src/runtime/mod.ts";
import { varz } from "../../../src/monitor/varz.ts";
import { capability } from "../../tools/capability.ts";
import { LogRecorder } from "../../tools/log_recorder.ts";
import {
  inSeconds,
  NO_LIMITS,
  TestOperator,
  userJwt,
} from "../../tools/operator.ts";
import { join, type JwtClient } from "./jwt_support.ts";

const HOUR = 3_600_000;

async function member(server: Server, account: KeyPair): Promise<JwtClient> {
  const user = createUser();
  return await join(server, await userJwt(account, {}, { user }), user);
}

async function started(
  operator: TestOperator,
  accounts: Readonly<Record<string, string>>,
  options: Partial<Options> = {},
): Promise<Server & AsyncDisposable> {
  const server = await startServer({
    ...await operator.options(accounts),
    ...options,
  });
  return Object.assign(server, {
    [Symbol.asyncDispose]: () => server.shutdown(),
  });
}

/** A runtime in which an hour can pass at once. */
function hourglass(): { runtime: Runtime; turn: () => void } {
  const real = denoRuntime();
  let passed = 0;
  const waiting: (() => void)[] = [];
  const { clock, timers } = real;
  const runtime = {
    ...real,
    clock: {
      now: () => clock.now() + passed,
      nowNanos: () => clock.nowNanos() + BigInt(passed) * 1_000_000n,
      monotonic: () => clock.monotonic() + passed,
      utcOffset: (at: number) => clock.utcOffset(at),
    },
    timers: {
      after: (delay: number, callback: () => void) => {
        if (delay < HOUR / 2) return timers.after(delay, callback);
        waiting.push(callback);
        return { cancel: () => {} };
      },
      every: (interval: number, callback: () => void) =>
        timers.every(interval, callback),
      soon: (callback: () => void) => timers.soon(callback),
      sleep: (delay: number) => timers.sleep(delay),
    },
  };
  const turn = () => {
    passed += HOUR;
    for (const callback of waiting.splice(0)) callback();
  };
  return { runtime, turn };
}

capability("activation - ends while clients are connected", {
  positive: ["accounts/activation-tokens"],
  edge: ["accounts/activation-tokens"],
}, async () => {
  const operator = new TestOperator();
  const [from, to] = [createAccount(), createAccount()];
  const token = await encodeActivation("t", to, from, "stream", {
    subject: "s",
  }, { exp: inSeconds(HOUR / 1000 - 10) });
  const account = from.getPublicKey();
  const { runtime, turn } = hourglass();
  const server = await startServer(
    await operator.options({
      [account]: await operator.account(from, {
        exports: [{ name: "s", type: "stream", subject: "s", token_req: true }],
      }),
      [to.getPublicKey()]: await operator.account(to, {
        imports: [{ name: "s", type: "stream", subject: "s", account, token }],
      }),
    }),
    { runtime },
  );
  try {
    await using publisher = await member(server, from);
    await using reader = await member(server, to);
    await reader.client.send("SUB s 1\r\n");
    assertEquals(await reader.client.flush(), "");
    const publish = async () => {
      await publisher.client.send("PUB s 1\r\nx\r\n");
      await publisher.client.flush();
      return await reader.client.flush();
    };
    assertEquals(await publish(), "MSG s 1 1\r\nx\r\n");
    turn();
    assertEquals(await publish(), "");
  } finally {
    await server.shutdown();
  }
});

capability("JetStream limits - of claims stand with the account", {
  positive: ["auth/limits", "auth/account-update-effects"],
  edge: ["auth/limits"],
}, async () => {
  const operator = new TestOperator();
  const tier = {
    mem_storage: 1,
    disk_storage: 2,
    streams: 3,
    consumer: 4,
    max_ack_pending: 0,
    mem_max_stream_bytes: 5,
    disk_max_stream_bytes: 0,
    max_bytes_required: true,
  };
  const expected = {
    maxMemory: 1,
    maxStore: 2,
    maxStreams: 3,
    maxConsumers: 4,
    maxAckPending: -1,
    memoryMaxStreamBytes: 5,
    storeMaxStreamBytes: -1,
    maxBytesRequired: true,
  };
  const cases: [Record<string, unknown>, unknown][] = [
    [{}, null],
    [{ ...tier, mem_storage: 0, disk_storage: 0 }, null],
    [tier, new Map([["", expected]])],
    [
      { ...tier, tiered_limits: { R1: tier, R3: { ...tier, streams: 9 } } },
      new Map([["R1", expected], ["R3", { ...expected, maxStreams: 9 }]]),
    ],
  ];
  for (const [limits, wanted] of cases) {
    const key = createAccount();
    const claims = { limits: Object.assign({}, NO_LIMITS.limits, limits) };
    await using server = await started(operator, {
      [key.getPublicKey()]: await operator.account(key, claims),
    });
    await using joined = await member(server, key);
    assertEquals(joined.said, "");
    const account = server.state.accounts.get(key.getPublicKey());
    assertEquals(account?.jetstreamLimits, wanted);
  }
});

capability("pinned accounts - the others are kept out, and counted", {
  positive: ["auth/pinned-accounts"],
  edge: ["auth/pinned-accounts"],
}, async () => {
  const operator = new TestOperator();
  const [pinned, other] = [createAccount(), createAccount()];
  await using server = await started(operator, {
    [pinned.getPublicKey()]: await operator.account(pinned),
    [other.getPublicKey()]: await operator.account(other),
  }, { resolverPinnedAccounts: new Set([pinned.getPublicKey()]) });
  const figures = () =>
    Object.entries(varz(server.state))
      .find(([name]) => name === "pinned_account_fails")?.[1];
  await using inside = await member(server, pinned);
  assertEquals([inside.said, figures()], ["", undefined]);
  await using outside = await member(server, other);
  assertEquals(outside.said, "-ERR 'Authorization Violation'");
  assertEquals(figures(), 1);
});

capability("reload - finds what was put into the directory meanwhile", {
  positive: ["reload/resolver-hook", "auth/full"],
  edge: ["reload/resolver-hook", "auth/full"],
}, async () => {
  const operator = new TestOperator();
  const [system, account] = [createAccount(), createAccount()];
  const directory = await Deno.makeTempDir();
  const put = async (claims: Parameters<TestOperator["account"]>[1]) =>
    await Deno.writeTextFile(
      `${directory}/${account.getPublicKey()}.jwt`,
      await operator.account(account, claims),
    );
  await put({});
  const wanted = applyDefaults({
    ...emptyOptions(),
    host: "127.0.0.1",
    ...await operator.options({
      [system.getPublicKey()]: await operator.account(system),
    }),
    systemAccount: system.getPublicKey(),
    resolver: {
      kind: "full",
      directory,
      limit: 0,
      interval: 0,
      delete: "never",
      fetchTimeout: 0,
    },
  });
  const server = new Server(wanted, denoRuntime(), new LogRecorder(), {
    loadOptions: () => wanted,
  });
  await server.start();
  try {
    await using first = await member(server, account);
    assertEquals(first.said, "");
    await put({ default_permissions: { pub: { deny: ["no"] } } });
    await first.client.send("PUB no 1\r\nx\r\n");
    assertEquals(await first.client.flush(), "");
    await server.reload();
    await first.client.send("PUB no 1\r\nx\r\n");
    assertEquals(
      await first.client.flush(),
      "-ERR 'Permissions Violation for Publish to \"no\"'\r\n",
    );
    // A directory that is gone keeps nobody from the new options.
    await Deno.remove(directory, { recursive: true });
    await server.reload();
    assertEquals(await first.client.flush(), "");
  } finally {
    await server.shutdown();
  }
});
