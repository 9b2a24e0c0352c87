/** Streams that can't keep up with their publishers say so. */

import { assert, assertEquals } from "@std/assert";
import { capability } from "../../tools/capability.ts";
import { type Implementation, startPeer } from "../../tools/oracle.ts";
import { jetStreamServer } from "../scenarios/jetstream/fixtures.ts";
import { Session } from "./session.ts";

const COUNT = 1000;
const LIMITS = "max_buffered_msgs: 1, max_buffered_size: 1kb";

/** Kinds of answers, and what the log says; how many of each is chance. */
async function flood(
  implementation: Implementation,
  storage: string,
): Promise<string[]> {
  await using peer = await startPeer(
    implementation,
    jetStreamServer("", LIMITS),
  );
  const session = await Session.open(peer, 1);
  await session.create({ storage });
  await session.listen("in");
  const inbox = session.inbox("in");
  await session.send(`PUB s1.a ${inbox} 1\r\nx\r\n`.repeat(COUNT));
  const answers = await session.read("in", COUNT, 5_000);
  assertEquals(answers.length, COUNT);
  const refused = answers.filter(({ headers }) => headers !== "");
  const { state } = await session.done("STREAM.INFO.S1");
  const { messages } = state as { messages: number };
  assert(refused.length > 0 && refused.length < COUNT);
  assertEquals(messages + refused.length, COUNT);
  session.close();
  const complaints = peer.log().match(/\[WRN\] Dropping messages.*/g) ?? [];
  const kinds = answers.map(({ headers, body }) =>
    `${headers}${body.replace(/"seq":[1-9]\d*/, '"seq":1')}`
  );
  return [...new Set([...kinds, ...complaints])].sort();
}

for (const storage of ["memory", "file"]) {
  capability(`more than a stream in ${storage} can take is refused`, {
    positive: ["streams/ingest-limit"],
    edge: ["streams/ingest-limit"],
  }, async () => {
    const theirs = await flood("go", storage);
    assertEquals(await flood("ours", storage), theirs);
  });
}
