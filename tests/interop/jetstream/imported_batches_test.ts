/** Fast batches of publishers who reach the stream through an import. */

import { assertEquals } from "@std/assert";
import { capability } from "../../tools/capability.ts";
import { type Implementation, startPeer } from "../../tools/oracle.ts";
import { lasting } from "../harness/lasting.ts";
import { Session } from "./session.ts";

const CONFIG = `
host: 127.0.0.1
port: -1
jetstream { store_dir: "{{dir}}", max_mem: 256M, max_file: 256M }
accounts {
  SYS: { users: [{ user: s, password: x }] }
  JS: {
    jetstream: enabled
    users: [{ user: js, password: x }]
    exports: [{ service: "s1.>", response: stream }]
  }
  M: {
    users: [{ user: m, password: x }]
    imports: [{ service: { account: JS, subject: "s1.>" } }]
    exports: [{ service: "s1.>", response: stream }]
  }
  U: {
    users: [{ user: u, password: x }]
    imports: [{ service: { account: M, subject: "s1.>" }, to: "far.>" }]
  }
}
system_account: SYS
`;

async function transcript(implementation: Implementation): Promise<string[]> {
  await using peer = await startPeer(implementation, { config: CONFIG });
  const as = (user: string) => ({ user, pass: "x" });
  const session = await Session.open(peer, 1, as("js"));
  await session.create({ allow_batched: true, no_ack: false });
  for (
    const [user, subject] of [["js", "s1.a"], ["m", "s1.a"], ["u", "far.a"]]
  ) {
    const client = await session.as(as(user ?? ""));
    await client.listen("in", "_INBOX.js.>");
    const part = async (
      sequence: number,
      operation: number | string,
      headers = "",
      id = "b",
    ) => {
      const reply = `_INBOX.js.${id}.2.fail.${sequence}.${operation}.$FI`;
      await client.publish(subject ?? "", `m${sequence}`, { reply, headers });
      await client.quiet("in");
    };
    session.note(`as ${user}`);
    for (let sequence = 1; sequence <= 4; sequence++) {
      await part(sequence, sequence === 1 ? 0 : 1);
    }
    await part(5, 2, "A: b");
    await part(1, 0);
    await part(2, 3);
    // What is wrong, alone.
    await part(2, 1);
    await part(1, "x");
    await part(1, 0, "", "i".repeat(65));
    // What only looks like a part of a batch.
    await client.publish(subject ?? "", "x", {
      reply: "_INBOX.js.plain",
      headers: 'Nats-Request-Info: {"reply":"a.b.2.fail.1.0.$FI"}',
    });
    await client.quiet("in");
    await session.messages();
  }
  await session.api("STREAM.MSG.GET.S1", { seq: 14 });
  session.close();
  return session.transcript;
}

capability("fast batches come through imports", {
  positive: ["streams/fast-batch", "streams/fast-flow"],
  edge: ["streams/fast-batch"],
}, () =>
  lasting(async () => {
    assertEquals(await transcript("ours"), await transcript("go"));
  }));
