import { assertEquals, assertMatch } from "@std/assert";
import { capability } from "../../../tools/capability.ts";
import { OriginWorld } from "./origin_world.ts";

const HOUR = 3600e9;

capability("mirror - asks its origin for a consumer", {
  positive: [
    "mirror-source/setup-request",
    "mirror-source/consumer-config",
    "mirror-source/subject",
    "mirror-source/headers",
    "mirror-source/reply-inbox",
  ],
}, async () => {
  const world = new OriginWorld("mirror");
  const { subject, reply, headers, config } = await world.asked();
  assertEquals(subject, "$JS.API.CONSUMER.CREATE.O");
  assertMatch(reply, /^\$JSC\.R\.\w{8}$/);
  assertEquals(headers, "NATS/1.0\r\nNats-Required-Api-Level: 4\r\n\r\n");
  const { name, deliver_subject, ...rest } = config;
  assertMatch(String(name), /^JS_MIRROR_\w{8}$/);
  assertMatch(String(deliver_subject), /^\$JS\.M\.\w{8}$/);
  assertEquals(rest, {
    deliver_policy: "all",
    ack_policy: "none",
    ack_wait: 22 * HOUR,
    max_deliver: 1,
    replay_policy: "instant",
    flow_control: true,
    idle_heartbeat: 1e9,
    inactive_threshold: 10e9,
    num_replicas: 0,
    direct: true,
    sourcing: true,
    metadata: { "_nats.mirror.acc": "$G", "_nats.mirror.stream": "C" },
  });
});

capability("source - asks for filters, elsewhere, and tells whom it knows", {
  edge: [
    "mirror-source/setup-request",
    "mirror-source/consumer-config",
    "mirror-source/subject",
    "mirror-source/headers",
  ],
  positive: ["mirror-source/external"],
}, async () => {
  const one = new OriginWorld("source", {
    filter_subject: "o.1",
    external: { api: "far.api", deliver: "far.deliver" },
  });
  const request = await one.asked();
  assertMatch(
    request.subject,
    /^far\.api\.CONSUMER\.CREATE\.O\.JS_SRC_\w{8}\.o\.1$/,
  );
  assertEquals(
    request.headers,
    "NATS/1.0\r\nNats-Required-Api-Level: 5\r\nNats-Stream-Identity: \r\n\r\n",
  );
  assertMatch(
    String(request.config["deliver_subject"]),
    /^far\.deliver\.S\.\w{8}$/,
  );
  const two = new OriginWorld("source", {
    subject_transforms: [{ src: "a", dest: "" }, { src: "b", dest: "" }],
  });
  const { subject, config } = await two.asked();
  assertEquals(subject, "$JS.API.CONSUMER.CREATE.O");
  assertEquals(config["filter_subjects"], ["a", "b"]);
});

capability("link - begins where it is told to, or behind what is there", {
  positive: ["mirror-source/start-position", "mirror-source/success"],
  edge: ["mirror-source/success"],
}, async () => {
  const time = "2025-05-06T07:08:09Z";
  const byTime = new OriginWorld("source", { opt_start_time: time });
  const { config } = await byTime.asked();
  assertEquals(
    [config["deliver_policy"], config["opt_start_time"]],
    ["by_start_time", time],
  );
  const world = new OriginWorld("mirror", { opt_start_seq: 5 });
  const first = await world.asked();
  assertEquals(first.config["opt_start_seq"], 5);
  const deliver = world.accept(first, { delivered: 4 });
  world.send(deliver, [5, 1]);
  assertEquals(world.stored, [[5, "o.5"]]);
  // Silence for too long: it asks again, behind what it has.
  const again = await world.asked(21_000);
  assertEquals(again.config["opt_start_seq"], 6);
});

capability("link - another consumer is asked for when nothing comes any more", {
  positive: ["mirror-source/health"],
  edge: ["mirror-source/health"],
}, async () => {
  const world = new OriginWorld("source");
  const deliver = await world.connect();
  for (let i = 0; i < 4; i++) {
    assertEquals(await world.hear(6000), []);
    world.control(deliver, {});
  }
  assertEquals((await world.hear(21_000)).length, 1);
});

capability("link - failures are told of, and slow it down", {
  positive: [
    "mirror-source/retry-backoff",
    "mirror-source/throttle",
    "mirror-source/timeout",
    "mirror-source/other-error-malformed-reply",
  ],
  edge: [
    "mirror-source/retry-backoff",
    "mirror-source/throttle",
    "mirror-source/other-error-malformed-reply",
    "mirror-source/reply-inbox",
  ],
}, async () => {
  const world = new OriginWorld("source");
  const first = await world.asked();
  world.refuse(first, 10059);
  assertEquals(world.copy.sourceInfos()[0]?.error?.err_code, 10059);
  assertEquals(await world.hear(11_000), []);
  const second = await world.asked(1500);
  assertEquals(second.reply === first.reply, false);
  assertEquals(world.copy.sourceInfos()[0]?.error, null);
  // The first answer comes late and is not listened to.
  world.accept(first);
  assertEquals(world.copy.sourceInfos()[0]?.active, -1);
  world.publish(second.reply, "what");
  assertEquals(world.copy.sourceInfos()[0]?.error, null);
  world.publish(second.reply, "{}");
  assertEquals(world.copy.sourceInfos()[0]?.error?.err_code, 10045);
  assertEquals(await world.hear(20_000), []);
  const third = await world.asked(2500);
  await world.hear(27_000);
  assertEquals(await world.hear(30_000), []);
  const fourth = await world.asked(4000);
  assertEquals(fourth.reply === third.reply, false);
  world.accept(fourth);
  assertEquals(world.copy.sourceInfos()[0]?.active, 0);
});

capability("link - answers that make no sense", {
  positive: ["mirror-source/failures-of-own-setup"],
  edge: ["mirror-source/failures-of-own-setup"],
}, async () => {
  const world = new OriginWorld("mirror");
  const request = await world.asked();
  world.publish(request.reply, "{");
  // Go takes this for JSON with a mistake and goes on waiting.
  assertEquals(world.copy.mirrorInfo()?.error?.err_code, 10025);
  const deliver = world.accept(request);
  world.send(deliver, [1, 1]);
  assertEquals(world.copy.mirrorInfo()?.error, null);
  assertEquals(world.stored, [[1, "o.1"]]);
  const other = new OriginWorld("mirror");
  other.publish((await other.asked()).reply, '{"name":"x"}');
  assertEquals(other.copy.mirrorInfo()?.error?.err_code, 10029);
});

capability("link - asks for less of servers that know less", {
  positive: [
    "mirror-source/level-negotiation",
    "mirror-source/error-10185-10025",
  ],
  edge: ["mirror-source/level-negotiation", "mirror-source/error-10185-10025"],
}, async () => {
  const world = new OriginWorld("source");
  world.refuse(await world.asked(), 10185);
  const second = await world.asked(1);
  assertEquals(
    second.headers,
    "NATS/1.0\r\nNats-Required-Api-Level: 4\r\n\r\n",
  );
  assertEquals(second.config["sourcing"], true);
  world.refuse(second, 10025);
  const third = await world.asked(1);
  assertEquals(third.headers, "");
  assertEquals(third.config["sourcing"], undefined);
  assertMatch(String(third.config["name"]), /^JS_SRC_\w{8}_\w{8}$/);
  world.refuse(third, 10025);
  assertEquals(await world.hear(1000), []);
  const mirror = new OriginWorld("mirror");
  mirror.refuse(await mirror.asked(), 10185);
  const last = await mirror.asked(1);
  assertEquals([last.headers, last.config["sourcing"]], ["", undefined]);
});

capability("source - a stream that was made anew is copied from its start", {
  positive: ["mirror-source/stream-identity", "mirror-source/error-10225"],
  edge: ["mirror-source/stream-identity", "mirror-source/error-10225"],
}, async () => {
  const world = new OriginWorld("source");
  const deliver = await world.connect({ identity: "first" });
  world.send(deliver, [7, 1]);
  world.control(deliver, { "Nats-Last-Consumer": "9" });
  const again = await world.asked(2500);
  assertEquals(again.config["opt_start_seq"], 8);
  assertMatch(again.headers, /Nats-Stream-Identity: first\r\n/);
  world.refuse(again, 10225);
  const anew = await world.asked(2500);
  assertEquals(anew.config["deliver_policy"], "all");
  assertMatch(anew.headers, /Nats-Stream-Identity: \r\n/);
  const other = world.accept(anew, { identity: "second", name: "two" });
  world.send(other, [1, 1], { name: "two" });
  assertEquals(world.stored, [[1, "o.7"], [2, "o.1"]]);
});

capability(
  "link - a consumer of one's own is reset, and must acknowledge by flow",
  {
    positive: [
      "mirror-source/durable-consumer-variant",
      "mirror-source/wrong-ack-policy-on-durable",
    ],
    edge: [
      "mirror-source/durable-consumer-variant",
      "mirror-source/wrong-ack-policy-on-durable",
      "mirror-source/timeout",
    ],
  },
  async () => {
    const consumer = { name: "mine", deliver_subject: "durable.deliver" };
    const world = new OriginWorld("mirror", { consumer });
    const first = await world.asked();
    assertEquals(
      [first.subject, first.headers, first.config],
      ["$JS.API.CONSUMER.RESET.O.mine", "", {}],
    );
    world.accept(first, { ack: "explicit" });
    assertEquals(world.copy.mirrorInfo()?.error?.err_code, 10214);
    const second = await world.asked(12_500);
    // No answer for five seconds is a failure, too.
    assertEquals(await world.hear(24_000), []);
    assertEquals(second.subject, first.subject);
    const third = await world.asked(3000);
    const deliver = world.accept(third, { ack: "flow_control", name: "mine" });
    world.send(deliver, [1, 1], { name: "mine" });
    assertEquals(world.stored, [[1, "o.1"]]);
    const source = new OriginWorld("source", { consumer });
    const reset = await source.asked();
    assertMatch(reset.headers, /Api-Level: 5\r\nNats-Stream-Identity: \r\n/);
    source.accept(reset);
    assertEquals(source.copy.sourceInfos()[0]?.error?.err_code, 10217);
  },
);

capability("link - heartbeats and flow control", {
  positive: [
    "mirror-source/heartbeat-fc",
    "mirror-source/nats-1-0-100-reply",
    "mirror-source/no-reply-nats-consumer-stalled-subj",
    "mirror-source/no-reply-nats-last-consumer-0-and-dseq",
  ],
  edge: [
    "mirror-source/heartbeat-fc",
    "mirror-source/nats-1-0-100-reply",
    "mirror-source/no-reply-nats-consumer-stalled-subj",
    "mirror-source/no-reply-nats-last-consumer-0-and-dseq",
  ],
}, async () => {
  const world = new OriginWorld("source");
  const deliver = await world.connect();
  world.send(deliver, [4, 1]);
  world.seen = [];
  world.control(deliver, {}, "fc.1");
  world.control(deliver, {
    "Nats-Last-Consumer": "1",
    "Nats-Consumer-Stalled": "fc.2",
  });
  const headers =
    "NATS/1.0\r\nNats-Last-Consumer: 1\r\nNats-Last-Stream: 4\r\n\r\n";
  assertEquals(
    world.seen.map((each) => [each.subject, each.headers]),
    [["fc.1", headers], ["fc.2", headers]],
  );
  // Heartbeats that tell nothing, or what is known, change nothing.
  world.control(deliver, {});
  world.control(deliver, { "Nats-Last-Consumer": "0" });
  world.control(deliver, { "Nats-Last-Consumer": "1" });
  assertEquals(await world.hear(3000), []);
  world.control(deliver, { "Nats-Last-Consumer": "2" });
  assertEquals((await world.asked(2500)).config["opt_start_seq"], 5);
});

for (const kind of ["mirror", "source"] as const) {
  capability(`${kind} - answers that do not arrive are told of`, {
    positive: ["mirror-source/no-reply-nats-consumer-stalled-subj"],
    edge: ["mirror-source/no-reply-nats-consumer-stalled-subj"],
  }, async () => {
    const world = new OriginWorld(kind);
    const deliver = await world.connect();
    const stall = (subject: string) =>
      world.control(deliver, {
        "Nats-Last-Consumer": "0",
        "Nats-Consumer-Stalled": subject,
      });
    const told = () => {
      const { copy } = world;
      const info = kind === "mirror"
        ? copy.mirrorInfo()
        : copy.sourceInfos()[0];
      return info?.error?.err_code;
    };
    const warnings = () =>
      world.logger.lines.filter((line) => line.includes("stalled"));
    for (const subject of ["fc.1", "fc.1", "fc.2", "fc.2"]) stall(subject);
    assertEquals(told(), undefined);
    stall("fc.2");
    assertEquals(told(), 10228);
    stall("fc.2");
    assertEquals(warnings(), [
      `warn JetStream stream '$G > C' ${kind} 'O' is stalled on flow control, replies are not reaching the consumer`,
    ]);
    world.control(deliver, { "Nats-Last-Consumer": "0" });
    assertEquals(told(), undefined);
    for (let i = 0; i < 3; i++) stall("fc.3");
    assertEquals([told(), warnings().length], [10228, 2]);
    world.send(deliver, [1, 1]);
    assertEquals(told(), undefined);
  });
}

capability("mirror - what a delivery means", {
  positive: [
    "mirror-source/count-1",
    "mirror-source/sseq-known",
    "mirror-source/sseq-known-1",
    "mirror-source/first-message",
    "mirror-source/gap-dseq-jump",
  ],
  edge: [
    "mirror-source/count-1",
    "mirror-source/sseq-known",
    "mirror-source/sseq-known-1",
    "mirror-source/first-message",
    "mirror-source/gap-dseq-jump",
  ],
}, async () => {
  const world = new OriginWorld("mirror");
  const deliver = await world.connect({ delivered: 9 });
  world.send(deliver, [10, 1], { name: "another" });
  assertEquals(world.stored, []);
  world.send(deliver, [10, 1]);
  world.send(deliver, [11, 2], { count: 2 });
  world.send(deliver, [11, 2]);
  world.send(deliver, [11, 3]);
  world.send(deliver, [12, 4]);
  assertEquals(world.stored, [[10, "o.10"], [11, "o.11"], [12, "o.12"]]);
  world.send(deliver, [14, 6]);
  assertEquals(world.stored.length, 3);
  assertEquals((await world.asked(2500)).config["opt_start_seq"], 13);
  const time = world.copy.store.load(12)?.time;
  assertEquals(time, 1_700_000_000_000_000_012n);
});

capability("source - what a delivery means", {
  positive: [
    "mirror-source/count-1-2",
    "mirror-source/sseq-known-2",
    "mirror-source/dseq-known-1",
    "mirror-source/dseq-known-1-with-known-consumer",
    "mirror-source/dseq-known",
  ],
  edge: [
    "mirror-source/count-1-2",
    "mirror-source/sseq-known-2",
    "mirror-source/dseq-known-1",
    "mirror-source/dseq-known-1-with-known-consumer",
    "mirror-source/dseq-known",
  ],
}, async () => {
  const world = new OriginWorld("source");
  const deliver = await world.connect();
  world.send(deliver, [3, 1]);
  world.send(deliver, [5, 2], { count: 2 });
  world.send(deliver, [3, 2]);
  world.send(deliver, [5, 3]);
  world.send(deliver, [6, 3]);
  assertEquals(world.stored, [[1, "o.3"], [2, "o.5"]]);
  world.send(deliver, [8, 5]);
  assertEquals((await world.asked(2500)).config["opt_start_seq"], 6);
});

capability("link - what can't be stored is asked for again", {
  positive: [
    "mirror-source/other-failure",
    "mirror-source/store-propose-error-errlastseqmismatch",
  ],
  edge: [
    "mirror-source/other-failure",
    "mirror-source/store-propose-error-errlastseqmismatch",
  ],
}, async () => {
  const world = new OriginWorld("source", {}, { max_msgs: 1, discard: "new" });
  const deliver = await world.connect();
  world.send(deliver, [3, 1]);
  world.send(deliver, [4, 2]);
  assertEquals(world.stored, [[1, "o.3"]]);
  world.copy.purge({ filter: "", seq: 0, keep: 0 });
  const again = await world.asked(2500);
  assertEquals(again.config["opt_start_seq"], 4);
  const next = world.accept(again, { name: "two" });
  world.send(next, [4, 1], { name: "two" });
  assertEquals(world.stored, [[2, "o.4"]]);
  const mirror = new OriginWorld("mirror");
  const from = await mirror.connect();
  mirror.send(from, [1, 1]);
  mirror.copy.store.skip(3);
  mirror.send(from, [2, 2]);
  assertEquals((await mirror.asked(2500)).config["opt_start_seq"], 5);
});

capability("link - ends with its stream, and takes its consumer along", {
  positive: ["mirror-source/stop", "mirror-source/deletion-cleanup"],
  edge: ["mirror-source/stop", "mirror-source/deletion-cleanup"],
}, async () => {
  const world = new OriginWorld("source");
  const deliver = await world.connect();
  world.update(world.copy, { sources: [], subjects: ["c"] });
  const [gone] = await world.hear();
  assertMatch(
    gone?.subject ?? "",
    /^\$JS\.API\.CONSUMER\.DELETE\.O\.JS_SRC_\w{8}$/,
  );
  world.send(deliver, [1, 1]);
  assertEquals(world.stored, []);
  const mirror = new OriginWorld("mirror", {
    consumer: { name: "mine", deliver_subject: "d" },
  });
  await mirror.asked();
  mirror.copy.delete();
  assertEquals(await mirror.hear(60_000), []);
});

capability("mirror - a stream of its own in the middle of a request", {
  edge: ["mirror-source/mirror-update"],
}, async () => {
  const world = new OriginWorld("mirror");
  const request = await world.asked();
  world.update(world.copy, { mirror: null, subjects: ["c"] });
  const deliver = world.accept(request);
  world.send(deliver, [1, 1]);
  assertEquals(world.stored, []);
  assertEquals(world.copy.mirrorInfo(), null);
});
