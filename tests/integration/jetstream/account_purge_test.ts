/** An account is purged while somebody goes on making and deleting streams in it. */

import { assertEquals, assertMatch } from "@std/assert";
import type { Server } from "../../../src/mod.ts";
import { RawClient } from "../../tools/raw_client.ts";
import { withServer } from "../../tools/started_server.ts";

/** So many that deleting their stream takes several turns of the event loop. */
const CONSUMERS = 600;
const PATIENCE = 60_000;

async function join(server: Server, user: string): Promise<RawClient> {
  const client = await RawClient.connect(server);
  await client.send(
    `CONNECT {"verbose":false,"user":"${user}","pass":"p"}\r\nSUB answers.* 1\r\n`,
  );
  await client.flush();
  return client;
}

async function send(client: RawClient, endpoint: string, body: object | null) {
  const text = body === null ? "" : JSON.stringify(body);
  await client.send(
    `PUB $JS.API.${endpoint} answers.1 ${text.length}\r\n${text}\r\n`,
  );
}

async function answer(client: RawClient): Promise<string> {
  const [whole] = await client.expect(
    /MSG answers\.1 1 \d+\r\n[^\r]*\r\n/,
    PATIENCE,
  );
  return whole;
}

async function ask(client: RawClient, endpoint: string, body: object | null) {
  await send(client, endpoint, body);
  return await answer(client);
}

/** Runs `action` with a member of account A, the system account and A's directory of streams. */
async function withAccount(
  action: (
    member: RawClient,
    system: RawClient,
    onDisk: () => Promise<string[]>,
  ) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "nats-js-" });
  try {
    await withServer(
      `system_account: SYS
      accounts {
        SYS { users: [{ user: s, password: p }] }
        A { jetstream: enabled, users: [{ user: a, password: p }] }
      }
      jetstream { store_dir: "${directory}" }`,
      async (server) => {
        await using system = await join(server, "s");
        await using member = await join(server, "a");
        await action(member, system, async () => {
          const streams = `${directory}/jetstream/A/streams`;
          return await Array.fromAsync(Deno.readDir(streams)).then(
            (entries) => entries.map(({ name }) => name),
            () => [],
          );
        });
      },
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Makes stream L, which takes long to delete. */
async function makeLarge(member: RawClient): Promise<void> {
  const large = { name: "L", subjects: ["l"], max_consumers: 10_000 };
  assertMatch(await ask(member, "STREAM.CREATE.L", large), /"created"/);
  for (let i = 0; i < CONSUMERS; i++) {
    await send(member, `CONSUMER.CREATE.L.c${i}`, {
      stream_name: "L",
      config: { name: `c${i}`, durable_name: `c${i}` },
    });
    if (i % 100 === 99) {
      for (let j = 0; j < 100; j++) await answer(member);
    }
  }
}

Deno.test("purge of an account - a stream that comes meanwhile is there with its files, or gone with them", async () => {
  await withAccount(async (member, system, onDisk) => {
    await makeLarge(member);
    await send(system, "ACCOUNT.PURGE.A", null);
    await send(member, "STREAM.CREATE.N", { name: "N", subjects: ["n"] });
    assertMatch(await answer(member), /"created"/);
    assertMatch(await answer(system), /"initiated":true/);
    const names = await ask(member, "STREAM.NAMES", null);
    assertEquals(await onDisk(), names.includes('"N"') ? ["N"] : []);
    assertEquals(names.includes('"L"'), false);
  });
});

Deno.test("purge of an account - a stream that is being deleted, and one of its name that comes next", async () => {
  await withAccount(async (member, system, onDisk) => {
    await makeLarge(member);
    const next = { name: "L", subjects: ["next"] };
    await send(member, "STREAM.DELETE.L", null);
    await send(member, "STREAM.CREATE.L", next);
    await send(system, "ACCOUNT.PURGE.A", null);
    assertMatch(await answer(member), /"success":true/);
    assertMatch(await answer(member), /"created"/);
    assertMatch(await answer(system), /"initiated":true/);
    // The new one came before the account was empty, or after that.
    const names = await ask(member, "STREAM.NAMES", null);
    const isListed = names.includes('"L"');
    assertEquals((await onDisk()).includes("L"), isListed);
    if (!isListed) {
      assertMatch(await ask(member, "STREAM.CREATE.L", next), /"created"/);
    }
    await member.send("PUB next answers.1 5\r\nhello\r\n");
    assertMatch(await answer(member), /"stream":"L", ?"seq":1/);
    const meta = await onDisk();
    assertEquals(meta.includes("L"), true);
    assertMatch(
      await ask(member, "STREAM.INFO.L", null),
      /"messages":1,.*"consumer_count":0/,
    );
    assertMatch(await ask(member, "INFO", null), /"streams":1,"consumers":0/);
  });
});

Deno.test("purge of an account - a stream of which very many messages are being removed", async () => {
  await withAccount(async (member, system, onDisk) => {
    await makeLarge(member);
    await member.send("PUB l answers.1 5\r\nhello\r\n".repeat(10));
    for (let i = 0; i < 10; i++) await answer(member);
    // Tells all consumers, in slices.
    await send(member, "STREAM.PURGE.L", null);
    await send(system, "ACCOUNT.PURGE.A", null);
    assertMatch(await answer(member), /"success":true|"error"/);
    assertMatch(await answer(system), /"initiated":true/);
    assertEquals(await onDisk(), []);
    assertMatch(await ask(member, "INFO", null), /"storage":0,.*"streams":0/);
  });
});
