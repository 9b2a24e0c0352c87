import { assertEquals, assertMatch } from "@std/assert";
import { startServer } from "../../../src/mod.ts";
import type { Options } from "../../../src/mod.ts";
import { capability, type Claims } from "../../tools/capability.ts";
import { RawClient } from "../../tools/raw_client.ts";

const QUIET = 'CONNECT {"verbose":false,"pedantic":false}\r\n';

/** A test with a server of its own and as many quiet clients as it names. */
function scenario(
  name: string,
  claims: Claims,
  options: Partial<Options>,
  run: (first: RawClient, second: RawClient) => Promise<void>,
): void {
  capability(name, claims, async () => {
    const server = await startServer({ port: -1, ...options });
    try {
      await using first = await RawClient.connect(server);
      await using second = await RawClient.connect(server);
      await first.send(QUIET);
      await second.send(QUIET);
      await run(first, second);
    } finally {
      await server.shutdown();
    }
  });
}

scenario(
  "messages - reach plain subscribers as MSG, with and without reply",
  {
    positive: [
      "client-protocol/pub",
      "client-protocol/sub",
      "client-protocol/msg",
    ],
  },
  {},
  async (publisher, subscriber) => {
    await subscriber.send("SUB foo.* 7\r\n");
    await subscriber.flush();
    await publisher.send("PUB foo.a 2\r\nhi\r\nPUB foo.b re.ply 0\r\n\r\n");
    await publisher.flush();
    assertEquals(
      await subscriber.flush(),
      "MSG foo.a 7 2\r\nhi\r\nMSG foo.b 7 re.ply 0\r\n\r\n",
    );
  },
);

scenario(
  "messages - headers are kept for those who know them and cut for others",
  {
    positive: [
      "client-protocol/hpub",
      "client-protocol/header-stripping",
      "client-protocol/headers-negotiation",
    ],
    edge: ["client-protocol/msg"],
  },
  {},
  async (modern, old) => {
    await modern.send('CONNECT {"verbose":false,"headers":true}\r\n');
    await modern.send("SUB foo 1\r\n");
    await old.send("SUB foo 2\r\n");
    await old.flush();
    await modern.flush();
    await modern.send("HPUB foo r 12 14\r\nNATS/1.0\r\n\r\nhi\r\n");
    assertEquals(
      await modern.flush(),
      "HMSG foo 1 r 12 14\r\nNATS/1.0\r\n\r\nhi\r\n",
    );
    assertEquals(await old.flush(), "MSG foo 2 r 2\r\nhi\r\n");
  },
);

scenario(
  "HPUB - closes without a word when headers were not negotiated",
  { edge: ["client-protocol/hpub", "client-protocol/headers-negotiation"] },
  {},
  async (client) => {
    await client.send("HPUB foo 12 14\r\nNATS/1.0\r\n\r\nhi\r\n");
    assertEquals(await client.expectEnd(), "");
  },
);

scenario(
  "PUB - a line that can't be read closes without -ERR",
  { edge: ["client-protocol/pub"] },
  {},
  async (client) => {
    await client.send("PUB foo\r\n");
    assertEquals(await client.expectEnd(), "");
  },
);

scenario(
  "queue groups - one member gets each message",
  {
    positive: ["client-protocol/queue-groups"],
    edge: ["client-protocol/queue-groups"],
  },
  {},
  async (first, second) => {
    await first.send("SUB foo q 1\r\nSUB foo.> q 9\r\n");
    await second.send("SUB * q 2\r\nSUB foo other 3\r\n");
    await first.flush();
    await second.flush();
    const messages = 200;
    await first.send("PUB foo 1\r\nx\r\n".repeat(messages));
    const count = (text: string, sid: number) =>
      text.split(`MSG foo ${sid} 1\r\n`).length - 1;
    const atFirst = await first.flush();
    const atSecond = await second.flush();
    assertEquals(count(atFirst, 1) + count(atSecond, 2), messages);
    assertEquals(count(atSecond, 3), messages);
    // The draw is uniform: neither member can have stayed empty-handed.
    assertEquals(count(atFirst, 1) > 20 && count(atSecond, 2) > 20, true);
  },
);

scenario(
  "UNSUB - max counts all deliveries since the SUB",
  {
    positive: ["client-protocol/unsub", "client-protocol/unsub-max"],
    edge: ["client-protocol/unsub", "client-protocol/unsub-max"],
  },
  {},
  async (client) => {
    const publish = (times: number) =>
      client.send("PUB foo 1\r\nx\r\n".repeat(times));
    const messages = async () =>
      (await client.flush()).split("MSG foo").length - 1;
    await client.send("SUB foo 1\r\n");
    await publish(2);
    await client.send("UNSUB 1 5\r\n");
    await publish(9);
    assertEquals(await messages(), 5);
    // The limit has been passed already: gone at once.
    await client.send("SUB foo 2\r\n");
    await publish(3);
    await client.send("UNSUB 2 2\r\n");
    await publish(3);
    assertEquals(await messages(), 3);
    await client.send("UNSUB 99\r\nUNSUB 2 1 1\r\n");
    assertEquals(await client.expectEnd(), "");
  },
);

scenario(
  "SUB - a sid in use keeps its subscription",
  {
    positive: ["client-protocol/duplicate-sid"],
    edge: ["client-protocol/duplicate-sid", "client-protocol/sub"],
  },
  {},
  async (client) => {
    await client.send("SUB foo 1\r\nSUB bar 1\r\n");
    await client.send("PUB bar 1\r\nx\r\nPUB foo 1\r\ny\r\n");
    assertEquals(await client.flush(), "MSG foo 1 1\r\ny\r\n");
  },
);

scenario(
  "SUB - an invalid subject is refused and the connection stays",
  {
    positive: ["client-protocol/invalid-subject-on-sub"],
    edge: ["client-protocol/invalid-subject-on-sub"],
  },
  {},
  async (client) => {
    await client.send("SUB foo..bar 1\r\nSUB foo.>.x 2\r\nSUB foo.* 3\r\n");
    await client.send("PUB foo.a 1\r\nx\r\n");
    assertEquals(
      await client.flush(),
      "-ERR 'Invalid Subject'\r\n".repeat(2) + "MSG foo.a 3 1\r\nx\r\n",
    );
  },
);

scenario(
  "echo - can be turned off for a connection's own messages",
  {
    positive: ["client-protocol/echo-false"],
    edge: ["client-protocol/echo-false"],
  },
  {},
  async (silent, other) => {
    await silent.send(
      'CONNECT {"verbose":false,"echo":false}\r\nSUB foo 1\r\n',
    );
    await other.send("SUB foo 2\r\n");
    await other.flush();
    await silent.send("PUB foo 1\r\nx\r\n");
    assertEquals(await silent.flush(), "");
    assertEquals(await other.flush(), "MSG foo 2 1\r\nx\r\n");
    await other.send("PUB foo 1\r\ny\r\n");
    await other.flush();
    assertEquals(await silent.flush(), "MSG foo 1 1\r\ny\r\n");
  },
);

scenario(
  "no responders - a requestor that waits on a plain subscription is told",
  {
    positive: [
      "client-protocol/503-no-responders",
      "client-protocol/no-responders",
    ],
    edge: ["client-protocol/503-no-responders"],
  },
  {},
  async (client, other) => {
    await client.send(
      'CONNECT {"verbose":false,"headers":true,"no_responders":true}\r\n',
    );
    await client.send("SUB in.* 4\r\nPUB ask in.1 1\r\nx\r\n");
    assertEquals(
      await client.flush(),
      "HMSG in.1 4 35 35\r\nNATS/1.0 503\r\nNats-Subject: ask\r\n\r\n\r\n",
    );
    await client.send("SUB only.* q 5\r\nPUB ask only.1 1\r\nx\r\n");
    assertEquals(await client.flush(), "", "a queue subscription is no wait");
    await other.send("SUB ask 1\r\n");
    await other.flush();
    await client.send("PUB ask in.1 1\r\nx\r\n");
    assertEquals(await client.flush(), "", "somebody listens");
  },
);

scenario(
  "no responders - needs headers",
  { edge: ["client-protocol/no-responders"] },
  {},
  async (client) => {
    await client.send('CONNECT {"verbose":false,"no_responders":true}\r\n');
    assertEquals(
      await client.expectEnd(),
      "-ERR 'no responders requires headers support'\r\n",
    );
  },
);

scenario(
  "max payload - is enforced from the PUB line alone",
  {
    positive: ["client-protocol/max-payload"],
    edge: ["client-protocol/max-payload"],
  },
  { maxPayload: 10, maxPending: 1000 },
  async (client, other) => {
    await client.send("PUB foo 10\r\n0123456789\r\n");
    assertEquals(await client.flush(), "");
    await client.send("PUB foo 11\r\n");
    assertEquals(
      await client.expectEnd(),
      "-ERR 'Maximum Payload Violation'\r\n",
    );
    await other.send('CONNECT {"verbose":false,"headers":true}\r\n');
    await other.send("HPUB foo 4 11\r\n");
    assertEquals(
      await other.expectEnd(),
      "-ERR 'Maximum Payload Violation'\r\n",
    );
  },
);

scenario(
  "verbose - +OK for all but PING, and none for what is denied",
  {
    positive: ["client-protocol/verbose"],
    edge: ["client-protocol/verbose", "client-protocol/reserved-queue-sys"],
  },
  {},
  async (client) => {
    await client.send('CONNECT {"verbose":true}\r\nSUB a 1\r\nPUB b 0\r\n\r\n');
    await client.send("UNSUB 1\r\nUNSUB 77\r\nSUB a _sys_ 2\r\n");
    assertEquals(
      await client.flush(),
      "+OK\r\n".repeat(5) +
        '-ERR \'Permissions Violation for Subscription to "a" using queue "_sys_"\'\r\n',
    );
  },
);

scenario(
  "reserved subjects and replies - are not for clients",
  {
    positive: [
      "client-protocol/reserved-subjects",
      "client-protocol/reserved-replies",
    ],
    edge: [
      "client-protocol/reserved-subjects",
      "client-protocol/reserved-replies",
    ],
  },
  {},
  async (client) => {
    await client.send("SUB > 1\r\n");
    for (const subject of ["_GR_.x", "$GR.x", "$NRG.x"]) {
      await client.send(`PUB ${subject} 0\r\n\r\n`);
      assertEquals(
        await client.flush(),
        `-ERR 'Permissions Violation for Publish to "${subject}"'\r\n`,
      );
    }
    for (const reply of ["_R_.x", "_GR_.x", "$JS.ACK.x"]) {
      await client.send(`PUB foo ${reply} 0\r\n\r\n`);
      assertEquals(
        await client.flush(),
        `-ERR 'Permissions Violation for Publish with Reply of "${reply}"'\r\n`,
      );
    }
    await client.send("PUB _GR_ 0\r\n\r\nPUB foo _GR_. 0\r\n\r\n");
    assertMatch(await client.flush(), /^MSG _GR_ 1 0\r\n\r\nMSG foo 1 _GR_. 0/);
  },
);

scenario(
  "pedantic - complains of a subject that is no literal, and delivers",
  {
    positive: ["client-protocol/pedantic"],
    edge: ["client-protocol/pedantic"],
  },
  {},
  async (client) => {
    await client.send('CONNECT {"verbose":false,"pedantic":true}\r\n');
    await client.send(
      "SUB foo.* 1\r\nPUB foo.* 1\r\nx\r\nPUB foo.a 1\r\ny\r\n",
    );
    assertEquals(
      await client.flush(),
      "-ERR 'Invalid Publish Subject'\r\nMSG foo.* 1 1\r\nx\r\n" +
        "MSG foo.a 1 1\r\ny\r\n",
    );
  },
);
