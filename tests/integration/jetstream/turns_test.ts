/**
 * Whatever is done to a large stream, all others have their turns meanwhile.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { RawClient } from "../../tools/raw_client.ts";
import { withServer } from "../../tools/started_server.ts";

const SUBJECTS = 60_000;
const GROUP = 300;
const CONSUMERS = 1000;
/** Messages that are published at once. */
const BATCH = 5000;
/** What is done in one go leaves others one turn, or two. */
const TURNS_MIN = 3;
/** The same of a backup, whose single chunk comes and goes for itself. */
const BACKUP_TURNS_MIN = 20;
const PATIENCE = 60_000;
/** Milliseconds between two messages that come while others are purged. */
const REST = 5;

type Server = Parameters<typeof RawClient.connect>[0];

/** A client of a stream `S`, and one that never stops asking whether it is heard. */
class Observed {
  readonly server: Server;
  readonly client: RawClient;
  readonly #pinger: RawClient;
  #pongs = 0;

  constructor(server: Server, client: RawClient, pinger: RawClient) {
    this.server = server;
    this.client = client;
    this.#pinger = pinger;
  }

  static async join(server: Server): Promise<Observed> {
    const client = await RawClient.connect(server);
    const pinger = await RawClient.connect(server);
    for (const each of [client, pinger]) {
      await each.send('CONNECT {"verbose":false,"headers":true}\r\n');
      await each.flush();
    }
    await client.send("SUB answers.* 1\r\n");
    return new Observed(server, client, pinger);
  }

  async request(endpoint: string, body: object | string = ""): Promise<string> {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const subject = endpoint.startsWith("$") ? endpoint : `$JS.API.${endpoint}`;
    await this.client.send(
      `PUB ${subject} answers.1 ${text.length}\r\n${text}\r\n`,
    );
    const [answer] = await this.client.expect(
      /H?MSG answers\.1 1 [\d ]+\r\n[^]*?\r\n(?=$|H?MSG)/,
      PATIENCE,
    );
    return answer;
  }

  /** How many PINGs were answered before a request was. */
  async turnsDuring(
    endpoint: string,
    body: object | string = "",
  ): Promise<number> {
    let answer = "";
    const turns = await this.turnsWhile(async () => {
      answer = await this.request(endpoint, body);
    });
    assert(!answer.includes('"error"'), answer.slice(0, 500));
    return turns;
  }

  /** How many PINGs were answered while something was done. */
  async turnsWhile(action: () => Promise<void>): Promise<number> {
    this.#pongs = 0;
    const over = { yet: false };
    const pinging = this.#ping(over);
    await action();
    const turns = this.#pongs;
    over.yet = true;
    await pinging;
    return turns;
  }

  /** Has another client say something, and waits until it was heard. */
  async elsewhere(text: string): Promise<void> {
    await this.#pinger.send(text);
    await this.#pinger.flush(PATIENCE);
  }

  async #ping(over: { readonly yet: boolean }): Promise<void> {
    while (!over.yet) {
      await this.#pinger.flush(PATIENCE);
      this.#pongs++;
    }
  }

  /** Publishes a message on each of the subjects `s.<group>.<place>`. */
  async fill(): Promise<void> {
    for (let i = 0; i < SUBJECTS; i += BATCH) {
      let text = "";
      for (let j = i; j < i + BATCH; j++) {
        text += `PUB s.${Math.floor(j / GROUP)}.${j % GROUP} 1\r\nx\r\n`;
      }
      await this.client.send(text);
      await this.client.flush(PATIENCE);
    }
  }

  /** Publishes messages of one subject, and one of another. */
  async fillOne(subject: string, count: number): Promise<void> {
    await this.client.send(`PUB s.other 1\r\nx\r\n`);
    for (let i = 1; i <= count; i++) {
      if (i % BATCH > 0 && i < count) continue;
      await this.client.send(
        `PUB ${subject} 1\r\nx\r\n`.repeat((i - 1) % BATCH) +
          `PUB ${subject} answers.0 1\r\nx\r\n`,
      );
      await this.client.expect(/^MSG answers\.0 1 \d+\r\n.*\r\n/, PATIENCE);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
    await this.#pinger.close();
  }
}

const STREAM = {
  name: "S",
  subjects: ["s.>"],
  allow_direct: true,
  max_consumers: 10_000,
};

function withStream(
  storage: "file" | "memory",
  use: (observed: Observed) => Promise<void>,
): Promise<void> {
  return withEmptyStream({ ...STREAM, storage }, async (observed) => {
    await observed.fill();
    await use(observed);
  });
}

async function withEmptyStream(
  config: object,
  use: (observed: Observed) => Promise<void>,
  settings = "",
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "nats-js-" });
  try {
    await withServer(
      `jetstream { store_dir: "${directory}", ${settings} }`,
      async (server) => {
        await using observed = await Observed.join(server);
        await observed.request("STREAM.CREATE.S", config);
        await use(observed);
      },
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

function consumer(name: string, config: object): [string, object] {
  return [`CONSUMER.CREATE.S.${name}`, {
    stream_name: "S",
    config: { name, durable_name: name, ack_policy: "explicit", ...config },
  }];
}

for (const storage of ["file", "memory"] as const) {
  Deno.test(`turns - all have theirs while a large stream is changed, ${storage}`, async (t) => {
    await withStream(storage, async (observed) => {
      const steps: readonly (readonly [string, string, object])[] = [
        ["subjects are listed", "STREAM.INFO.S", { subjects_filter: ">" }],
        [
          "a consumer begins with the last of each subject",
          ...consumer("lasts", {
            deliver_policy: "last_per_subject",
            filter_subject: "s.*.*",
          }),
        ],
        [
          "subjects are purged",
          "STREAM.PURGE.S",
          { filter: "s.*.*", keep: 50_000 },
        ],
        ["the front is purged", "STREAM.PURGE.S", { seq: 20_000 }],
        ["limits are lowered", "STREAM.UPDATE.S", {
          ...STREAM,
          storage,
          max_msgs: 30_000,
        }],
        ["all subjects are purged", "STREAM.PURGE.S", { filter: "s.*.*" }],
      ];
      for (const [name, endpoint, body] of steps) {
        await t.step(name, async () => {
          const turns = await observed.turnsDuring(endpoint, body);
          assert(turns >= TURNS_MIN, `${turns} turns`);
        });
      }
      assertMatch(await observed.request("STREAM.INFO.S"), /"messages":0,/);
    });
  });
}

Deno.test("turns - all have theirs while a stream with many consumers is changed", async (t) => {
  await withStream("file", async (observed) => {
    for (let i = 0; i < CONSUMERS; i++) {
      const filter_subject = i % 2 === 0 ? "s.1.>" : "s.>";
      await observed.request(...consumer(`c${i}`, { filter_subject }));
    }
    for (
      const [name, endpoint, body] of [
        ["it is purged", "STREAM.PURGE.S", { seq: SUBJECTS - 10 }],
        ["it is deleted", "STREAM.DELETE.S", ""],
      ] as const
    ) {
      await t.step(name, async () => {
        const turns = await observed.turnsDuring(endpoint, body);
        assert(turns >= TURNS_MIN, `${turns} turns`);
      });
    }
  });
});

/** What a document says of messages under that name. */
function numberIn(document: string, name: string): number {
  return Number(document.match(new RegExp(`"${name}":(\\d+)`))?.[1]);
}

Deno.test("turns - what is purged is not delivered half, and what comes meanwhile stays", async () => {
  await withStream("file", async (observed) => {
    const { client } = observed;
    await observed.request(...consumer("c", { filter_subject: "s.>" }));
    const purging = observed.request("STREAM.PURGE.S", { filter: "s.*.*" });
    // What comes to the same stream waits for its turn.
    const asking = client.send("PUB $JS.API.STREAM.INFO.S answers.2 0\r\n\r\n");
    const over = { yet: false };
    const answered = purging.finally(() => over.yet = true);
    let late = 0;
    for (; !over.yet; late++) {
      await observed.elsewhere("PUB s.0.0 1\r\nx\r\n");
      await new Promise((resolve) => setTimeout(resolve, REST));
    }
    const purged = numberIn(await answered, "purged");
    await asking;
    const [state] = await client.expect(/^MSG answers\.2 [^]*?\r\n\{.*\}\r\n/);
    assert(numberIn(state, "messages") <= late, state);
    // What had come before the purge began went with the others.
    const left = SUBJECTS + late - purged;
    assert(purged >= SUBJECTS && left > 0, `${purged} purged, ${late} came`);
    const next = "$JS.API.CONSUMER.MSG.NEXT.S.c";
    await client.send(`PUB ${next} answers.1 0\r\n\r\n`);
    await client.expect(
      new RegExp(
        `^MSG s\\.0\\.0 1 \\S+\\.1\\.${purged + 1}\\.1\\.\\S+ 1\r\nx\r\n`,
      ),
    );
    const info = await observed.request("STREAM.INFO.S", {
      subjects_filter: ">",
    });
    assertEquals(numberIn(info, "messages"), left);
    assertMatch(info, new RegExp(`"subjects":\\{"s\\.0\\.0":${left}\\}`));
  });
});

/** A message that displaces those of its subject before it. */
function rollUp(subject: string, reply = ""): string {
  const block = "NATS/1.0\r\nNats-Rollup: sub\r\n\r\n";
  const { length } = block;
  return `HPUB ${subject} ${reply} ${length} ${length}\r\n${block}\r\n`;
}

for (const storage of ["file", "memory"] as const) {
  Deno.test(`turns - all have theirs while a subject is rolled up, ${storage}`, async () => {
    const count = 200_000;
    const config = { ...STREAM, storage, allow_rollup_hdrs: true };
    await withEmptyStream(config, async (observed) => {
      const { client } = observed;
      // More than this may come behind it only when it is done.
      await observed.request("STREAM.UPDATE.S", {
        ...config,
        discard: "new",
        discard_new_per_subject: true,
        max_msgs_per_subject: count,
      });
      await observed.fillOne("s.1", count - 1);
      const behind = 1000;
      const turns = await observed.turnsWhile(async () => {
        await client.send(
          rollUp("s.1", "answers.0") +
            "PUB s.1 answers.2 1\r\nx\r\n".repeat(behind) +
            "PUB $JS.API.STREAM.INFO.S answers.3 0\r\n\r\n",
        );
        await client.expect(
          new RegExp(
            `^MSG answers\\.0 1 \\d+\r\n\\{"stream":"S","seq":${
              count + 1
            }\\}\r\n`,
          ),
          PATIENCE,
        );
      });
      assert(turns >= 10, `${turns} turns`);
      for (let i = 0; i < behind; i++) {
        // STREAM.INFO waits for the rollup, and for no more than that.
        const [, subject, answer = ""] = await client.expect(
          /^MSG answers\.(\d) 1 \d+\r\n(\{.*\})\r\n/,
        );
        if (subject === "3") {
          assert(numberIn(answer, "messages") <= 2 + behind, answer);
          i--;
        } else assertEquals(numberIn(answer, "seq"), count + 2 + i);
      }
    });
  });
}

Deno.test("turns - a server ends in the middle of a rollup, of which it has told nobody", async () => {
  const count = 100_000;
  const directory = await Deno.makeTempDir({ prefix: "nats-js-" });
  const config = `jetstream { store_dir: "${directory}" }`;
  try {
    await withServer(config, async (server) => {
      const observed = await Observed.join(server);
      await observed.request("STREAM.CREATE.S", {
        ...STREAM,
        allow_rollup_hdrs: true,
      });
      await observed.fillOne("s.1", count);
      await observed.client.send(
        rollUp("s.1", "answers.0") + "PUB s.1 answers.0 1\r\nx\r\nPING\r\n",
      );
      await observed.client.expect(/^PONG\r\n/);
      const closing = observed.client.expectEnd();
      await server.shutdown();
      assert(!(await closing).includes("answers.0"));
    });
    await withServer(config, async (server) => {
      await using observed = await Observed.join(server);
      const info = await observed.request("STREAM.INFO.S");
      assertEquals(numberIn(info, "last_seq"), count + 2);
      const messages = numberIn(info, "messages");
      assert(messages >= 2 && messages <= count + 2, info);
    });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("turns - readers have theirs while one large rollup follows the other", async () => {
  const subjects = 20;
  const each = 12_000;
  const config = { ...STREAM, storage: "file", allow_rollup_hdrs: true };
  await withEmptyStream(config, async (observed) => {
    const { client } = observed;
    const reads = { filter_subject: "s.kept", ack_policy: "none" };
    await observed.request(...consumer("c", reads));
    await observed.fillOne("s.kept", BATCH);
    for (let i = 0; i < subjects; i++) await observed.fillOne(`s.${i}`, each);
    let delivered = 0;
    let asked = 0;
    let over = false;
    const reader = await Observed.join(observed.server);
    const reading = (async () => {
      while (!over) {
        const next = "$JS.API.CONSUMER.MSG.NEXT.S.c";
        await reader.client.send(`PUB ${next} answers.2 0\r\n\r\n`);
        await reader.client.expect(/MSG s\.kept 1 .*\r\nx\r\n/, PATIENCE);
        if (!over) delivered++;
        await reader.request("STREAM.INFO.S");
        if (!over) asked++;
      }
    })();
    let flood = "";
    for (let i = 0; i < subjects; i++) flood += rollUp(`s.${i}`, "answers.0");
    await client.send(flood);
    for (let i = 0; i < subjects; i++) {
      await client.expect(/MSG answers\.0 1 \d+\r\n.*\r\n/, PATIENCE);
    }
    over = true;
    await reading;
    await reader[Symbol.asyncDispose]();
    // Where nobody cares for readers, they have no turn for each rollup.
    const counts = `${delivered} and ${asked}`;
    assert(delivered >= subjects && asked >= subjects, counts);
  }, "sync_interval: always");
});

/** Gets all of a backup in a single chunk. */
async function backUp({ client }: Observed): Promise<string> {
  await client.send("SUB backup 2\r\n");
  const request = JSON.stringify({
    deliver_subject: "backup",
    chunk_size: 1 << 20,
  });
  await client.send(
    `PUB $JS.API.STREAM.SNAPSHOT.S answers.2 ${request.length}\r\n${request}\r\n`,
  );
  const [, chunk = ""] = await client.expect(
    /MSG backup 2 \d+\r\n([^]+)\r\nMSG backup 2 0\r\n\r\n/,
    PATIENCE,
  );
  return chunk;
}

Deno.test("turns - all have theirs while a large stream is backed up, and restored", async () => {
  await withStream("file", async (observed) => {
    let chunk = "";
    const turns = await observed.turnsWhile(async () => {
      chunk = await backUp(observed);
    });
    assert(turns >= BACKUP_TURNS_MIN, `${turns} turns while it is backed up`);
    await observed.request("STREAM.DELETE.S");
    const answer = await observed.request("STREAM.RESTORE.S", {
      config: STREAM,
      state: {},
    });
    const [, target = ""] = answer.match(/"deliver_subject":"([^"]+)"/) ?? [];
    const restored = await observed.turnsWhile(async () => {
      await observed.request(target, chunk);
    });
    assert(
      restored >= BACKUP_TURNS_MIN,
      `${restored} turns while it is restored`,
    );
    const end = await observed.request(target);
    assertEquals(numberIn(end, "messages"), SUBJECTS);
  });
});
