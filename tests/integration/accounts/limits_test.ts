/** What the limits of an account keep its members from. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { capability } from "../../tools/capability.ts";
import { RawClient } from "../../tools/raw_client.ts";
import { withServer } from "../../tools/started_server.ts";
import { member, ReloadableServer, users } from "./support.ts";

const LIMITED = `accounts {
  A: { ${
  users("a")
}, limits: {max_payload: 10, max_subscriptions: 2, max_connections: 2} }
  B: { ${users("b")} }
}`;

capability(
  "limits - the account's payload limit holds for its members alone",
  { positive: ["accounts/limits"] },
  () =>
    withServer(LIMITED, async (server) => {
      await using a = await member(server, "a");
      await using b = await member(server, "b");
      const eleven = "PUB s 11\r\n12345678901\r\n";
      await b.send(eleven);
      assertEquals(await b.flush(), "");
      await a.send("PUB s 10\r\n1234567890\r\n");
      assertEquals(await a.flush(), "");
      await a.send(eleven);
      assertStringIncludes(
        await a.expectEnd(),
        "-ERR 'Maximum Payload Violation'",
      );
    }),
);

capability(
  "limits - one subscription too many is refused; there is room again after UNSUB",
  { edge: ["accounts/limits"] },
  () =>
    withServer(LIMITED, async (server) => {
      await using a = await member(server, "a");
      await a.send("SUB s1 1\r\nSUB s2 2\r\nSUB s3 3\r\n");
      assertEquals(
        await a.flush(),
        "-ERR 'maximum subscriptions exceeded'\r\n",
      );
      await a.send("UNSUB 1\r\nSUB s3 3\r\nPUB s3 1\r\nx\r\n");
      assertEquals(await a.flush(), "MSG s3 3 1\r\nx\r\n");
    }),
);

capability(
  "limits - shadows of imported streams don't count as subscriptions",
  { edge: ["accounts/limits", "accounts/shadow-subs"] },
  () =>
    withServer(
      `accounts {
        A: { ${
        users("a")
      }, exports: [{stream: "s.*"}], limits: {max_subscriptions: 1} }
        B: { ${
        users("b")
      }, imports: [{stream: {account: A, subject: "s.*"}}], limits: {max_subscriptions: 2} }
      }`,
      async (server) => {
        await using a = await member(server, "a");
        await using b = await member(server, "b");
        await b.send("SUB s.1 1\r\nSUB s.2 2\r\n");
        assertEquals(await b.flush(), "");
        await a.send("SUB own 1\r\nPUB s.1 1\r\nx\r\nPUB s.2 1\r\nx\r\n");
        assertEquals(await a.flush(), "");
        assertEquals(
          await b.flush(),
          "MSG s.1 1 1\r\nx\r\nMSG s.2 2 1\r\nx\r\n",
        );
      },
    ),
);

capability(
  "limits - one connection too many is told so and closed",
  { positive: ["accounts/limits"] },
  () =>
    withServer(LIMITED, async (server) => {
      await using _one = await member(server, "a");
      await using two = await member(server, "a");
      await using third = await RawClient.connect(server);
      const connect = 'CONNECT {"user":"a","pass":"x","verbose":false}\r\n';
      await third.send(connect);
      assertMatch(
        await third.expectEnd(),
        /-ERR 'maximum account active connections exceeded'/,
      );
      await two.close();
      await using fourth = await member(server, "a");
      assertEquals(await fourth.flush(), "");
    }),
);

capability(
  "limits - tighter ones of a reload hold for those who are connected",
  { edge: ["accounts/limits"] },
  async () => {
    await using reloadable = await ReloadableServer.start(LIMITED);
    await using a = await member(reloadable.server, "a");
    await reloadable.reload(
      LIMITED.replace("max_payload: 10", "max_payload: 5"),
    );
    await a.send("PUB s 5\r\n12345\r\n");
    assertEquals(await a.flush(), "");
    await a.send("PUB s 6\r\n123456\r\n");
    assertStringIncludes(
      await a.expectEnd(),
      "-ERR 'Maximum Payload Violation'",
    );
  },
);

capability(
  "limits - a reload with fewer connections closes those that are too many, no more",
  { edge: ["accounts/limits"] },
  async () => {
    await using reloadable = await ReloadableServer.start(LIMITED);
    const { server } = reloadable;
    await using one = await member(server, "a");
    await using two = await member(server, "a");
    await using other = await member(server, "b");
    const fewer = LIMITED.replace("max_connections: 2", "max_connections: 1");
    await reloadable.reload(fewer);
    const answers = await Promise.all(
      [one, two].map((client) =>
        client.flush().catch(() => client.expectEnd())
      ),
    );
    assertEquals(answers.sort(), [
      "",
      "-ERR 'maximum account active connections exceeded'\r\n",
    ]);
    assertEquals(await other.flush(), "");
  },
);
