/**
 * Restorations: into another storage, and when the server is killed meanwhile.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { decodeByteString, S2Encoder } from "../../../src/protocol/mod.ts";
import { Session } from "../../interop/jetstream/session.ts";
import { filesOf, pack } from "../../interop/store/pack.ts";
import { capability } from "../../tools/capability.ts";
import { type Peer, startOurServer } from "../../tools/oracle.ts";

/** Bytes of an archive that make some blocks of S2. */
const PAYLOAD = 40_000;

/** Servers that use one directory, one after the other. */
class World implements AsyncDisposable {
  readonly directory = Deno.makeTempDirSync({ prefix: "nats-restore-" });
  #peer: Peer | null = null;
  #session: Session | null = null;

  get streams(): string {
    return `${this.directory}/jetstream/$G/streams`;
  }

  get session(): Session {
    if (this.#session === null) throw new Error("no server runs");
    return this.#session;
  }

  get log(): string {
    return this.#peer?.log() ?? "";
  }

  async start(more = ""): Promise<Session> {
    this.#peer = await startOurServer({
      config: `host: 127.0.0.1\nport: -1\n` +
        `jetstream { store_dir: "${this.directory}", max_mem: 100M, max_file: 100M, ${more} }`,
    });
    return this.#session = await Session.open(this.#peer, 1);
  }

  async end(signal: "SIGINT" | "SIGKILL"): Promise<void> {
    this.#session?.close();
    this.#peer?.signal(signal);
    await this.#peer?.exited;
    await this.#peer?.[Symbol.asyncDispose]();
    this.#session = this.#peer = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("SIGKILL");
    await Deno.remove(this.directory, { recursive: true });
  }
}

/** Text that can't be compressed. */
function noise(size: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(size));
  return String.fromCharCode(...bytes.map((byte) => 33 + byte % 90));
}

async function fill(session: Session, storage = "file"): Promise<void> {
  await session.create({ storage, allow_msg_ttl: true });
  for (let i = 1; i <= 12; i++) {
    const headers = i === 5 ? "Nats-TTL: 9000s" : "";
    await session.ask(`s1.${i % 4}`, noise(PAYLOAD), headers);
  }
  for (const seq of [1, 6, 12]) {
    await session.done("STREAM.MSG.DELETE.S1", { seq });
  }
  await session.consumer("C");
  await session.listen("in");
  await session.pull("C", "in", { batch: 4 });
  const deliveries = await session.read("in", 4);
  for (const each of [0, 2]) await session.ack(deliveries[each]);
}

/** All that can be seen of the stream. */
async function look(session: Session): Promise<unknown[]> {
  const { state } = await session.done("STREAM.INFO.S1", {
    deleted_details: true,
  });
  // What was deleted last leaves no time behind in an archive.
  const { bytes: _, last_ts: __, ...rest } = state as Record<string, unknown>;
  const seen: unknown[] = [rest];
  for (let seq = 1; seq <= 12; seq++) {
    seen.push((await session.ask("$JS.API.STREAM.MSG.GET.S1", { seq })).body);
  }
  const info = await session.done("CONSUMER.INFO.S1.C");
  for (const name of ["ack_floor", "delivered"]) {
    const { consumer_seq, stream_seq } = info[name] as Record<string, unknown>;
    seen.push({ consumer_seq, stream_seq });
  }
  seen.push(info["num_ack_pending"], info["num_pending"]);
  return seen;
}

async function snapshot(session: Session): Promise<string[]> {
  await session.listen("snap");
  await session.done("STREAM.SNAPSHOT.S1", {
    deliver_subject: session.inbox("snap"),
  });
  const chunks: string[] = [];
  for (;;) {
    const [chunk] = await session.read("snap");
    if (chunk === undefined || chunk.body === "") break;
    chunks.push(chunk.body);
    if (chunk.reply !== "") await session.publish(chunk.reply);
  }
  await session.unlisten("snap");
  return chunks;
}

/** Sends chunks, and the end. @returns the last answer */
async function restore(
  session: Session,
  config: unknown,
  chunks: readonly string[],
): Promise<string> {
  const target = await begin(session, config);
  let answer = "";
  for (const chunk of [...chunks, ""]) {
    answer = (await session.ask(target, chunk)).body;
  }
  return answer;
}

async function begin(session: Session, config: unknown): Promise<string> {
  const request = { config, state: {} };
  const answer = await session.done("STREAM.RESTORE.S1", request);
  return String(answer["deliver_subject"]);
}

async function configOf(session: Session): Promise<object> {
  return (await session.done("STREAM.INFO.S1"))["config"] as object;
}

function names(directory: string): string[] {
  return [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
}

/** Chunks of an archive of the files that are there. */
async function filesArchive(
  streams: string,
  consumers: readonly string[] = ["C"],
): Promise<string[]> {
  const tar = pack(await filesOf(`${streams}/S1`, consumers));
  const bytes = decodeByteString(new S2Encoder().encode(tar));
  return bytes.match(/[^]{1,100000}/g) ?? [];
}

capability("an archive of files becomes a stream in memory", {
  positive: ["streams/v1-tar-restore", "stores/snapshot"],
}, async () => {
  await using world = new World();
  const session = await world.start();
  await fill(session);
  const config = await configOf(session);
  const before = await look(session);
  await world.end("SIGINT");
  const chunks = await filesArchive(world.streams);
  Deno.removeSync(world.streams, { recursive: true });
  const again = await world.start();
  const answer = await restore(again, { ...config, storage: "memory" }, chunks);
  assertEquals(JSON.parse(answer).error, undefined);
  assertEquals(JSON.parse(answer).config.storage, "memory");
  assertEquals(await look(again), before);
  assertEquals(names(`${world.directory}/jetstream/$G`).includes("S1"), false);
  const stored = JSON.parse((await again.ask("s1.new", "on")).body);
  assertEquals(stored.seq, 13);
});

capability("files that no server puts into an archive are not taken from it", {
  edge: ["streams/v1-tar-restore"],
}, async () => {
  await using world = new World();
  const session = await world.start();
  await fill(session);
  const config = await configOf(session);
  const before = await look(session);
  await world.end("SIGINT");
  const files = await filesOf(`${world.streams}/S1`, ["C"]);
  const others = [
    "msgs/messages.idx",
    "msgs/1.idx",
    "msgs/1.key",
    "msgs/thw.db",
    "meta.key",
    "restoring",
    "batches/x/meta.inf",
  ];
  for (const name of others) files.set(name, new Uint8Array(100));
  Deno.removeSync(world.streams, { recursive: true });
  const again = await world.start();
  const tar = decodeByteString(new S2Encoder().encode(pack(files)));
  await restore(again, config, [tar.slice(0, 200_000), tar.slice(200_000)]);
  assertEquals(await look(again), before);
  assertEquals(names(`${world.streams}/S1`).includes("batches"), false);
  assertEquals(names(`${world.streams}/S1/msgs`), ["1.blk", "index.db"]);
});

capability("an archive of files is taken into an encrypted store", {
  positive: ["streams/v1-tar-restore"],
}, async () => {
  await using world = new World();
  const session = await world.start();
  await fill(session);
  const config = await configOf(session);
  const before = await look(session);
  await world.end("SIGINT");
  const chunks = await filesArchive(world.streams);
  Deno.removeSync(world.streams, { recursive: true });
  const again = await world.start(`cipher: aes, key: "s3cr3t"`);
  await restore(again, config, chunks);
  assertEquals(await look(again), before);
  const meta = Deno.readFileSync(`${world.streams}/S1/meta.inf`);
  assertEquals(meta[0] === "{".charCodeAt(0), false);
});

for (const storage of ["memory", "file"]) {
  capability(`an archive must not take more than is left in a ${storage}`, {
    edge: ["streams/v1-tar-restore", "stores/snapshot"],
  }, async () => {
    await using world = new World();
    const session = await world.start();
    await fill(session);
    const config = { ...await configOf(session), storage };
    const archive = await snapshot(session);
    await world.end("SIGINT");
    const files = await filesArchive(world.streams);
    Deno.removeSync(world.streams, { recursive: true });
    for (const chunks of [files, archive]) {
      const again = await world.start("max_mem: 300K, max_file: 300K");
      const { error } = JSON.parse(await restore(again, config, chunks));
      assertEquals([10023, 10028, 10047].includes(error.err_code), true);
      assertEquals((await again.done("STREAM.NAMES"))["streams"], null);
      await world.end("SIGKILL");
    }
  });
}

for (const kind of ["files", "messages"]) {
  capability(`nothing is left of an archive of ${kind} when the server dies`, {
    edge: ["streams/v1-tar-restore", "streams/restore", "streams/v2-restore"],
  }, async () => {
    await using world = new World();
    const session = await world.start();
    await fill(session);
    const config = await configOf(session);
    const before = await look(session);
    const archive = await snapshot(session);
    await world.end("SIGINT");
    const chunks = kind === "files"
      ? await filesArchive(world.streams)
      : archive;
    Deno.removeSync(world.streams, { recursive: true });
    const dying = await world.start();
    const target = await begin(dying, config);
    for (const chunk of chunks.slice(0, -1)) await dying.ask(target, chunk);
    await world.end("SIGKILL");
    const again = await world.start();
    assertEquals((await again.done("STREAM.NAMES"))["streams"], null);
    assertEquals(/\[(WRN|ERR)\]/.test(world.log), false);
    await restore(again, config, chunks);
    assertEquals(await look(again), before);
    await world.end("SIGKILL");
    // What was restored is there to stay.
    assertEquals(await look(await world.start()), before);
    assertEquals(names(world.streams), ["S1"]);
  });
}

/** More than is taken over, or written, in one step. */
const MUCH = 6000;

/** An archive of a stream with a consumer in which `MUCH` is pending. */
async function archiveOfMuch(
  session: Session,
): Promise<{ config: object; archive: string[] }> {
  await session.create({ storage: "file" });
  for (let i = 0; i < MUCH; i++) await session.publish("s1.a", "x");
  await session.consumer("C", { max_ack_pending: -1 });
  await session.listen("in");
  await session.pull("C", "in", { batch: MUCH });
  await session.read("in", MUCH);
  const config = await configOf(session);
  const archive = await snapshot(session);
  await session.done("STREAM.DELETE.S1");
  return { config, archive };
}

capability("all that is pending is kept when a restoration is answered", {
  positive: ["streams/v2-restore"],
  edge: ["stores/o-dat"],
}, async () => {
  await using world = new World();
  const session = await world.start();
  const { config, archive } = await archiveOfMuch(session);
  const answer = JSON.parse(await restore(session, config, archive));
  assertEquals(answer.error, undefined);
  const look = async ({ session }: World) => {
    const info = await session.done("CONSUMER.INFO.S1.C");
    return [info["num_ack_pending"], info["num_pending"]];
  };
  assertEquals(await look(world), [MUCH, 0]);
  await world.end("SIGKILL");
  await world.start();
  assertEquals(await look(world), [MUCH, 0]);
});

Deno.test("a stream that is deleted while its consumers are restored stays away", async () => {
  await using world = new World();
  const session = await world.start();
  const { config, archive } = await archiveOfMuch(session);
  const target = await begin(session, config);
  for (const chunk of archive) await session.ask(target, chunk);
  const answered = session.ask(target, "");
  await session.publish("$JS.API.STREAM.DELETE.S1", "");
  await answered;
  assertEquals((await session.done("STREAM.NAMES"))["streams"], null);
  assertEquals(
    JSON.parse(await restore(session, config, archive)).error,
    undefined,
  );
  const info = await session.done("CONSUMER.INFO.S1.C");
  assertEquals(info["num_ack_pending"], MUCH);
});

capability("a stream that is deleted while it is restored stays away", {
  edge: ["streams/v2-restore"],
}, async () => {
  await using world = new World();
  const session = await world.start();
  await fill(session);
  const config = await configOf(session);
  const archive = await snapshot(session);
  await session.done("STREAM.DELETE.S1");
  const target = await begin(session, config);
  for (const chunk of archive.slice(0, -1)) await session.ask(target, chunk);
  await session.done("STREAM.DELETE.S1");
  await session.ask(target, archive.at(-1));
  assertMatch((await session.ask(target, "")).body, /"error":/);
  assertEquals((await session.done("STREAM.NAMES"))["streams"], null);
  assertEquals(
    await restore(session, config, archive).then(JSON.parse)
      .then(({ error }) => error),
    undefined,
  );
});

for (const storage of ["file", "memory"]) {
  capability(`an archive of files goes into a ${storage} little by little`, {
    edge: ["streams/v1-tar-restore"],
  }, async () => {
    const MESSAGES = 250;
    const payload = noise(PAYLOAD);
    await using world = new World();
    const session = await world.start();
    await session.create({ storage: "file" });
    for (let i = 1; i < MESSAGES; i++) {
      await session.publish(`s1.${i}`, payload);
    }
    await session.ask("s1.last", payload);
    await session.consumer("C");
    const config = { ...await configOf(session), storage };
    await world.end("SIGINT");
    const chunks = await filesArchive(world.streams);
    Deno.removeSync(world.streams, { recursive: true });
    const again = await world.start();
    const target = await begin(again, config);
    for (const chunk of chunks) await again.ask(target, chunk);
    // Others have their turns meanwhile, but can't have the name.
    await again.listen("answers");
    const reply = again.inbox("answers");
    const create = JSON.stringify(config);
    const size = new TextEncoder().encode(create).length;
    await again.send(
      `PUB ${target} ${reply} 0\r\n\r\n` +
        `PUB $JS.API.STREAM.CREATE.S1 ${reply} ${size}\r\n${create}\r\n`,
    );
    const [refused, restored] = await again.read("answers", 2);
    assertMatch(refused?.body ?? "", /"err_code":10058/);
    const { error, state } = JSON.parse(restored?.body ?? "");
    assertEquals(error, undefined);
    assertEquals(state.messages, MESSAGES);
    assertEquals(JSON.parse((await again.ask("s1.x", "y")).body).seq, 251);
  });
}

/** So many that bringing them back takes several turns of the event loop. */
const CONSUMERS = 200;
/** What is done in one go leaves others one turn, or two. */
const SERVED_MIN = 5;

for (const kind of ["files", "messages"]) {
  capability(
    `very many consumers come back from ${kind} while others are served`,
    {
      edge: ["streams/v1-tar-restore", "streams/v2-restore"],
    },
    async (t) => {
      await using world = new World();
      const session = await world.start();
      await session.create({ storage: "file", max_consumers: 2 * CONSUMERS });
      await session.ask("s1.a", "x");
      const all = Array.from({ length: CONSUMERS }, (_, i) => `C${i}`);
      for (const each of all) await session.consumer(each);
      const config = await configOf(session);
      const archive = await snapshot(session);
      await world.end("SIGINT");
      const chunks = kind === "messages"
        ? archive
        : await filesArchive(world.streams, all);
      Deno.removeSync(world.streams, { recursive: true });
      const again = await world.start();
      const other = await again.as({});

      /** Restores while something else is done. @returns the error, and how many are there */
      const restoreWhile = async (action: () => Promise<void>) => {
        const target = await begin(again, config);
        for (const chunk of chunks) await again.ask(target, chunk);
        const ended = again.ask(target, "");
        await Promise.all([action(), ended]);
        const { error } = JSON.parse((await ended).body);
        const { streams } = await again.done("STREAM.NAMES");
        if (streams === null) return [error?.description, 0];
        const { state } = await again.done("STREAM.INFO.S1");
        await again.done("STREAM.DELETE.S1");
        return [error?.description, Object(state)["consumer_count"]];
      };

      /** Asks for something until the stream is there. */
      const request = async (endpoint: string, body: object | "" = "") => {
        for (;;) {
          const answer = await other.ask(`$JS.API.${endpoint}`, body);
          if (!answer.body.includes("stream not found")) return;
        }
      };

      await t.step("others are served", async () => {
        let served = 0;
        const outcome = await restoreWhile(async () => {
          for (; served < SERVED_MIN; served++) await other.sync();
          // It is not over yet.
          const { body } = await other.ask("$JS.API.STREAM.INFO.S1");
          assertEquals(body.includes(`"consumer_count":${CONSUMERS}`), false);
        });
        assertEquals(outcome, [undefined, CONSUMERS]);
      });

      await t.step("the stream is deleted", async () => {
        const outcome = await restoreWhile(() => request("STREAM.DELETE.S1"));
        assertEquals(outcome, ["stream not found", 0]);
      });

      await t.step("somebody else makes the last of them", async () => {
        const name = "C99";
        const [error, left] = await restoreWhile(() =>
          request(`CONSUMER.CREATE.S1.${name}`, {
            stream_name: "S1",
            config: { name, durable_name: name, ack_policy: "explicit" },
          })
        );
        assertMatch(String(error), /consumer already exists/);
        // Of an archive of messages, what there is can be used.
        assertEquals(left, kind === "files" ? 0 : CONSUMERS);
      });
    },
  );
}

Deno.test("what is restored is written as it comes, not a block at once", async () => {
  await using world = new World();
  const session = await world.start();
  await fill(session);
  const config = await configOf(session);
  const chunks = await snapshot(session);
  await session.done("STREAM.DELETE.S1");
  const target = await begin(session, config);
  for (const chunk of chunks.slice(0, -1)) await session.ask(target, chunk);
  const messages = `${world.streams}/S1/msgs`;
  const blocks = names(messages).filter((name) => name.endsWith(".blk"));
  const sizes = blocks.map((name) => Deno.statSync(`${messages}/${name}`).size);
  assert(sizes.some((size) => size > PAYLOAD), `${sizes} bytes`);
});
