/**
 * Reloads that meet each other, or the end of the server.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
import { applyDefaults, type Options } from "../../../src/config/mod.ts";
import { Server } from "../../../src/mod.ts";
import { denoRuntime, type Timers } from "../../../src/runtime/mod.ts";
import { LogRecorder } from "../../tools/log_recorder.ts";
import { options } from "../../unit/config/options_harness.ts";

const configuration = (text: string) =>
  applyDefaults(options(`listen: "127.0.0.1:-1"\n${text}`, { files: {} }));

/** A log that takes its time for new options; notes when they are in force. */
class SlowLog extends LogRecorder {
  readonly configured: boolean[] = [];
  #delay = 40;

  async configure({ debug }: Options): Promise<void> {
    const delay = this.#delay;
    this.#delay = 0;
    await new Promise((resolve) => setTimeout(resolve, delay));
    this.configured.push(debug);
  }
}

/** Timers that know how many of them repeat at present. */
class CountedTimers implements Timers {
  repeating = 0;
  readonly #timers = denoRuntime().timers;

  every(interval: number, callback: () => void) {
    const timer = this.#timers.every(interval, callback);
    this.repeating++;
    let active = true;
    return {
      cancel: () => {
        if (active) this.repeating--;
        active = false;
        timer.cancel();
      },
    };
  }

  after(delay: number, callback: () => void) {
    return this.#timers.after(delay, callback);
  }

  soon(callback: () => void) {
    return this.#timers.soon(callback);
  }

  sleep(delay: number): Promise<void> {
    return this.#timers.sleep(delay);
  }
}

Deno.test("reloads take place one after the other", async () => {
  const wanted = [configuration("debug: true"), configuration("debug: false")];
  const log = new SlowLog();
  const server = new Server(configuration(""), denoRuntime(), log, {
    loadOptions: () => wanted.shift() ?? configuration(""),
  });
  await server.start();
  try {
    await Promise.all([server.reload(), server.reload()]);
    assertEquals(log.configured, [true, false]);
    assertEquals(server.options.debug, false);
  } finally {
    await server.shutdown();
  }
});

Deno.test("a reload that a shutdown overtakes starts nothing", async () => {
  const timers = new CountedTimers();
  const server = new Server(
    configuration(""),
    { ...denoRuntime(), timers },
    new SlowLog(),
    { loadOptions: () => configuration("debug: true") },
  );
  await server.start();
  const reloaded = server.reload();
  await Promise.resolve();
  await server.shutdown();
  await reloaded;
  assertEquals(timers.repeating, 0);
});

Deno.test("a log that can't be opened leaves everything as it was", async () => {
  class BrokenLog extends LogRecorder {
    configure(): Promise<void> {
      return Promise.reject(new Error("no such folder"));
    }
  }
  const server = new Server(
    configuration("max_payload: 1000"),
    denoRuntime(),
    new BrokenLog(),
    { loadOptions: () => configuration("debug: true, max_payload: 2000") },
  );
  await server.start();
  try {
    await assertRejects(() => server.reload(), Error, "no such folder");
    assertEquals(server.options.maxPayload, 1000);
    assertEquals(server.options.debug, false);
  } finally {
    await server.shutdown();
  }
});
