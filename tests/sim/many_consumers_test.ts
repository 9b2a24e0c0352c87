/**
 * What is done for each of many consumers, and what may happen meanwhile.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { Crowd } from "./nats/crowd.ts";

const CONSUMERS = 60;
/** What is done in one go leaves others one turn, or two. */
const SERVED_MIN = 6;
/** Turns of the event loop after which something else happens. */
const COMPLAINT = /^(error|fatal|warn (?!Plaintext passwords))/;
const MOMENTS = [1, 2, 4, 8, 16, 24, 32, 48, 64];

async function withCrowd(
  scenario: (crowd: Crowd) => Promise<void>,
): Promise<void> {
  const crowd = new Crowd();
  await crowd.run(async () => {
    await crowd.start();
    await scenario(crowd);
    await crowd.server.shutdown();
  });
  const { lines } = crowd.log;
  assertEquals(lines.filter((line) => COMPLAINT.test(line)), []);
}

/** All of the same age: the first half has got two messages, the first quarter acknowledged one. */
async function use(crowd: Crowd): Promise<void> {
  for (let i = 0; i < CONSUMERS / 2; i++) {
    for (const expected of ["one", "two"]) {
      assertEquals(await crowd.next(`c${i}`), expected);
    }
    if (i < CONSUMERS / 4) crowd.ack(`c${i}`, 1);
  }
}

/** Checks that all consumers are where {@link use} has left them. */
async function checkAll(crowd: Crowd): Promise<void> {
  const { state } = await crowd.member.api("STREAM.INFO.S");
  assertEquals(Object(state).consumer_count, CONSUMERS);
  for (let i = 0; i < CONSUMERS; i++) {
    const { delivered, ack_floor, num_pending } = await crowd.member.api(
      `CONSUMER.INFO.S.c${i}`,
    );
    const reached = i < CONSUMERS / 2 ? 2 : 0;
    const acknowledged = i < CONSUMERS / 4 ? 1 : 0;
    assertEquals(
      [Object(delivered).stream_seq, Object(ack_floor).stream_seq, num_pending],
      [reached, acknowledged, 3 - reached],
      `c${i}`,
    );
  }
}

async function fill(crowd: Crowd, stream: object = {}): Promise<void> {
  await crowd.fill(stream, CONSUMERS);
  for (const text of ["one", "two", "three"]) {
    await crowd.member.ask("s.a", text);
  }
  await use(crowd);
}

/** Does the same with a new crowd at each of the moments. */
async function atEach(
  scenario: (crowd: Crowd, moment: number) => Promise<void>,
): Promise<void> {
  for (const moment of MOMENTS) {
    await withCrowd(async (crowd) => {
      await fill(crowd);
      await scenario(crowd, moment);
    });
  }
}

Deno.test("many consumers - others are served while they come back late", async () => {
  await withCrowd(async (crowd) => {
    await fill(crowd);
    await crowd.reload("off");
    await crowd.rest();
    const served = await crowd.servedDuring(async () => {
      void crowd.reload("on");
      await crowd.member.api("STREAM.INFO.S");
    });
    assert(served >= SERVED_MIN, `${served}`);
    await checkAll(crowd);
  });
});

Deno.test("many consumers - others are served while JetStream is turned off and on", async () => {
  await withCrowd(async (crowd) => {
    await fill(crowd);
    for (const jetstream of ["none", "on"] as const) {
      const served = await crowd.servedDuring(() => crowd.reload(jetstream));
      assert(served >= SERVED_MIN, `${jetstream}: ${served}`);
    }
    await checkAll(crowd);
  });
});

Deno.test("many consumers - others are served while the server stops", async () => {
  await withCrowd(async (crowd) => {
    await fill(crowd);
    const served = await crowd.servedDuring(() => crowd.server.shutdown());
    assert(served >= SERVED_MIN, `${served}`);
    await crowd.start();
    await checkAll(crowd);
  });
});

Deno.test("many consumers - others are served while their account is disabled", async () => {
  await withCrowd(async (crowd) => {
    await fill(crowd);
    await crowd.reload("off");
    const served = await crowd.servedDuring(async () => {
      void crowd.reload("on");
      // It comes back when everything is written.
      while (!crowd.log.lines.some((line) => /Starting restore/.test(line))) {
        await crowd.turns(1);
      }
    });
    assert(served >= SERVED_MIN, `${served}`);
    await checkAll(crowd);
  });
});

Deno.test("many consumers - their account is enabled again while it ends", async () => {
  await atEach(async (crowd, moment) => {
    void crowd.reload("off");
    await crowd.turns(moment);
    await crowd.reload("on");
    await checkAll(crowd);
  });
});

Deno.test("many consumers - their account is disabled and enabled while they come back", async () => {
  await atEach(async (crowd, moment) => {
    await crowd.reload("off");
    await crowd.rest();
    await crowd.reload("on");
    await crowd.turns(moment);
    await crowd.reload("off");
    await crowd.reload("on");
    await checkAll(crowd);
  });
});

Deno.test("many consumers - the server stops while they come back", async () => {
  await atEach(async (crowd, moment) => {
    await crowd.reload("off");
    await crowd.rest();
    await crowd.reload("on");
    await crowd.turns(moment);
    await crowd.server.shutdown();
    await crowd.start();
    await checkAll(crowd);
  });
});

Deno.test("many consumers - the server stops while their account does", async () => {
  await atEach(async (crowd, moment) => {
    await crowd.reload("off");
    await crowd.turns(moment);
    await Promise.all([crowd.server.shutdown(), crowd.server.shutdown()]);
    await crowd.reload("on").catch(() => {});
    await crowd.start();
    await checkAll(crowd);
  });
});

Deno.test("many consumers - JetStream is turned on again while it stops", async () => {
  await atEach(async (crowd, moment) => {
    const off = crowd.reload("none");
    await crowd.turns(moment);
    await Promise.all([off, crowd.reload("on")]);
    await checkAll(crowd);
  });
});

Deno.test("many consumers - the server stops while JetStream is turned off and on", async () => {
  await atEach(async (crowd, moment) => {
    const reloads = [crowd.reload("none"), crowd.reload("on")];
    await crowd.turns(moment);
    await crowd.server.shutdown();
    await Promise.all(reloads);
    const { service } = crowd.server.state.jetstream;
    assertEquals(service, null);
    await crowd.start();
    await checkAll(crowd);
  });
});

Deno.test("many consumers - a stream that is being deleted is gone when the server has stopped", async () => {
  await atEach(async (crowd, moment) => {
    const { service } = crowd.server.state.jetstream;
    void crowd.member.ask("$JS.API.STREAM.DELETE.S");
    while (service?.accounts.get("A")?.streams.has("S")) await crowd.turns(1);
    await crowd.turns(moment);
    await crowd.server.shutdown();
    await crowd.start();
    await assertRejects(
      () => crowd.member.api("STREAM.INFO.S"),
      Error,
      "stream not found",
    );
  });
});

Deno.test("many consumers - their account is purged while it comes or goes", async () => {
  await atEach(async (crowd, moment) => {
    await crowd.reload("off");
    if (moment % 3 === 0) {
      await crowd.rest();
      await crowd.reload("on");
    }
    await crowd.turns(moment);
    const system = await crowd.join("SYS");
    const purged = await system.api("ACCOUNT.PURGE.A");
    assertEquals(purged["initiated"], true);
    await crowd.reload("on");
    const { streams } = await crowd.member.api("STREAM.NAMES");
    assertEquals(streams, null);
  });
});

Deno.test("many consumers - who is not back yet loses nothing by what others acknowledge", async () => {
  const last = CONSUMERS - 1;
  await withCrowd(async (crowd) => {
    // Only the first and the last want it.
    await crowd.fill(
      { retention: "interest" },
      CONSUMERS,
      (i) => i === 0 || i === last ? "s.a" : "s.b",
    );
    await crowd.member.ask("s.a", "one");
    assertEquals(await crowd.next("c0"), "one");
    await crowd.reload("off");
    await crowd.rest();
    await crowd.reload("on");
    const over = { yet: false };
    const back = crowd.member.api("STREAM.INFO.S")
      .finally(() => over.yet = true);
    while (!over.yet) {
      crowd.ack("c0", 1);
      await crowd.turns(1);
    }
    assertEquals(Object((await back)["state"]).messages, 1);
    assertEquals(await crowd.next(`c${last}`), "one");
    crowd.ack(`c${last}`, 1);
    await crowd.rest();
    const { state } = await crowd.member.api("STREAM.INFO.S");
    assertEquals(Object(state).messages, 0);
  });
});

Deno.test("many consumers - who has ended already loses nothing by what others acknowledge", async () => {
  await atEach(async (crowd, moment) => {
    await crowd.member.api("STREAM.UPDATE.S", {
      name: "S",
      subjects: ["s.*"],
      max_consumers: 1000,
      retention: "interest",
    });
    const last = `c${CONSUMERS - 1}`;
    for (let i = 0; i < CONSUMERS - 1; i++) crowd.ack(`c${i}`, 1);
    // What it alone needed may go: all others are asked.
    void crowd.member.ask(`$JS.API.CONSUMER.DELETE.S.c1`);
    await crowd.turns(moment % 4);
    void crowd.reload("off");
    for (let i = 0; i < moment; i++) {
      crowd.ack(`c${CONSUMERS - 2}`, 1);
      await crowd.turns(1);
    }
    await crowd.reload("on");
    const { state } = await crowd.member.api("STREAM.INFO.S");
    assertEquals(Object(state).first_seq, 1);
    assertEquals(await crowd.next(last), "one");
  });
});
