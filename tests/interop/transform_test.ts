/**
 * Mappings and transforms against the Go server: what it delivers a publish as,
 * and with which words it refuses a mapping.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { SubjectMappings } from "../../src/account/mappings.ts";
import {
  bytesToSubject,
  subjectFromText,
  subjectToBytes,
  subjectToText,
} from "../../src/subject/mod.ts";
import { SeededRandom } from "../sim/ports/random.ts";
import { capability } from "../tools/capability.ts";
import { type Peer, startGoServer } from "../tools/oracle.ts";
import { GO_SERVER, locate } from "../tools/oracle_binaries.ts";

const id = (row: string) => `sublist-and-mapping/${row}`;

/** Destinations for a source of two wildcards, `mN.*.*`, `N` being its place. */
const TWO_WILDCARDS = [
  "out.$1.$2",
  "out.$2.$1",
  "out.$2",
  "$1.$1.$1",
  "out.{{wildcard(2)}}.{{ Wildcard( 1 ) }}",
  "out.$0",
  "out.$x.$",
  "out.a$1",
  "out.{{wildcard(-1)}}",
  "out.$+2",
  "out.{{partition(10)}}",
  "out.{{partition(10,1)}}",
  "out.{{partition(10,1,2)}}",
  "out.{{partition(10,2,1)}}",
  "out.{{ Partition (1000, 1,  2) }}",
  "out.{{partition(0,1)}}",
  "out.{{partition(10,0)}}",
  "out.{{partition(-5,1)}}",
  "out.{{partition(-9999999999,1)}}",
  "out.{{partition(2147483647,1)}}",
  "out.{{split(1,-)}}",
  "out.{{split(1,--)}}",
  "out.{{Split(2, )}}",
  "out.{{split(1,)}}.x",
  "out.{{split(1,ab)}}",
  "out.{{split(1,))}}",
  "out.{{SplitFromLeft(1,3)}}",
  "out.{{splitfromleft(1,0)}}",
  "out.{{splitFromRight(1,2)}}",
  "out.{{SplitFromRight(1,100)}}",
  "out.{{SliceFromLeft(1,3)}}",
  "out.{{sliceFromLeft(2,1)}}",
  "out.{{SliceFromRight(1,3)}}",
  "out.{{slicefromright(1,-1)}}",
  "out.{{left(1,2)}}.{{right(2,2)}}",
  "out.{{Left(1,0)}}",
  "out.{{Right(1,99)}}",
  "out.{{random(1)}}",
  "out.{{random(0)}}.$1",
  "out.{{}}",
  "{{wildcard(1)}}",
  "out.{{x{{left(1,1)}}",
];

const SUBJECTS = [
  "abcdef.x",
  "a-b--c.de",
  "1.22",
  "ab(c)abd.y-z",
  "ünï.日本",
  "*x.>y",
];

/** Further mappings with subjects to publish to; each is on its own. */
const OTHERS: readonly (readonly [string, string, ...string[]])[] = [
  ["lit.a", "out.lit", "lit.a", "lit.b"],
  ["tail.>", "out.tail.>", "tail.a", "tail.a.b.c", "tail"],
  ["all.>", ">", "all.q", "all.q.r"],
  ["mid.*.x.>", "$1.mid.>", "mid.a.x.b.c", "mid.a.y.b"],
  ["wide.*.>", "out.{{partition(7)}}.>", "wide.a.b", "wide.c.d.e"],
  ["same.*", "same.$1", "same.a"],
  ["sp.*", "out.{{\twildcard( 1 )\t}}", "sp.a"],
];

const REFUSED: readonly (readonly [string, string])[] = [
  ["b.*", "x.*"],
  ["b.*", "x.>"],
  ["b.>", "x"],
  ["b", "x..y"],
  ["b", ">.x"],
  ["b", "x y"],
  ["b", "x.$1"],
  ["b", "x.{{wildcard(1)}}"],
  ["b", "x.{{left(1,1)}}"],
  ["b", "x.{{a}}"],
  ["b.*", "x.$2"],
  ["b.*", "x.{{wildcard(2)}}"],
  ["b.>", "x.$1.>"],
  ["b.*", "x.{{wildcard()}}"],
  ["b.*", "x.{{wildcard(1,2)}}"],
  ["b.*", "x.{{wildcard(a)}}"],
  ["b.*", "x.{{nothing(1)}}"],
  ["b.*", "x.{{wildcard5) }}"],
  ["b.*", "x.{{partition()}}"],
  ["b.*", "x.{{partition(x)}}"],
  ["b.*", "x.{{partition(2147483648)}}"],
  ["b.*", "x.{{partition(2,2)}}"],
  ["b.*", "x.{{partition(2,a)}}"],
  ["b.*", "x.{{random()}}"],
  ["b.*", "x.{{random(1,2)}}"],
  ["b.*", "x.{{random(2147483648)}}"],
  ["b.*", "x.{{split(1)}}"],
  ["b.*", "x.{{split(1,a,b)}}"],
  ["b.*", "x.{{split(a,-)}}"],
  ["b.*", "x.{{split(1,a b)}}"],
  ["b.*", "x.{{SplitFromLeft(1)}}"],
  ["b.*", "x.{{SplitFromLeft(1,2,3)}}"],
  ["b.*", "x.{{SliceFromRight(1,x)}}"],
  ["b.*", "x.{{SliceFromRight(3,1)}}"],
  ["b.*", "x.{{left(1,2147483648)}}"],
  ["b.*", "x.{{left(99999999999999999999,1)}}"],
];

function ourMappings(): SubjectMappings {
  return new SubjectMappings({
    random: new SeededRandom(1n),
    seed: 1,
    clusterName: () => "",
  });
}

function configOf(
  mappings: readonly (readonly [string, string, ...string[]])[],
) {
  const lines = mappings.map(([source, destination]) =>
    `  "${source}": "${destination}"`
  );
  return `listen: "127.0.0.1:-1"\nmappings {\n${lines.join("\n")}\n}\n`;
}

/** Publishes to each subject and returns the subjects that come back. */
async function publishAll(
  peer: Peer,
  subjects: readonly string[],
): Promise<string[]> {
  const conn = await Deno.connect({ hostname: peer.host, port: peer.port });
  try {
    const publishes = subjects.map((subject) => `PUB ${subject} 0\r\n\r\n`);
    const commands = `CONNECT {"verbose":false}\r\nSUB > 1\r\n${
      publishes.join("")
    }PING\r\n`;
    let rest = subjectToBytes(commands);
    while (rest.length > 0) rest = rest.subarray(await conn.write(rest));
    let received = "";
    const chunk = new Uint8Array(65536);
    while (!received.endsWith("PONG\r\n")) {
      const size = await conn.read(chunk);
      assert(size !== null, `closed after ${received}`);
      received += bytesToSubject(chunk, 0, size);
    }
    return [...received.matchAll(/^MSG (\S+) 1 0\r$/gm)].map(([, s]) =>
      s ?? ""
    );
  } finally {
    conn.close();
  }
}

capability(
  "published subjects are mapped as by the Go server",
  {
    positive: [
      id("placeholders"),
      id("functions"),
      id("partition"),
      id("split"),
      id("splitfromleft-right"),
      id("slicefromleft-right"),
      id("left-right"),
      id("rule"),
    ],
    edge: [id("placeholders"), id("functions"), id("partition"), id("random")],
  },
  async () => {
    const table: (readonly [string, string, ...string[]])[] = [...OTHERS];
    for (const [i, destination] of TWO_WILDCARDS.entries()) {
      const subjects = SUBJECTS.map((subject) => `m${i}.${subject}`);
      table.push([`m${i}.*.*`, destination, ...subjects]);
    }
    const ours = ourMappings();
    const published: string[] = [];
    const origins: string[] = [];
    for (const [source, destination, ...subjects] of table) {
      const subject = subjectFromText(destination);
      ours.add(subjectFromText(source), [{
        subject,
        weight: 100,
        cluster: "",
      }]);
      for (const subject of subjects) {
        published.push(subjectFromText(subject));
        origins.push(`${subject} by ${source} -> ${destination}`);
      }
    }
    await using peer = await startGoServer({ config: configOf(table) });
    const received = await publishAll(peer, published);
    assertEquals(received.length, published.length);
    for (const [i, subject] of published.entries()) {
      const mapped = ours.mapSubject(subject) ?? subject;
      const expected = received[i] ?? "";
      assertEquals(subjectToText(mapped), subjectToText(expected), origins[i]);
    }
  },
);

capability(
  "mappings are refused with the words of the Go server",
  {
    positive: [id("errors")],
    edge: [id("errors"), id("functions"), id("rule")],
  },
  async () => {
    // One source each: the table of the configuration has them as its keys.
    const table = REFUSED.map(([source, destination], i) =>
      [`e${i}.${source}`, destination] as const
    );
    const file = await Deno.makeTempFile({ suffix: ".conf" });
    try {
      await Deno.writeTextFile(file, configOf(table));
      const command = new Deno.Command(await locate(GO_SERVER), {
        args: ["-t", "-c", file],
      });
      const { code, stdout, stderr } = await command.output();
      assertEquals(code, 1);
      const decoder = new TextDecoder();
      const said = decoder.decode(stderr) + decoder.decode(stdout);
      const ours = ourMappings();
      for (const [source, subject] of table) {
        let refusal = "accepted";
        try {
          ours.add(source, [{ subject, weight: 100, cluster: "" }]);
        } catch (error) {
          refusal = error instanceof Error ? error.message : String(error);
        }
        const quoted = JSON.stringify(subject);
        assertStringIncludes(
          said,
          `Error adding mapping for "${source}" to ${quoted} : ${refusal}\n`,
        );
      }
    } finally {
      await Deno.remove(file);
    }
  },
);

capability(
  "weights lose and keep messages in the proportions of the Go server",
  {
    positive: [id("weighted"), id("cluster-specific")],
    edge: [id("weighted"), id("cluster-specific")],
  },
  async () => {
    const targets = {
      part: [["a", 30, ""], ["b", 20, ""]],
      loss: [["loss", 40, ""], ["c", 30, ""]],
      here: [["d", 100, ""], ["e", 50, "HERE"]],
      away: [["f", 100, "AWAY"]],
      gone: [["gone", 50, "AWAY"]],
    } as const;
    const tables = Object.entries(targets).map(([source, list]) => {
      const maps = list.map(([dest, weight, cluster]) =>
        `{dest: ${dest}, weight: ${weight}%, cluster: "${cluster}"}`
      );
      return `  ${source}: [${maps.join(", ")}]`;
    });
    const config = `listen: "127.0.0.1:-1"\ncluster {name: HERE, ` +
      `listen: "127.0.0.1:-1"}\nmappings {\n${tables.join("\n")}\n}\n`;
    const ours = new SubjectMappings({
      random: new SeededRandom(5n),
      seed: 1,
      clusterName: () => "HERE",
    });
    for (const [source, list] of Object.entries(targets)) {
      ours.add(
        source,
        list.map(([subject, weight, cluster]) => ({
          subject,
          weight,
          cluster,
        })),
      );
    }
    await using peer = await startGoServer({ config });
    const runs = 2000;
    for (const source of Object.keys(targets)) {
      const subjects = new Array<string>(runs).fill(source);
      const theirs = countsOf(await publishAll(peer, subjects));
      const mapped = subjects.map((subject) => ours.mapSubject(subject) ?? "?");
      const own = countsOf(mapped.filter((subject) => subject !== ""));
      assertEquals([...own.keys()].sort(), [...theirs.keys()].sort(), source);
      for (const [subject, count] of theirs) {
        // Six standard deviations of a fair draw.
        const off = Math.abs(count - (own.get(subject) ?? 0));
        assert(
          off < 6 * Math.sqrt(runs / 2),
          `${source} -> ${subject}: ${off}`,
        );
      }
    }
  },
);

function countsOf(subjects: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const subject of subjects) {
    counts.set(subject, (counts.get(subject) ?? 0) + 1);
  }
  return counts;
}
