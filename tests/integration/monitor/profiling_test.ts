/** Profiles of a server in this process, taken by HTTP. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { gunzipSync } from "node:zlib";
import { type Server, StartError, startServer } from "../../../src/mod.ts";
import { denoRuntime } from "../../../src/runtime/mod.ts";
import { capability } from "../../tools/capability.ts";
import type { LogRecorder } from "../../tools/log_recorder.ts";
import { withServer } from "../../tools/started_server.ts";

const PROFILING = "cli-signals-logging/profiling";

/** Runs `use` with the base URL of a server's profiling port. */
function profiled(
  use: (url: string, server: Server, log: LogRecorder) => Promise<void>,
): Promise<void> {
  return withServer("prof_port: -1", (server, log) => {
    const line = log.lines.find((each) => each.includes("profiling port: "));
    const port = line?.split(": ").at(-1);
    return use(`http://127.0.0.1:${port}/debug`, server, log);
  });
}

/** Status and text. */
async function get(url: string): Promise<readonly [number, string]> {
  const response = await fetch(url);
  return [response.status, await response.text()];
}

/** The unpacked profile, its bytes as text. */
async function profile(url: string): Promise<string> {
  const response = await fetch(url);
  const bytes = new Uint8Array(await response.arrayBuffer());
  assertEquals(response.status, 200);
  assertEquals(
    response.headers.get("Content-Type"),
    "application/octet-stream",
  );
  return new TextDecoder("latin1").decode(gunzipSync(bytes));
}

function busyLoop(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

capability(
  "profiling - processor time is told by the functions that used it",
  { positive: [PROFILING] },
  () =>
    profiled(async (url) => {
      const taken = profile(`${url}/pprof/profile?seconds=0.3`);
      const work = setInterval(() => busyLoop(20), 25);
      const text = await taken;
      clearInterval(work);
      assertStringIncludes(text, "busyLoop");
      assertStringIncludes(text, "nanoseconds");
    }),
);

capability(
  "profiling - memory is told by the functions that allocated it",
  { positive: [PROFILING] },
  () =>
    profiled(async (url) => {
      const kept: unknown[] = [];
      function allocateMuch() {
        for (let i = 0; i < 100_000; i++) kept.push({ i, text: `${i}` });
      }
      allocateMuch();
      const heap = await profile(`${url}/pprof/heap`);
      assertStringIncludes(heap, "allocateMuch");
      assertStringIncludes(heap, "inuse_space");
      const taken = profile(`${url}/pprof/allocs?seconds=0.2`);
      const work = setInterval(allocateMuch, 20);
      const allocations = await taken;
      clearInterval(work);
      assertStringIncludes(allocations, "allocateMuch");
      assertStringIncludes(allocations, "alloc_space");
      // Sampling of what lives has begun anew.
      assertStringIncludes(await profile(`${url}/pprof/heap`), "inuse_space");
      assert(kept.length > 0);
    }),
);

capability(
  "profiling - delays of the event loop are measured",
  { positive: [PROFILING, "cli-signals-logging/debug-vars"] },
  () =>
    profiled(async (url) => {
      await new Promise((resolve) => setTimeout(resolve, 60));
      busyLoop(250);
      await new Promise((resolve) => setTimeout(resolve, 60));
      const loop = await profile(`${url}/pprof/eventloop`);
      // A busy machine may make it longer, and other turns as well.
      assertMatch(loop, /(200-500|500-1000) ms|1000 ms and more/);
      const [, text] = await get(`${url}/vars`);
      const { eventloop, cmdline, memstats } = JSON.parse(text);
      assert(eventloop.delay_max_ms >= 150, text);
      const turns: Record<string, number> = eventloop.turns_by_delay_ms;
      const long = Object.entries(turns).filter(([from]) =>
        Number(from) >= 200
      );
      assert(long.some(([, count]) => count >= 1), text);
      assertEquals(typeof cmdline[0], "string");
      assert(memstats.Sys > 0);
    }),
);

capability(
  "profiling - what there is not is said to be absent, with the reason",
  { edge: [PROFILING] },
  () =>
    profiled(async (url) => {
      const [status, page] = await get(`${url}/pprof/`);
      assertEquals(status, 200);
      for (const name of ["allocs", "eventloop", "heap", "profile"]) {
        assertStringIncludes(page, `<a href="${name}">`);
      }
      for (const name of ["block", "mutex", "goroutine", "threadcreate"]) {
        const [status, text] = await get(`${url}/pprof/${name}`);
        assertEquals(status, 404);
        assertMatch(text, new RegExp(`^${name}: .+\n$`));
      }
      assertEquals(await get(`${url}/pprof/nonsense`), [
        404,
        "Unknown profile\n",
      ]);
      assertEquals((await get(`${url}/nonsense`))[0], 404);
      assertEquals((await get(`${url}/pprof/heap?debug=1`))[0], 400);
      assertEquals((await get(`${url}/pprof/profile?seconds=x`))[0], 400);
      assertMatch((await get(`${url}/pprof/cmdline`))[1], /^nats-server/);
    }),
);

capability(
  "profiling - one processor profile at a time; a shutdown ends it",
  { edge: [PROFILING] },
  () =>
    profiled(async (url, server) => {
      const first = fetch(`${url}/pprof/profile?seconds=60`).catch(() => null);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      assertEquals(await get(`${url}/pprof/profile?seconds=1`), [
        500,
        "cpu profiling already in use\n",
      ]);
      await server.shutdown();
      await (await first)?.body?.cancel().catch(() => {});
    }),
);

capability(
  "profiling - a port that is taken fails the start; lock profiles are refused",
  { edge: [PROFILING] },
  async () => {
    const taken = denoRuntime().network.listen({ host: "127.0.0.1", port: 0 });
    const { port } = taken.address;
    await assertRejects(
      () => startServer({ port: -1, profPort: port }),
      StartError,
      `error starting profiler: listen tcp 127.0.0.1:${port}: bind: address already in use`,
    );
    taken.close();
    await assertRejects(
      () => startServer({ port: -1, profBlockRate: 1 }),
      StartError,
      "option prof_block_rate belongs to Go's runtime",
    );
  },
);
