/**
 * Snapshots of a real Go server are read, and what we write it restores.
 */

import { assert, assertEquals } from "@std/assert";
import {
  decodeByteString,
  S2Decoder,
  S2Encoder,
} from "../../../src/protocol/mod.ts";
import {
  ArchiveDecoder,
  type ArchiveEntry,
  ByteWriter,
  TarDecoder,
  writeArchiveEntry,
  writeArchiveStart,
} from "../../../src/store/mod.ts";
import { fill, look, type Sight } from "./fill.ts";
import { GoStore } from "./go_store.ts";
import { filesOf, pack } from "./pack.ts";

const CHUNK_SIZE = 65_536;

/** Runs `use` over a fresh directory. */
async function inDirectory<T>(use: (path: string) => Promise<T>): Promise<T> {
  const directory = await Deno.makeTempDir({ prefix: "nats-snapshots-" });
  try {
    return await use(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** All bytes of a snapshot of `S`, as they come. */
async function snapshot(store: GoStore): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const inbox = await store.listen(({ reply, payload }) => {
    if (payload === "") return resolve();
    chunks.push(Uint8Array.from(payload, (char) => char.charCodeAt(0)));
    if (reply !== "") void store.publish(reply, "");
  });
  await store.api("STREAM.SNAPSHOT.S", {
    deliver_subject: inbox,
    chunk_size: 10_000,
  });
  await promise;
  return chunks;
}

/** Restores `S` from the bytes of a snapshot. @throws Error when refused */
async function restore(
  store: GoStore,
  config: unknown,
  bytes: Uint8Array,
): Promise<void> {
  const { deliver_subject } = await store.api("STREAM.RESTORE.S", {
    config,
    state: {},
  });
  assert(typeof deliver_subject === "string");
  for (let at = 0; at < bytes.length; at += CHUNK_SIZE) {
    const chunk = bytes.subarray(at, at + CHUNK_SIZE);
    const answer = await store.request(
      deliver_subject,
      decodeByteString(chunk),
    );
    assertEquals(answer.payload, "");
  }
  const { payload } = await store.request(deliver_subject, "");
  assertEquals(JSON.parse(payload).error, undefined);
}

function readArchive(chunks: readonly Uint8Array[]): ArchiveEntry[] {
  const unpacker = new S2Decoder();
  const decoder = new ArchiveDecoder();
  const entries: ArchiveEntry[] = [];
  for (const chunk of chunks) {
    for (const data of unpacker.decode(chunk)) decoder.push(data);
    for (let entry = decoder.next(); entry !== null; entry = decoder.next()) {
      entries.push(entry);
    }
  }
  unpacker.end();
  decoder.end();
  return entries;
}

function writeArchive(entries: readonly ArchiveEntry[]): Uint8Array {
  const out = new ByteWriter();
  writeArchiveStart(out);
  for (const entry of entries) writeArchiveEntry(out, entry);
  return new S2Encoder().encode(out.written);
}

/** The messages of `S` as {@linkcode look} shows them. */
function messagesOf(entries: readonly ArchiveEntry[]): Map<string, unknown> {
  return new Map(
    entries.filter(({ sequence }) => sequence > 0).map((entry) => {
      const { name, sequence, headerSize, content } = entry;
      const header = content.subarray(0, headerSize);
      return [`S ${sequence}`, {
        subject: name,
        seq: sequence,
        ...headerSize > 0 ? { hdrs: header.toBase64() } : {},
        ...content.length > headerSize
          ? { data: content.subarray(headerSize).toBase64() }
          : {},
      }];
    }),
  );
}

/** Of the sight, messages of `S` without their times. */
function messagesSeen({ messages }: Sight): Map<string, unknown> {
  return new Map(
    [...messages].filter(([name]) => name.startsWith("S ")).map(
      ([name, text]) => {
        const { time, ...rest } = JSON.parse(text);
        assert(typeof time === "string");
        return [name, rest];
      },
    ),
  );
}

function configOf({ streams }: Sight): unknown {
  return (streams[0] as { config: unknown }).config;
}

/** What must be the same of `S` after it was restored. */
function restored({ streams, consumers, messages }: Sight): unknown {
  return {
    stream: streams[0],
    consumers,
    messages: [...messages].filter(([name]) => name.startsWith("S ")),
  };
}

Deno.test("a snapshot of a Go server is read, written and restored", async () => {
  await inDirectory(async (directory) => {
    await using store = await GoStore.start(directory, "");
    await fill(store, "none");
    const before = await look(store);
    const entries = readArchive(await snapshot(store));
    const [state] = entries;
    assertEquals(state?.name, "state.json");
    assertEquals(messagesOf(entries), messagesSeen(before));
    assertEquals(
      entries.filter(({ name, sequence }) =>
        sequence === 0 && name.startsWith("consumers/")
      ).map(({ name }) => name).sort(),
      ["consumers/C", "consumers/D"],
    );
    assertEquals(entries.at(-1)?.name, "");
    await store.api("STREAM.DELETE.S");
    await restore(store, configOf(before), writeArchive(entries));
    assertEquals(restored(await look(store)), restored(before));
  });
});

Deno.test("a tar archive of a stream's directory is restored", async () => {
  const { before, tar } = await inDirectory(async (directory) => {
    await using store = await GoStore.start(directory, "");
    await fill(store, "none");
    const before = await look(store);
    await store.stop();
    const tar = pack(
      await filesOf(`${directory}/jetstream/$G/streams/S`, ["C", "D"]),
    );
    return { before, tar };
  });
  const bytes = new S2Encoder().encode(tar);
  assertEquals(unpack(bytes), unpack(new S2Encoder("snappy").encode(tar)));
  await inDirectory(async (directory) => {
    await using store = await GoStore.start(directory, "");
    // `look` wants both streams.
    await store.api("STREAM.CREATE.A", { name: "A", storage: "file" });
    await restore(store, configOf(before), bytes);
    assertEquals(restored(await look(store)), restored(before));
  });
});

/** Names and sizes of the files in an archive. */
function unpack(bytes: Uint8Array): [string, number][] {
  const unpacker = new S2Decoder();
  const decoder = new TarDecoder();
  for (const data of unpacker.decode(bytes)) decoder.push(data);
  const files: [string, number][] = [];
  for (let event = decoder.next(); event !== null; event = decoder.next()) {
    if (event.kind === "file") files.push([event.name, event.size]);
  }
  decoder.end();
  return files;
}
