/** Services across accounts, through a whole server. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { ConfigurationError } from "../../../src/config/mod.ts";
import { capability } from "../../tools/capability.ts";
import { RawClient } from "../../tools/raw_client.ts";
import { withServer } from "../../tools/started_server.ts";
import { member, ReloadableServer, replyOf, users } from "./support.ts";

const SERVED = `accounts {
  A: { ${users("a")}, exports: [{service: svc}, {stream: "s.>"}] }
  B: { ${users("b")}, imports: [
    {service: {account: A, subject: svc}}
    {stream: {account: A, subject: "s.>"}}
  ] }
  C: { ${users("c")} }
}`;

capability(
  "service import - many requests in one go all get their own answers",
  {
    positive: ["accounts/reply-rewrite", "accounts/response-types"],
    edge: ["accounts/queue-responders"],
  },
  () =>
    withServer(SERVED, async (server) => {
      await using a = await member(server, "a");
      await using b = await member(server, "b");
      await a.send("SUB svc workers 1\r\nSUB svc workers 2\r\n");
      await a.flush();
      const requests = Array.from(
        { length: 500 },
        (_, i) => `PUB svc in.${i} 1\r\nx\r\n`,
      );
      await b.send("SUB in.* 1\r\n" + requests.join(""));
      await b.flush();
      const replies = (await a.flush()).match(/_R_\.\w{6}\.\w{6}/g) ?? [];
      assertEquals(new Set(replies).size, 500);
      const answers = replies.map((reply, i) =>
        `PUB ${reply} ${String(i).length}\r\n${i}\r\n`
      );
      await a.send(answers.join(""));
      await a.flush();
      const got = [
        ...(await b.flush()).matchAll(/MSG in\.(\d+) 1 \d+\r\n(\d+)/g),
      ];
      assertEquals(got.length, 500);
      assert(got.every(([, request, answer]) => request === answer));
    }),
);

capability(
  "service import - nobody gets at an answer by guessing",
  { edge: ["accounts/isolation", "accounts/reply-rewrite"] },
  () =>
    withServer(SERVED, async (server) => {
      await using a = await member(server, "a");
      await using b = await member(server, "b");
      await using c = await member(server, "c");
      await a.send("SUB svc 1\r\n");
      await a.flush();
      await c.send("SUB > 1\r\nSUB _R_.> 2\r\n");
      await c.flush();
      await b.send("SUB in 1\r\nPUB svc in 3\r\nask\r\n");
      assertEquals(await b.flush(), "");
      const reply = replyOf(await a.flush());
      assertMatch(reply, /^_R_\.\w{6}\.\w{6}$/);
      // The very subject, from other accounts, plain and as a wildcard.
      const [prefix] = reply.match(/^_R_\.\w{6}/) ?? [];
      for (const subject of [reply, `${prefix}.*`, `${prefix}.>`, "_R_.>"]) {
        await c.send(`PUB ${subject} 6\r\nforged\r\n`);
        await b.send(`PUB ${subject} 6\r\nforged\r\n`);
        await a.send(subject === reply ? "" : `PUB ${subject} 4\r\nwild\r\n`);
      }
      await c.flush();
      await a.flush();
      assertEquals(await b.flush(), "");
      await a.send(`PUB ${reply} 7\r\ngenuine\r\n`);
      await a.flush();
      assertEquals(await b.flush(), "MSG in 1 7\r\ngenuine\r\n");
      assertEquals(
        (await c.flush()).includes("genuine"),
        false,
        "C sees only what it published",
      );
    }),
);

capability(
  "service import - two accounts have different reply prefixes",
  { edge: ["accounts/reply-rewrite"] },
  () =>
    withServer(
      `accounts {
        A: { ${users("a")}, exports: [{service: svc}] }
        D: { ${users("d")}, exports: [{service: svc}] }
        B: { ${users("b")}, imports: [
          {service: {account: A, subject: svc}}
          {service: {account: D, subject: svc}}
        ] }
      }`,
      async (server) => {
        await using a = await member(server, "a");
        await using d = await member(server, "d");
        await using b = await member(server, "b");
        await a.send("SUB svc 1\r\n");
        await d.send("SUB svc 1\r\n");
        await a.flush();
        await d.flush();
        await b.send("SUB in 1\r\nPUB svc in 3\r\nask\r\n");
        await b.flush();
        const [one, other] = [
          replyOf(await a.flush()),
          replyOf(await d.flush()),
        ];
        assertNotEquals(one.slice(0, 10), other.slice(0, 10));
        await d.send(`PUB ${one} 6\r\nforged\r\n`);
        await d.flush();
        assertEquals(await b.flush(), "");
      },
    ),
);

capability(
  "service import - a client that never said CONNECT is asked for its round-trip time",
  { positive: ["accounts/rtt-capture"], edge: ["accounts/rtt-capture"] },
  () =>
    withServer(
      `accounts {
        A: { ${
        users("a")
      }, exports: [{service: svc, latency: lat}, {service: plain}] }
        B: { ${users("b")}, imports: [
          {service: {account: A, subject: svc}}
          {service: {account: A, subject: plain}}
        ] }
      }
      no_auth_user: b`,
      async (server) => {
        await using a = await member(server, "a");
        await a.send("SUB * 1\r\n");
        await a.flush();
        await using silent = await RawClient.connect(server);
        await silent.flush();
        await silent.send("SUB in 1\r\nPUB plain in 1\r\nx\r\n");
        assertEquals((await silent.roundTrip()).includes("PING"), false);
        await silent.send("PUB svc in 1\r\nx\r\n");
        assertStringIncludes(await silent.roundTrip(), "PING\r\n");
        await silent.send("PONG\r\nPUB svc in 1\r\nx\r\n");
        assertEquals((await silent.roundTrip()).includes("PING"), false);
        assertMatch(
          await a.flush(),
          /Nats-Request-Info: \{"acc":"B","rtt":\d+\}/,
        );
      },
    ),
);

capability(
  "start - imports that are not exported, circles and duplicates are refused",
  {
    edge: [
      "accounts/config",
      "accounts/config-2",
      "accounts/cycles",
      "accounts/duplicate",
      "accounts/errors",
    ],
  },
  async () => {
    const cases: [string, string][] = [
      [
        "A: {}, B: { imports: [{stream: {account: A, subject: s}}] }",
        'Error adding stream import "s": stream import not authorized',
      ],
      [
        "A: { exports: [{service: s, accounts: [C]}] }, C: {}, B: { imports: [{service: {account: A, subject: s}}] }",
        'Error adding service import "s": service import not authorized',
      ],
      [
        "A: { exports: [{stream: 's.*'}] }, B: { imports: [{stream: {account: A, subject: 's.>'}}] }",
        'Error adding stream import "s.>": stream import not authorized',
      ],
      [
        "A: { exports: [{stream: s}] }, B: { imports: [{stream: {account: A, subject: s}}, {stream: {account: A, subject: s}, to: t}] }",
        "stream import already exists",
      ],
      [
        "A: { exports: [{service: s}, {service: t}] }, B: { imports: [{service: {account: A, subject: s}}, {service: {account: A, subject: t}, to: s}] }",
        'previously used in import for account "A", subject "s"',
      ],
      [
        "A: { exports: [{service: x}], imports: [{service: {account: B, subject: x}}] }, B: { exports: [{service: x}], imports: [{service: {account: A, subject: x}}] }",
        "import forms a cycle",
      ],
      [
        "A: { exports: [{stream: s, accounts: [NOBODY]}] }",
        '"NOBODY" account not defined for stream export',
      ],
      [
        "A: { exports: [{stream: 's.*'}] }, B: { imports: [{stream: {account: A, subject: 's.*'}, prefix: 'p.*'}] }",
        "stream import prefix can not contain wildcard tokens",
      ],
    ];
    for (const [accounts, message] of cases) {
      await assertRejects(
        () => withServer(`accounts { ${accounts} }`, () => Promise.resolve()),
        ConfigurationError,
        message,
      );
    }
  },
);

capability(
  "reload - a configuration that can't be leaves imports as they are",
  {
    edge: ["accounts/update-removal", "accounts/cleanup"],
    positive: ["accounts/update-removal"],
  },
  async () => {
    await using reloadable = await ReloadableServer.start(SERVED);
    const { server } = reloadable;
    await using a = await member(server, "a");
    await using b = await member(server, "b");
    await a.send("SUB svc 1\r\n");
    await b.send("SUB > 9\r\n");
    await a.flush();
    await b.flush();
    const before = server.state.accounts.get("B");
    await assertRejects(
      () => reloadable.reload(SERVED.replace("{service: svc}, ", "")),
      Error,
      "service import not authorized",
    );
    await a.send("PUB s.1 1\r\nx\r\n");
    await a.flush();
    assertEquals(await b.flush(), "MSG s.1 9 1\r\nx\r\n");
    await reloadable.reload(
      SERVED.replace('subject: "s.>"}}', 'subject: "s.>"}, prefix: new}'),
    );
    assertEquals(server.state.accounts.get("B"), before);
    await a.send("PUB s.2 1\r\nx\r\n");
    await a.flush();
    assertEquals(await b.flush(), "MSG new.s.2 9 1\r\nx\r\n");
    await b.send("PUB svc in.1 3\r\nask\r\n");
    await b.flush();
    assertStringIncludes(await a.flush(), "ask");
  },
);

capability(
  "reload - an account that goes takes what it imported along",
  { edge: ["accounts/cleanup", "accounts/isolation"] },
  async () => {
    await using reloadable = await ReloadableServer.start(SERVED);
    const { server } = reloadable;
    await using a = await member(server, "a");
    await using b = await member(server, "b");
    await b.send("SUB s.> 9\r\n");
    await b.flush();
    const exporter = server.state.accounts.get("A");
    const shadows = () =>
      exporter?.subscriptions.filter(({ subject }) => subject === "s.>").length;
    assertEquals(shadows(), 1);
    await reloadable.reload(
      `accounts { A: { ${users("a")}, exports: [{stream: "s.>"}] } }`,
    );
    await b.expectEnd();
    assertEquals(shadows(), 0);
    await a.send("SUB in 1\r\nPUB s.1 in 1\r\nx\r\n");
    assertStringIncludes(await a.flush(), "503");
  },
);
