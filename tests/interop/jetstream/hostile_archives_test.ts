/** Archives that no server would write. */

import { assertEquals } from "@std/assert";
import { decodeByteString, S2Encoder } from "../../../src/protocol/mod.ts";
import {
  type ArchiveEntry,
  ByteWriter,
  writeArchiveEntry,
  writeArchiveStart,
} from "../../../src/store/mod.ts";
import { capability } from "../../tools/capability.ts";
import { type Implementation, startPeer } from "../../tools/oracle.ts";
import { lasting } from "../harness/lasting.ts";
import { PLAIN } from "../scenarios/jetstream/fixtures.ts";
import { type Fields, Session } from "./session.ts";
import { showDocument } from "./show.ts";

const TIME = 1_795_887_240_123_456_789n;
const CONFIG = {
  name: "S1",
  subjects: ["s1.>"],
  storage: "file",
  retention: "limits",
  max_msg_size: 100,
};

type Entry = Partial<ArchiveEntry>;

const json = (value: unknown) =>
  new TextEncoder().encode(JSON.stringify(value));

const state = (more: Fields = {}): Entry => ({
  name: "state.json",
  content: json({
    messages: 2,
    bytes: 100,
    first_seq: 1,
    first_ts: "2026-01-01T00:00:00Z",
    last_seq: 2,
    last_ts: "2026-01-01T00:00:00Z",
    consumer_count: 0,
    ...more,
  }),
});

const message = (sequence: number, more: Entry = {}): Entry => ({
  name: "s1.a",
  sequence,
  content: new TextEncoder().encode("x"),
  ...more,
});

const consumer = (name: string, config: Fields = {}): Entry => ({
  name: `consumers/${name}`,
  content: json({
    config: { name, ack_policy: "explicit", deliver_policy: "all", ...config },
    state: {
      delivered: { consumer_seq: 0, stream_seq: 0 },
      ack_floor: { consumer_seq: 0, stream_seq: 0 },
    },
  }),
});

const END: Entry = { time: 0n };

function archive(entries: readonly Entry[]): string {
  const out = new ByteWriter();
  writeArchiveStart(out);
  for (const entry of entries) {
    writeArchiveEntry(out, {
      name: "",
      time: TIME,
      sequence: 0,
      headerSize: 0,
      content: new Uint8Array(),
      ...entry,
    });
  }
  return decodeByteString(new S2Encoder().encode(out.written));
}

/** What is said of it, and what is there then. */
async function restore(
  session: Session,
  entries: readonly Entry[],
): Promise<void> {
  const { deliver_subject } = await session.done("STREAM.RESTORE.S1", {
    config: CONFIG,
    state: {},
  });
  for (const chunk of [archive(entries), ""]) {
    const { body } = await session.ask(String(deliver_subject), chunk);
    session.note(showDocument(body));
  }
  const info = await session.ask("$JS.API.STREAM.INFO.S1", {
    deleted_details: true,
  });
  // An empty stream begins with the message that comes first, or with none.
  session.note(
    showDocument(info.body)
      .replace(/"first_seq":1(?=.*"last_seq":0,)/, '"first_seq":0'),
  );
  await session.api("CONSUMER.NAMES.S1");
  const { body } = await session.ask("$JS.API.STREAM.DELETE.S1");
  session.note(showDocument(body));
}

async function transcript(
  implementation: Implementation,
  archives: readonly (readonly Entry[])[],
): Promise<string[]> {
  await using peer = await startPeer(implementation, PLAIN);
  const session = await Session.open(peer, 1);
  try {
    for (const entries of archives) await restore(session, entries);
  } finally {
    session.close();
  }
  return session.transcript;
}

function compare(archives: readonly (readonly Entry[])[]): Promise<void> {
  return lasting(async () => {
    const [theirs, ours] = await Promise.all([
      transcript("go", archives),
      transcript("ours", archives),
    ]);
    assertEquals(ours, theirs);
  });
}

const ROWS = ["streams/v2-restore", "streams/restore"];

capability("archives whose messages can't be those of a stream", {
  edge: ROWS,
}, () =>
  compare([
    [state(), message(1), message(2), END],
    [state(), message(1), message(1), END],
    [state(), message(2), message(1), END],
    [state(), message(1), message(5), END],
    [state({ last_seq: 9 }), message(1), message(5), END],
    [state(), message(1), { name: "x" }, END],
    [state(), message(1, { content: new Uint8Array(101) }), END],
    [state({ messages: 9 }), message(1), END],
    [state({ first_seq: 7 }), message(1), END],
    [message(1), state(), END],
    [state(), message(1)],
    [state(), message(1, { headerSize: 1 }), END],
  ]));

capability("archives whose consumers can't be those of a stream", {
  edge: ROWS,
}, () => {
  const one = state({ consumer_count: 1 });
  const all = (
    entry: Entry,
  ): Entry[] => [one, entry, message(1), message(2), END];
  return compare([
    all(consumer("C", { durable_name: "C" })),
    all(consumer("E")),
    all(consumer("../../../../other", { durable_name: "C" })),
    all({ name: "consumers/C", content: json({ config: null, state: null }) }),
    all({ name: "consumers/C", content: json({ config: {} }) }),
    all({ name: "consumers/C", content: json([]) }),
    all(message(1)),
    [state({ consumer_count: -1 }), message(1), END],
  ]);
});

capability("names of consumers in archives lead nowhere else", {
  edge: ROWS,
}, async () => {
  await using peer = await startPeer("ours", PLAIN);
  const session = await Session.open(peer, 1);
  const one = state({ consumer_count: 1 });
  for (const name of ["../../../x", "a/b", "..", "a.b", "a b", "*", ""]) {
    for (const durable of [{}, { durable_name: name }]) {
      const config = { name: "", ...durable };
      await restore(session, [one, consumer(name, config), message(1), END]);
      // The answer to the chunk, the end, the stream, its consumers, its end.
      assertEquals(
        session.transcript.splice(0)[1]?.includes('"error"'),
        true,
        name,
      );
    }
  }
  await restore(session, [state(), message(1, { name: "s1.a\r\nPING" }), END]);
  assertEquals(session.transcript[1]?.includes("invalid subject"), true);
  session.close();
});
