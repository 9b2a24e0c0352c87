import { assert, assertEquals, assertMatch } from "@std/assert";
import { capability } from "../../tools/capability.ts";
import { type Member, World } from "./world.ts";

/** A asks for nothing, B uses its services. */
function pair(exports: string, imports: string) {
  const world = new World(`accounts {
    A: { exports: [${exports}] }
    B: { imports: [${imports}] }
  }`);
  return { world, a: world.join("A"), b: world.join("B") };
}

const SVC = "{service: {account: A, subject: svc}}";

/** Everything that waits for responses: subscriptions and reverse entries. */
function waiting({ account }: Member): number {
  return account.awaited?.replies.size ?? 0;
}

capability(
  "Exchange - forgets a singleton with its answer",
  {
    positive: ["accounts/response-types", "accounts/reply-rewrite"],
    edge: ["accounts/reverse-map-cleanup"],
  },
  () => {
    const { a, b } = pair("{service: svc}", SVC);
    a.subscribe("svc");
    b.subscribe("in");
    assert(b.publish("svc", "in", "ask"));
    assertMatch(a.reply, /^_R_\.[0-9A-Za-z]{6}\.[0-9A-Za-z]{6}$/);
    assertEquals(waiting(b), 1);
    a.publish(a.reply, "", "first");
    a.publish(a.reply, "", "second");
    assertEquals(b.seen.map(({ body }) => body), ["first"]);
    assertEquals(waiting(b), 0);
  },
);

capability(
  "Exchange - reply subjects can't be told from those before",
  { edge: ["accounts/reply-rewrite"] },
  () => {
    const { a, b } = pair("{service: svc}", SVC);
    a.subscribe("svc");
    b.subscribe("in");
    const prefixes = new Set<string>();
    const replies = new Set<string>();
    const letters = new Set<string>();
    for (let i = 0; i < 2000; i++) {
      b.publish("svc", "in");
      const [, prefix = "", own = ""] = a.reply.split(".");
      prefixes.add(prefix);
      replies.add(own);
      letters.add(own.charAt(0));
    }
    assertEquals(prefixes.size, 1);
    assertEquals(replies.size, 2000);
    assertEquals(letters.size, 62);
    const other = pair("{service: svc}", SVC);
    other.a.subscribe("svc");
    other.b.publish("svc", "in");
    assertEquals(replies.has(other.a.reply.split(".")[2] ?? ""), true);
  },
);

capability(
  "Exchange - an unanswered request is forgotten after the export's threshold",
  {
    positive: ["accounts/response-threshold"],
    edge: ["accounts/response-threshold"],
  },
  async () => {
    const { world, a, b } = pair("{service: svc, threshold: '1s'}", SVC);
    a.subscribe("svc");
    b.subscribe("in");
    b.publish("svc", "in");
    await world.pass(600);
    b.publish("svc", "in");
    await world.pass(500);
    assertEquals(waiting(b), 1);
    a.publish(a.reply, "", "in time");
    assertEquals(b.seen.length, 1);
    b.publish("svc", "in");
    await world.pass(2000);
    assertEquals(waiting(b), 0);
    a.publish(a.reply, "", "too late");
    assertEquals(b.seen.length, 1);
    assertEquals(world.idleFor, Infinity);
  },
);

capability(
  "Exchange - the default threshold is two minutes",
  { positive: ["accounts/response-threshold"] },
  async () => {
    const { world, a, b } = pair("{service: svc}", SVC);
    a.subscribe("svc");
    b.subscribe("in");
    b.publish("svc", "in");
    await world.pass(119_990);
    assertEquals(waiting(b), 1);
    await world.pass(20);
    assertEquals(waiting(b), 0);
  },
);

capability(
  "Exchange - every part of a stream begins its wait anew; the empty one ends it",
  { positive: ["accounts/response-types"] },
  async () => {
    const { world, a, b } = pair(
      "{service: svc, response: stream, threshold: '1s'}",
      SVC,
    );
    a.subscribe("svc");
    b.subscribe("in");
    b.publish("svc", "in");
    for (let i = 0; i < 5; i++) {
      await world.pass(800);
      a.publish(a.reply, "", `part ${i}`);
    }
    assertEquals(b.seen.length, 5);
    a.publish(a.reply, "", "");
    assertEquals(waiting(b), 0);
    a.publish(a.reply, "", "more");
    assertEquals(b.seen.length, 6);
  },
);

capability(
  "Exchange - a stream whose requestor is gone ends at once",
  { edge: ["accounts/response-types", "accounts/reverse-map-cleanup"] },
  () => {
    const { a, b } = pair("{service: svc, response: stream}", SVC);
    a.subscribe("svc");
    const inbox = b.subscribe("in.*");
    b.publish("svc", "in.1");
    b.publish("svc", "in.2");
    assertEquals(waiting(b), 2);
    b.account.unsubscribeAll([inbox]);
    assertEquals(waiting(b), 0);
  },
);

capability(
  "Exchange - without delivery nothing is kept",
  { positive: ["accounts/no-responders-through-imports"] },
  () => {
    const { world, b } = pair("{service: svc}", SVC);
    b.subscribe("in");
    assertEquals(b.publish("svc", "in"), false);
    assertEquals(waiting(b), 0);
    assertEquals(world.context.counters.messagesOut, 0);
  },
);

capability(
  "Exchange - counts a message where it is delivered, once",
  { edge: ["accounts/chaining"], positive: ["accounts/chaining"] },
  () => {
    const world = new World(`accounts {
      A: { exports: [{service: a}] }
      B: { exports: [{service: b}], imports: [{service: {account: A, subject: a}, to: b}] }
      C: { imports: [{service: {account: B, subject: b}, to: c}] }
    }`);
    const [a, b, c] = [world.join("A"), world.join("B"), world.join("C")];
    a.subscribe("a");
    b.subscribe("b");
    c.subscribe("in");
    assert(c.publish("c", "in", "ask"));
    assertEquals([a, b, c].map(({ subjects }) => subjects), [["a"], ["b"], []]);
    const sent = () =>
      [a, b, c].map(({ account }) => account.sent.messages).join();
    assertEquals(sent(), "1,1,0");
    a.publish(a.reply, "", "answer");
    assertEquals(c.subjects, ["in"]);
    assertEquals(sent(), "1,1,1");
    assertEquals(world.context.counters.messagesOut, 3);
    assertEquals([a, b, c].map(({ account }) => account.unsent), [0, 0, 0]);
    assertEquals([a, b, c].map(waiting), [0, 0, 0]);
  },
);

capability(
  "Exchange - tells the service by way of whom a request came",
  { edge: ["accounts/clientinfo-json", "accounts/client-info-header"] },
  () => {
    const world = new World(`accounts {
      A: { exports: [{service: a}] }
      B: { exports: [{service: b}], imports: [{service: {account: A, subject: a}, to: b, share: true}] }
      C: { imports: [{service: {account: B, subject: b}, to: c}] }
    }`);
    const [a, c] = [world.join("A"), world.join("C")];
    a.subscribe("a");
    c.publish("c", "", "ask");
    assertEquals(
      a.seen[0]?.body,
      "NATS/1.0\r\nNats-Request-Info: " +
        '{"acc":"C","svc":"B","rtt":1000000,"server":"S"}\r\n\r\nask',
    );
  },
);

capability(
  "Exchange - an answer that matches the import is no new request",
  { edge: ["accounts/chaining", "accounts/cycles"] },
  () => {
    const { a, b } = pair(
      "{service: '>'}",
      "{service: {account: A, subject: '>'}}",
    );
    a.subscribe(">");
    b.subscribe("in");
    assert(b.publish("any", "in", "ask"));
    assertEquals(a.subjects, ["any"]);
    a.publish(a.reply, "", "answer");
    assertEquals(b.subjects, ["in"]);
    assertEquals(a.subjects.filter((subject) => subject === "in"), []);
  },
);

capability(
  "Exchange - an import of everything gives no access to reply subjects",
  { edge: ["accounts/isolation", "accounts/reply-rewrite"] },
  () => {
    const world = new World(`accounts {
      A: { exports: [{service: '>'}, {service: svc}] }
      B: { imports: [{service: {account: A, subject: svc}}] }
      C: { imports: [{service: {account: A, subject: '>'}}] }
    }`);
    const [a, b, c] = [world.join("A"), world.join("B"), world.join("C")];
    a.subscribe("svc");
    b.subscribe("in");
    b.publish("svc", "in");
    assertEquals(c.publish(a.reply, "", "forged"), false);
    assertEquals(b.seen, []);
    a.publish(a.reply, "", "genuine");
    assertEquals(b.seen.map(({ body }) => body), ["genuine"]);
  },
);

capability(
  "Exchange - answers come while imports are replaced",
  { edge: ["accounts/update-removal"] },
  () => {
    const { world, a, b } = pair("{service: svc}", SVC);
    a.subscribe("svc");
    b.subscribe("in");
    b.publish("svc", "in");
    world.configure(`accounts {
      A: { exports: [{service: svc}] }
      B: { imports: [{service: {account: A, subject: svc}, to: renamed}] }
    }`);
    a.publish(a.reply, "", "late");
    assertEquals(b.subjects, ["in"]);
    assertEquals(b.publish("svc", "in"), false);
    assert(b.publish("renamed", "in"));
    world.configure("accounts { A: { exports: [{service: svc}] }, B: {} }");
    assertEquals(b.publish("renamed", "in"), false);
  },
);

capability(
  "Exchange - an account that is gone answers and asks no more",
  { edge: ["accounts/isolation", "accounts/update-removal"] },
  async () => {
    const { world, a, b } = pair("{service: svc, threshold: '1s'}", SVC);
    a.subscribe("svc");
    b.subscribe("in");
    b.publish("svc", "in");
    world.configure("accounts { A: { exports: [{service: svc}] } }");
    assertEquals(b.publish("svc", "in"), false);
    assertEquals(world.accounts.get("B"), null);
    world.configure("accounts { C: {} }");
    assertEquals(a.publish("svc"), true, "its members among themselves");
    await world.pass(5000);
    assertEquals(world.idleFor, Infinity);
  },
);

capability(
  "Exchange - reports latency in the account of the service",
  { positive: ["accounts/event"], edge: ["accounts/sharing"] },
  async () => {
    const { world, a, b } = pair("{service: svc, latency: lat}", SVC);
    a.subscribe("svc");
    const watcher = world.join("A");
    watcher.subscribe("lat");
    b.subscribe("in");
    b.publish("svc", "in");
    assertMatch(a.reply, /^_R_\.\w{6}\.\w{6}\.\w{8}\.T$/);
    await world.pass(25);
    a.publish(a.reply, "", "answer");
    await world.pass(1);
    const report = JSON.parse(watcher.seen[0]?.body ?? "");
    assertEquals(report.type, "io.nats.server.metric.v1.service_latency");
    assertEquals(report.id.length, 22);
    assertEquals(report.status, 200);
    assertEquals(report.requestor, { acc: "B", rtt: 1_000_000 });
    assertEquals(report.responder.user, "somebody");
    // 25 ms, of which the responder's round trip is not its doing.
    assertEquals(report.service, 24_000_000);
    assertEquals(report.total, 26_000_000);
    assertEquals(report.start, "2025-12-31T23:59:59.999Z");
    assertEquals(report.timestamp, "2026-01-01T00:00:00.025Z");
  },
);
