/**
 * Streams are restored from archives of their files, which servers before 2.15
 * have made.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { decodeByteString, S2Encoder } from "../../../src/protocol/mod.ts";
import { capability } from "../../tools/capability.ts";
import { type Implementation, startPeer } from "../../tools/oracle.ts";
import { lasting } from "../harness/lasting.ts";
import { PLAIN } from "../scenarios/jetstream/fixtures.ts";
import { type Files, filesOf, pack } from "../store/pack.ts";
import { type Fields, Session } from "./session.ts";
import { showDocument } from "./show.ts";

const CHUNK_SIZE = 60_000;
const ADVISORIES = "$JS.EVENT.ADVISORY.>";
const ROWS = [
  "streams/v1-tar-restore",
  "streams/restore",
  "stores/v1-snapshot",
];

/** A stream of the Go server: its files and its configuration. */
interface Sample {
  readonly files: Files;
  readonly config: Fields;
}

/** Made once; tests change copies. */
let made: Promise<Sample> | null = null;

function sample(): Promise<Sample> {
  return made ??= makeSample();
}

async function makeSample(): Promise<Sample> {
  await using peer = await startPeer("go", PLAIN);
  const session = await Session.open(peer, 1);
  await session.create({ storage: "file", allow_msg_ttl: true });
  for (let i = 1; i <= 60; i++) {
    const headers = i % 5 === 0 ? "Nats-TTL: 9000s" : "";
    await session.ask(`s1.${i % 7}`, `${i} `.padEnd(i * 11, "x"), headers);
  }
  for (const seq of [1, 2, 17, 30, 60]) {
    await session.done("STREAM.MSG.DELETE.S1", { seq });
  }
  await session.consumer("C");
  await session.listen("in");
  await session.pull("C", "in", { batch: 4 });
  const deliveries = await session.read("in", 4);
  for (const each of [0, 2]) await session.ack(deliveries[each]);
  await session.consumer("D", { ack_policy: "none", description: "other" });
  const { config } = await session.done("STREAM.INFO.S1");
  session.close();
  peer.signal("SIGINT");
  await peer.exited;
  const directory = `${peer.directory}/js/jetstream/$G/streams/S1`;
  return {
    files: await filesOf(directory, ["C", "D"]),
    config: config as Fields,
  };
}

/** Sends an archive to `STREAM.RESTORE`, and writes down what is said. */
async function restore(
  session: Session,
  config: Fields,
  tar: Uint8Array,
): Promise<void> {
  const bytes = decodeByteString(new S2Encoder().encode(tar));
  const { deliver_subject } = await session.done(
    `STREAM.RESTORE.${config["name"]}`,
    { config, state: {} },
  );
  for (let at = 0; at < bytes.length; at += CHUNK_SIZE) {
    const chunk = bytes.slice(at, at + CHUNK_SIZE);
    const { body } = await session.ask(String(deliver_subject), chunk);
    if (body !== "") return session.note(shown(body));
  }
  const { body } = await session.ask(String(deliver_subject), "");
  session.note(shown(body));
}

/** Directories are different each time. */
function shown(body: string): string {
  return showDocument(body).replace(
    /\/\S*(?=\/(meta\.inf|obs\/))/g,
    "<directory>",
  );
}

/** What came of it, as far as clients can tell. */
async function look(session: Session): Promise<void> {
  await session.api("STREAM.INFO.S1", { deleted_details: true });
  const { streams } = await session.done("STREAM.NAMES");
  session.note(JSON.stringify(streams));
}

async function lookInside(session: Session): Promise<void> {
  for (let seq = 1; seq <= 61; seq++) {
    const { body } = await session.ask("$JS.API.STREAM.MSG.GET.S1", { seq });
    session.note(body);
  }
  for (const name of ["C", "D"]) {
    await session.state(name);
    const { config, created } = await session.done(`CONSUMER.INFO.S1.${name}`);
    session.note(JSON.stringify({ config, created }));
  }
  await session.listen("in");
  await session.pull("C", "in", { batch: 3 });
  const deliveries = await session.read("in", 3);
  session.note(JSON.stringify(deliveries.map(({ body }) => body)));
  session.note((await session.ask("s1.new", "goes on")).body);
}

/** The subjects of advisories that came until now, sorted. */
async function told(session: Session): Promise<void> {
  const events = await session.read("told", 99, 300);
  session.note(events.map(({ subject }) => subject).sort().join("\n"));
}

async function transcript(
  implementation: Implementation,
  scenario: (session: Session, given: Sample) => Promise<void>,
): Promise<string[]> {
  const given = await sample();
  await using peer = await startPeer(implementation, PLAIN);
  const session = await Session.open(peer, 1);
  try {
    await scenario(session, {
      files: new Map(given.files),
      config: given.config,
    });
  } finally {
    session.close();
  }
  const staging = `${peer.directory}/js/jetstream/$G/__snapshots__`;
  session.note(`left aside: ${await namesIn(staging)}`);
  return session.transcript;
}

async function namesIn(directory: string): Promise<string> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(directory)) names.push(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names.join(" ");
}

function compare(
  scenario: (session: Session, given: Sample) => Promise<void>,
): Promise<void> {
  return lasting(async () => {
    const theirs = await transcript("go", scenario);
    assertEquals(await transcript("ours", scenario), theirs);
  });
}

capability("a stream comes back from an archive of its files", {
  positive: ROWS,
}, () =>
  compare(async (session, { files, config }) => {
    await session.listen("told", ADVISORIES);
    await restore(session, config, pack(files));
    await told(session);
    await look(session);
    await lookInside(session);
  }));

capability("an archive of files gets another configuration", {
  positive: ["streams/v1-tar-restore"],
  edge: ["streams/restore"],
}, () =>
  compare(async (session, { files, config }) => {
    const other = {
      ...config,
      subjects: ["s1.>", "more.>"],
      max_msgs: 40,
      description: "later",
    };
    await restore(session, other, pack(files));
    await look(session);
    session.note((await session.ask("more.new", "goes on")).body);
  }));

capability("an archive of files may have others, which are of no use", {
  edge: ["streams/v1-tar-restore"],
}, () =>
  compare(async (session, { files, config }) => {
    for (const name of ["errors.txt", "sources.db", "msgs/1.txt"]) {
      files.set(name, new TextEncoder().encode("other"));
    }
    await restore(session, config, pack(files));
    await look(session);
  }));

const DAMAGES: Readonly<Record<string, (files: Files) => Uint8Array>> = {
  "without configuration": (files) => {
    files.delete("meta.inf");
    return pack(files);
  },
  "whose configuration is none": (files) =>
    pack(files.set("meta.inf", new TextEncoder().encode("[]"))),
  "with a consumer without configuration": (files) => {
    files.delete("obs/D/meta.inf");
    return pack(files);
  },
  "with a consumer without checksum": (files) => {
    files.delete("obs/C/meta.sum");
    return pack(files);
  },
  "with a name that leads elsewhere": (files) =>
    pack(files.set("../../../other", new Uint8Array(3))),
  "with a directory": (files) => {
    const tar = pack(files.set("msgs/", new Uint8Array()));
    const at = tar.length - 2048 + 1024 - 512;
    return typed(tar, at, "5");
  },
  "that is cut off": (files) => pack(files).slice(0, 20_000),
  "of another stream": (files) => {
    const text = new TextDecoder().decode(files.get("meta.inf"));
    const other = text.replace('"name":"S1"', '"name":"S2"');
    return pack(files.set("meta.inf", new TextEncoder().encode(other)));
  },
};

/** Changes the type of the entry whose header begins at `at`. */
function typed(tar: Uint8Array, at: number, type: string): Uint8Array {
  const before = tar[at + 156] ?? 0;
  tar[at + 156] = type.charCodeAt(0);
  const field = tar.subarray(at + 148, at + 154);
  const sum = parseInt(new TextDecoder().decode(field), 8) +
    type.charCodeAt(0) - before;
  field.set(new TextEncoder().encode(sum.toString(8).padStart(6, "0")));
  return tar;
}

for (const [name, damage] of Object.entries(DAMAGES)) {
  capability(`an archive of files ${name} is refused`, {
    edge: ["streams/v1-tar-restore", "stores/v1-snapshot"],
  }, () =>
    compare(async (session, { files, config }) => {
      await restore(session, config, damage(files));
      await look(session);
      // Nothing is in the way of another attempt.
      await restore(session, config, pack((await sample()).files));
      await session.messages();
    }));
}

capability("an archive of files is refused when its stream is there by then", {
  edge: ["streams/v1-tar-restore"],
}, () =>
  compare(async (session, { files, config }) => {
    const bytes = decodeByteString(new S2Encoder().encode(pack(files)));
    const { deliver_subject } = await session.done("STREAM.RESTORE.S1", {
      config,
      state: {},
    });
    await session.create();
    await session.store("a");
    session.note(
      shown((await session.ask(String(deliver_subject), bytes)).body),
    );
    session.note(shown((await session.ask(String(deliver_subject), "")).body));
    await session.messages();
    await session.api("STREAM.MSG.GET.S1", { seq: 1 });
  }));
