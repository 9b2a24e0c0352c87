/** An account is purged while somebody goes on making streams in it. */

import { assertEquals, assertMatch } from "@std/assert";
import type { Server } from "../../../src/mod.ts";
import { RawClient } from "../../tools/raw_client.ts";
import { withServer } from "../../tools/started_server.ts";

/** So many that deleting their stream takes several turns of the event loop. */
const CONSUMERS = 3000;
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

Deno.test("purge of an account - a stream that comes meanwhile is there with its files, or gone with them", async () => {
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
        await send(system, "ACCOUNT.PURGE.A", null);
        await send(member, "STREAM.CREATE.N", { name: "N", subjects: ["n"] });
        assertMatch(await answer(member), /"created"/);
        assertMatch(await answer(system), /"initiated":true/);
        const names = await ask(member, "STREAM.NAMES", null);
        const isListed = names.includes('"N"');
        const streams = `${directory}/jetstream/A/streams`;
        const onDisk = await Array.fromAsync(Deno.readDir(streams)).then(
          (entries) => entries.map(({ name }) => name),
          () => [],
        );
        assertEquals(onDisk, isListed ? ["N"] : []);
        assertEquals(names.includes('"L"'), false);
      },
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
