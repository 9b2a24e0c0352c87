/** The simulated ports do what the fault model says they do. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { DiskError, TransportError } from "../../src/runtime/ports.ts";
import { CALM, type OptionOverrides } from "./options.ts";
import { SeededRandom } from "./ports/random.ts";
import { Simulation } from "./simulation.ts";
import { readAll, writeAll } from "./streams.ts";

function calm(overrides: OptionOverrides = {}): Simulation {
  return new Simulation(1, {
    network: { ...CALM.network, ...overrides.network },
    disk: { ...CALM.disk, ...overrides.disk },
    clock: { ...CALM.clock, ...overrides.clock },
  });
}

/** A server and a client host with one connection between them. */
async function connected(simulation: Simulation) {
  const server = simulation.host("server");
  const client = simulation.host("client");
  const listener = server.runtime.network.listen({ host: "::", port: 4222 });
  const [accepted, dialled] = await Promise.all([
    listener.accept(),
    client.runtime.network.connect({ host: "server", port: 4222 }),
  ]);
  return { server, client, listener, accepted, dialled };
}

function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(() => "none", (error: unknown) => {
    assert(error instanceof TransportError);
    return error.code;
  });
}

Deno.test("SeededRandom - the reference vectors of PCG32", () => {
  const random = new SeededRandom(42n, 54n);
  const drawn = Array.from({ length: 6 }, () => random.next().toString(16));
  assertEquals(drawn, [
    "a15c02b7",
    "7b47f409",
    "ba1d3330",
    "83d2f293",
    "bfa4784b",
    "cbed606e",
  ]);
});

Deno.test("Timers - fire in order of time, then of creation", async () => {
  const simulation = calm();
  const { timers } = simulation.host("a").runtime;
  const fired: string[] = [];
  timers.after(5, () => fired.push(`late ${simulation.now}`));
  timers.after(1, () => fired.push("first"));
  timers.after(1, () => fired.push("second"));
  timers.after(2, () => fired.push("cancelled")).cancel();
  const ticking = timers.every(2, () => fired.push("tick"));
  await simulation.runUntil(4.5);
  ticking.cancel();
  await simulation.runFor(100);
  assertEquals(fired, ["first", "second", "tick", "tick", "late 5"]);
});

Deno.test("Timers - reactions of one event come before the next event", async () => {
  const simulation = calm();
  const { timers } = simulation.host("a").runtime;
  const seen: string[] = [];
  const deep = async () => {
    for (let depth = 0; depth < 50; depth++) await Promise.resolve();
    seen.push("reaction");
  };
  timers.after(1, () => void deep());
  timers.after(1, () => seen.push("next"));
  await simulation.runFor(2);
  assertEquals(seen, ["reaction", "next"]);
});

Deno.test("Simulation - tells a deadlock from a scenario that is stuck", async () => {
  await assertRejects(
    () => calm().run(() => new Promise(() => {})),
    Error,
    "Deadlock",
  );
  const busy = calm();
  busy.host("a").runtime.timers.every(1000, () => {});
  await assertRejects(
    () => busy.run(() => new Promise(() => {}), 10_000),
    Error,
    "did not end within 10000 ms",
  );
});

Deno.test("Simulation - what a process fails to handle fails the run", async () => {
  const rejecting = calm();
  rejecting.host("a").runtime.timers.after(1, () => {
    void Promise.reject(new Error("lost"));
  });
  await assertRejects(
    () => rejecting.run(() => rejecting.sleep(10)),
    Error,
    "A rejection was not handled: Error: lost",
  );
  const throwing = calm();
  throwing.host("a").runtime.timers.after(1, () => {
    throw new Error("thrown");
  });
  await assertRejects(
    () => throwing.run(() => throwing.sleep(10)),
    Error,
    "thrown",
  );
});

Deno.test("Network - bytes arrive in order and after the latency", async () => {
  const simulation = calm({
    network: { latencyMin: 10, latencyMean: 0, partial: 0.9 },
  });
  await simulation.run(async () => {
    const { accepted, dialled } = await connected(simulation);
    const start = simulation.now;
    const sent = Uint8Array.from({ length: 5000 }, (_, at) => at % 251);
    const received: number[] = [];
    const reading = readAll(accepted, (bytes) => received.push(...bytes));
    await writeAll(dialled, sent);
    dialled.close();
    await reading;
    assertEquals(Uint8Array.from(received), sent);
    assert(simulation.now - start >= 10);
  });
});

Deno.test("Network - a reader that does not read holds the writer up", async () => {
  const simulation = calm({ network: { buffer: 1000 } });
  await simulation.run(async () => {
    const { accepted, dialled } = await connected(simulation);
    assertEquals(await dialled.write(new Uint8Array(1500)), 1000);
    let written = false;
    const blocked = dialled.write(new Uint8Array(500)).then(() => {
      written = true;
    });
    await simulation.sleep(60_000);
    assertEquals(written, false);
    assertEquals(await accepted.read(new Uint8Array(400)), 400);
    await blocked;
    assertEquals(written, true);
  });
});

Deno.test("Network - refused, unknown, taken and foreign addresses", async () => {
  const simulation = calm();
  await simulation.run(async () => {
    const { client, server } = await connected(simulation);
    const { network } = client.runtime;
    const dial = (host: string, port: number) =>
      codeOf(network.connect({ host, port }));
    assertEquals(await dial("server", 4223), "REFUSED");
    assertEquals(await dial("nowhere", 4222), "NOT_FOUND");
    server.runtime.network.listen({ host: "127.0.0.1", port: 8222 });
    assertEquals(await dial("server", 8222), "REFUSED");
    assertThrows(
      () => server.runtime.network.listen({ host: "0.0.0.0", port: 4222 }),
      TransportError,
      "address already in use",
    );
    assertThrows(
      () => server.runtime.network.listen({ host: "10.9.9.9", port: 1 }),
      TransportError,
      "cannot assign requested address",
    );
  });
});

Deno.test("Network - a partition delays, and breaks what waits too long", async () => {
  const simulation = calm({ network: { timeout: 10_000 } });
  await simulation.run(async () => {
    const { accepted, dialled } = await connected(simulation);
    const buffer = new Uint8Array(10);
    simulation.network.partition("server", "client");
    await dialled.write(new Uint8Array(3));
    const reading = accepted.read(buffer);
    await simulation.sleep(5_000);
    simulation.network.heal();
    assertEquals(await reading, 3);
    simulation.network.partition("server", "client");
    await dialled.write(new Uint8Array(3));
    const start = simulation.now;
    assertEquals(await codeOf(dialled.read(buffer)), "TIMEOUT");
    assert(simulation.now - start >= 9_999);
    // The other side notices when it sends, not before.
    simulation.network.heal();
    await accepted.write(new Uint8Array(1));
    assertEquals(await codeOf(accepted.read(buffer)), "RESET");
  });
});

Deno.test("Network - a one-sided cut lets the other direction pass", async () => {
  const simulation = calm();
  await simulation.run(async () => {
    const { accepted, dialled } = await connected(simulation);
    simulation.network.cut("client", "server");
    await accepted.write(new Uint8Array(7));
    assertEquals(await dialled.read(new Uint8Array(10)), 7);
    await dialled.write(new Uint8Array(1));
    let arrived = false;
    const reading = accepted.read(new Uint8Array(10)).then(() => {
      arrived = true;
    });
    await simulation.sleep(1000);
    assertEquals(arrived, false);
    simulation.network.heal();
    await reading;
  });
});

Deno.test("Network - a killed process resets its peers, a dead machine does not", async () => {
  const simulation = calm({ network: { timeout: 10_000 } });
  await simulation.run(async () => {
    const first = await connected(simulation);
    first.server.kill();
    assertEquals(await first.dialled.read(new Uint8Array(1)), null);
    assertEquals(
      await codeOf(first.client.runtime.network.connect({
        host: "server",
        port: 4222,
      })),
      "REFUSED",
    );
    first.server.restart();
    const second = await connected(simulation);
    second.server.crash();
    let heard = false;
    const reading = codeOf(second.dialled.read(new Uint8Array(1)));
    void reading.then(() => heard = true);
    await simulation.sleep(60_000);
    assertEquals(heard, false);
    second.server.restart();
    await second.dialled.write(new Uint8Array(1));
    assertEquals(await reading, "RESET");
  });
});

Deno.test("Network - closing rejects what is pending on this side", async () => {
  const simulation = calm();
  await simulation.run(async () => {
    const { accepted, dialled, listener } = await connected(simulation);
    const reading = codeOf(dialled.read(new Uint8Array(1)));
    const accepting = codeOf(listener.accept());
    dialled.close();
    listener.close();
    assertEquals(await reading, "CLOSED");
    assertEquals(await accepting, "CLOSED");
    assertEquals(await codeOf(dialled.write(new Uint8Array(1))), "CLOSED");
    assertEquals(await accepted.read(new Uint8Array(1)), null);
  });
});

Deno.test("Process - exit ends the process at once, and only the process", async () => {
  const simulation = calm();
  const host = simulation.host("a");
  const { process, timers } = host.runtime;
  let survived = false;
  timers.after(1, () => {
    timers.after(1, () => survived = true);
    process.exit(3);
  });
  await simulation.runFor(10);
  assertEquals([host.running, host.exitCode, survived], [false, 3, false]);
  host.restart();
  assertEquals(host.running, true);
});

Deno.test("Process - signals reach handlers, without one they end it", async () => {
  const simulation = calm();
  const host = simulation.host("a");
  let reloads = 0;
  host.runtime.process.onSignal("SIGHUP", () => reloads++);
  host.process.signal("SIGHUP");
  await simulation.runFor(1);
  assertEquals([reloads, host.running], [1, true]);
  host.process.signal("SIGTERM");
  await simulation.runFor(1);
  assertEquals(host.running, false);
});

Deno.test("Process - a pause delays its events and nobody else's", async () => {
  const simulation = calm();
  const [a, b] = [simulation.host("a"), simulation.host("b")];
  const fired: string[] = [];
  const note = (name: string) => fired.push(`${name} ${simulation.now}`);
  a.runtime.timers.after(5, () => note("a"));
  b.runtime.timers.after(5, () => note("b"));
  a.pause(100);
  await simulation.runFor(200);
  assertEquals(fired, ["b 5", "a 100"]);
});

Deno.test("TLS and unknown workers are refused in plain words", () => {
  const { tls, workers } = calm().host("a").runtime;
  assertThrows(
    () =>
      tls.server({
        identities: [],
        requestCert: false,
        requireCert: false,
        minVersion: "1.2",
      }),
    Error,
    "The simulation has no TLS",
  );
  assertThrows(
    () => workers.start(new URL("file:///x/unknown_worker.ts")),
    Error,
    "no inline form of worker unknown_worker.ts",
  );
});

Deno.test("Disk - errors carry POSIX codes", () => {
  const { disk } = calm({ disk: { capacity: 100 } }).host("a").runtime;
  const code = (action: () => void): string => {
    try {
      action();
      return "none";
    } catch (error) {
      assert(error instanceof DiskError);
      return error.code;
    }
  };
  disk.makeDirectory("/d/e");
  disk.writeFile("/d/f", new Uint8Array(60));
  assertEquals(code(() => disk.open("/d/none")), "ENOENT");
  assertEquals(code(() => disk.open("/d/f/g")), "ENOTDIR");
  assertEquals(code(() => disk.open("/d/e")), "EISDIR");
  assertEquals(code(() => disk.open("/d/f", { createNew: true })), "EEXIST");
  assertEquals(code(() => disk.remove("/d")), "ENOTEMPTY");
  assertEquals(code(() => disk.makeDirectory("/d/f")), "ENOTDIR");
  assertEquals(
    code(() => disk.writeFile("/d/g", new Uint8Array(41))),
    "ENOSPC",
  );
  assertEquals(code(() => disk.open("/d/f").truncate(0)), "EACCES");
  disk.remove("/d", { recursive: true });
  assertEquals(disk.exists("/d"), false);
});

Deno.test("Disk - a lock belongs to one handle and dies with the process", () => {
  const host = calm().host("a");
  const open = () => host.runtime.disk.open("/lock", { create: true });
  assertEquals(open().tryLock(), true);
  assertEquals(open().tryLock(), false);
  host.kill();
  host.restart();
  assertEquals(open().tryLock(), true);
});
