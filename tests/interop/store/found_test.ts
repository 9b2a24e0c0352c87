/** What servers find in the directory of another one. */

import { decodeSchedules } from "../../unit/store/format/at_once.ts";
import { assertEquals } from "@std/assert";
import { decodeSources } from "../../../src/store/mod.ts";
import { capability } from "../../tools/capability.ts";
import type { Implementation } from "../../tools/oracle.ts";
import { ApiClient } from "./api_client.ts";
import {
  ACCOUNT,
  assertClean,
  configOf,
  type Encryption,
  start,
  stop,
} from "./directories.ts";

/** Lines about streams of a server that finds a directory. */
async function recoveryLines(
  implementation: Implementation,
  directory: string,
  encryption: Encryption | null,
): Promise<string[]> {
  await using peer = await start(
    implementation,
    directory,
    configOf(encryption),
  );
  await stop(peer);
  return peer.log().split("\n")
    // The Go server does not find its own index where it expects it.
    .filter((line) => !/Filestore|Store Dir|docs\.nats/.test(line))
    .filter((line) => /stream|\[(WRN|ERR)\]/.test(line))
    .map((line) =>
      line.replace(/^.*?(?=\[(INF|WRN|ERR)\])/, "")
        .replace(/ in [\d.]+[mµ]?s$/, " in <time>")
    );
}

capability("the log tells what is encrypted, and encrypted anew", {
  positive: ["stores/encryption-conversion"],
  edge: ["stores/encryption-conversion"],
}, async () => {
  const chain: (Encryption | null)[] = [
    null,
    { cipher: "aes", secret: "one" },
    { cipher: "aes", secret: "one" },
    { cipher: "chacha", secret: "one" },
    { cipher: "chacha", secret: "two", previous: "one" },
    { cipher: "aes", secret: "three", previous: "two" },
    { cipher: "aes", secret: "nobody knows" },
    null,
  ];
  const said = async (implementation: Implementation) => {
    const directory = await Deno.makeTempDir({ prefix: "nats-log-" });
    try {
      await using first = await start(implementation, directory);
      const api = await ApiClient.connect(first.port);
      await api.api("STREAM.CREATE.S", {
        name: "S",
        subjects: ["s"],
        storage: "file",
      });
      await api.publish("s", "something");
      await api.close();
      await stop(first);
      const lines: string[][] = [];
      for (const encryption of chain) {
        lines.push(await recoveryLines(implementation, directory, encryption));
      }
      return lines;
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  };
  assertEquals(await said("ours"), await said("go"));
});

/** When what schedules itself, by subject; the file must be there. */
async function keptSchedules(
  directory: string,
): Promise<Record<string, { sequence: number; time: bigint }>> {
  const path = `${directory}/jetstream/${ACCOUNT}/streams/SCHED/msgs/sched.db`;
  const { entries } = decodeSchedules(await Deno.readFile(path));
  return Object.fromEntries(
    entries.map(({ subject, ...rest }) => [subject, rest]),
  );
}

async function shareSchedules(turns: readonly Implementation[]) {
  const directory = await Deno.makeTempDir({ prefix: "nats-sched-" });
  const at = new Date(Math.ceil(Date.now() / 1000 + 2) * 1000);
  const schedule = (when: string, target: string) =>
    `NATS/1.0\r\nNats-Schedule: ${when}\r\nNats-Schedule-Target: ${target}\r\n\r\n`;
  const due = `@at ${at.toISOString().replace(".000", "")}`;
  try {
    let kept: Record<string, unknown> | null = null;
    for (const [i, implementation] of turns.entries()) {
      await using peer = await start(implementation, directory);
      const api = await ApiClient.connect(peer.port);
      if (i === 0) {
        await api.api("STREAM.CREATE.SCHED", {
          name: "SCHED",
          subjects: ["s.>", "t.>"],
          storage: "file",
          allow_msg_schedules: true,
          allow_msg_ttl: true,
        });
        const late = "@at 2099-01-01T00:00:00Z";
        await api.publish("s.late", "late", schedule(late, "t.late"));
        await api.publish("s.old", "old", schedule(late, "t.old"));
        await api.publish("s.old", "new", schedule("@every 1000h", "t.old"));
        await api.publish("s.gone", "gone", schedule(late, "t.gone"));
        await api.publish("s.gone", "no schedule");
        await api.publish("s.due", "due", schedule(due, "t.due"));
        await api.publish("t.short", "x", "NATS/1.0\r\nNats-TTL: 4s\r\n\r\n");
      } else {
        const now = await keptSchedules(directory);
        assertEquals(now["s.late"]?.sequence, 1);
        assertEquals(now["s.old"]?.sequence, 3);
        assertEquals("s.gone" in now, false);
        // Whoever wrote it: it says the same.
        if (kept !== null) assertEquals({ ...kept, ...now }, kept);
        kept ??= now;
      }
      if (i === turns.length - 1) {
        // Both are in the files of messages of other servers only.
        const wait = at.getTime() + 3_000 - Date.now();
        await new Promise((resolve) => setTimeout(resolve, Math.max(wait, 0)));
        const { state } = await api.api("STREAM.INFO.SCHED", {
          subjects_filter: ">",
        });
        assertEquals(Object.keys(state.subjects).sort(), [
          "s.gone",
          "s.late",
          "s.old",
          "t.due",
        ]);
      }
      await api.close();
      await stop(peer);
      assertClean(peer.log());
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

for (const turns of [["go", "ours", "go"], ["ours", "go", "ours"]] as const) {
  capability(`schedules and times to live go from ${turns.join(" to ")}`, {
    positive: ["stores/ttl-schedules", "stores/sched-db", "stores/thw-db"],
  }, () => shareSchedules(turns));
}

/** Keys of the sources that a stream keeps positions of; null: no file. */
async function keptSources(directory: string): Promise<string[] | null> {
  const path = `${directory}/jetstream/${ACCOUNT}/streams/ALL/sources.db`;
  try {
    const { entries } = decodeSources(await Deno.readFile(path));
    return [...entries].map(([key, { sequence }]) => `${key}: ${sequence}`)
      .sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; !await holds(); waited += 20) {
    if (waited > 8_000) throw new Error("it does not hold");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Each turn changes the sources, by another server. */
async function shareSources(
  turns: readonly [Implementation, Implementation],
): Promise<unknown[]> {
  const directory = await Deno.makeTempDir({ prefix: "nats-sources-" });
  const config = (...names: string[]) => ({
    name: "ALL",
    storage: "file",
    retention: "limits",
    sources: names.map((name) => ({ name })),
  });
  const seen: unknown[] = [];
  const turn = async (
    implementation: Implementation,
    use: (api: ApiClient) => Promise<void>,
  ) => {
    await using peer = await start(implementation, directory);
    const api = await ApiClient.connect(peer.port);
    await use(api);
    const { state } = await api.api("STREAM.INFO.ALL");
    await api.close();
    await stop(peer);
    // The Go server says so of its own files, too.
    assertClean(peer.log().replace(/.*Sourcing state is outdated.*/g, ""));
    const { messages, first_seq, last_seq } = state;
    seen.push({ messages, first_seq, last_seq });
    seen.push(await keptSources(directory));
  };
  const has = (api: ApiClient, last: number) => async () => {
    const { state } = await api.api("STREAM.INFO.ALL");
    return state.last_seq === last;
  };
  try {
    await turn(turns[0], async (api) => {
      for (const name of ["ONE", "TWO"]) {
        await api.api(`STREAM.CREATE.${name}`, {
          name,
          subjects: [name],
          storage: "file",
          retention: "limits",
        });
      }
      for (let i = 0; i < 3; i++) await api.publish("ONE", "x");
      await api.publish("TWO", "x");
      await api.api("STREAM.CREATE.ALL", config("ONE", "TWO"));
      await until(has(api, 4));
      await api.api("STREAM.PURGE.ALL");
    });
    await turn(turns[1], async (api) => {
      await api.publish("ONE", "goes on");
      await until(has(api, 5));
      await api.api("STREAM.UPDATE.ALL", config("ONE"));
    });
    await turn(turns[0], async (api) => {
      await api.publish("TWO", "nobody listens");
      await api.publish("ONE", "goes on");
      await until(has(api, 6));
    });
    await turn(turns[1], async (api) => {
      await api.api("STREAM.UPDATE.ALL", config("ONE", "TWO"));
      await api.publish("TWO", "again");
      await until(has(api, 7));
      await api.api("STREAM.UPDATE.ALL", config());
    });
    return seen;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

capability("positions are kept of the sources that there are", {
  positive: ["stores/sources-index", "stores/sources-db"],
  edge: ["stores/sources-index"],
}, async (t) => {
  const theirs = await shareSources(["go", "go"]);
  for (const turns of [["ours", "ours"], ["go", "ours"], ["ours", "go"]]) {
    await t.step(turns.join(" and "), async () => {
      const [first, second] = turns as [Implementation, Implementation];
      assertEquals(await shareSources([first, second]), theirs);
    });
  }
});
