/** What `/jsz` tells of very many consumers. */

import { assert, assertEquals } from "@std/assert";
import {
  documentText,
  jsz,
  type JszOptions,
} from "../../../src/monitor/mod.ts";
import type { Server } from "../../../src/mod.ts";
import { capability } from "../../tools/capability.ts";
import type { RawClient } from "../../tools/raw_client.ts";
import { fetchJson, login, monitored } from "./support.ts";

const CONSUMERS = 30;
const DETAILS: JszOptions = {
  account: "",
  accounts: true,
  streams: true,
  consumers: true,
  directConsumers: false,
  config: true,
  leaderOnly: false,
  offset: 0,
  limit: 0,
  raft: false,
};

async function ask(client: RawClient, api: string, body: object) {
  const text = JSON.stringify(body);
  await client.send(
    `PUB $JS.API.${api} answers.1 ${text.length}\r\n${text}\r\n`,
  );
  const [answer] = await client.expect(/MSG answers\.1 1 \d+\r\n[^\r]*\r\n/);
  assert(!answer.includes('"error"'), answer);
}

/** Two streams in memory, the second with many consumers. */
async function withStreams(
  use: (server: Server, client: RawClient) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "nats-js-" });
  try {
    await monitored(
      `jetstream { store_dir: "${directory}" }`,
      async (server) => {
        await using client = await login(server);
        await client.send("SUB answers.* 1\r\n");
        for (const name of ["A", "B"]) {
          const stream = { name, subjects: [name], storage: "memory" };
          await ask(client, `STREAM.CREATE.${name}`, stream);
        }
        for (let i = 0; i < CONSUMERS; i++) {
          const name = `c${10 + i}`;
          const config = { name, durable_name: name, ack_policy: "explicit" };
          const request = { stream_name: "B", config };
          await ask(client, `CONSUMER.CREATE.B.${name}`, request);
        }
        await use(server, client);
      },
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

// deno-lint-ignore no-explicit-any
function names(document: any): [string, string[]][] {
  const [account] = document.account_details;
  return account.stream_detail.map((
    // deno-lint-ignore no-explicit-any
    { name, consumer_detail }: any,
  ) => [
    name,
    // deno-lint-ignore no-explicit-any
    (consumer_detail ?? []).map((each: any) => each.name),
  ]);
}

const ALL = Array.from({ length: CONSUMERS }, (_, i) => `c${10 + i}`);

capability("jsz - all streams and consumers are told of, in order", {
  positive: ["monitoring/jsz"],
}, () =>
  withStreams(async (server) => {
    const document = await fetchJson(server, "/jsz?consumers=true");
    assertEquals(names(document), [["A", []], ["B", ALL]]);
    assertEquals([document.streams, document.consumers], [2, CONSUMERS]);
  }));

capability(
  "jsz - consumers are asked when they are written, and only those that are there",
  {
    edge: ["monitoring/jsz"],
  },
  () =>
    withStreams(async (server, client) => {
      const document = jsz(server.state, DETAILS);
      const { service } = server.state.jetstream;
      const stream = service?.accounts.get("$G")?.streams.get("B");
      assert(stream !== undefined);
      let asked = 0;
      for (const consumer of stream.consumers.values()) {
        const info = consumer.info.bind(consumer);
        consumer.info = () => {
          asked++;
          return info();
        };
      }
      await ask(client, "STREAM.DELETE.A", {});
      await ask(client, "CONSUMER.DELETE.B.c11", {});
      assertEquals(asked, 0);
      const text = documentText(document);
      assertEquals(names(JSON.parse(text)), [[
        "B",
        ALL.filter((name) => name !== "c11"),
      ]]);
      assertEquals(asked, CONSUMERS - 1);
    }),
);
