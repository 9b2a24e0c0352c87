import { assertEquals, assertRejects } from "@std/assert";
import { denoRuntime } from "../../../src/runtime/mod.ts";

const PAGE = 4096;
/** More than an allocator keeps of what was given back: it is fresh each time. */
const SIZE = 16_384 * PAGE;

Deno.test("memory that is paged in holds zeros, and its pages are there", async () => {
  const { pager } = denoRuntime();
  const fresh = new Uint8Array(SIZE);
  const paged = new Uint8Array(SIZE);
  const used = new Uint8Array(3 * PAGE + 5).fill(7);
  const paging = Promise.all([pager.pageIn(paged), pager.pageIn(used)]);
  if (Deno.build.os === "windows") {
    await assertRejects(() => paging);
    return;
  }
  await paging;
  assertEquals(used.every((byte) => byte === 0), true);
  // Elsewhere the number of faults is not told.
  if (Deno.build.os !== "linux") return;
  assertEquals(faultsOf(() => touch(paged)) < 4000, true);
  assertEquals(faultsOf(() => touch(fresh)) > 4000, true);
});

function touch(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += PAGE) bytes[at] = 1;
}

/** Page faults of this thread meanwhile. */
function faultsOf(what: () => void): number {
  const before = faults();
  what();
  return faults() - before;
}

function faults(): number {
  const stat = Deno.readTextFileSync("/proc/thread-self/stat");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[7]);
}
