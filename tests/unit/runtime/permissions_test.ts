import { assertEquals, assertMatch } from "@std/assert";

const MODULE = new URL("../../../src/runtime/mod.ts", import.meta.url);

/** Calls that need a permission, and how they must fail without it. */
const CALLS: readonly (readonly [string, RegExp])[] = [
  [`disk.readFile("/x")`, /^DiskError EACCES .*--allow-read/],
  [`disk.open("/x")`, /^DiskError EACCES .*--allow-read/],
  [
    `disk.writeFile("/x", new Uint8Array(1))`,
    /^DiskError EACCES .*--allow-write/,
  ],
  [
    `network.listen({ host: "127.0.0.1", port: 0 })`,
    /^TransportError DENIED listen tcp 127\.0\.0\.1:0.*--allow-net/,
  ],
  [
    `network.listen({ host: "0.0.0.0", port: 0 })`,
    /^TransportError DENIED .*0\.0\.0\.0.*--allow-net/,
  ],
  [
    `network.connect({ host: "127.0.0.1", port: 1 })`,
    /^TransportError DENIED dial tcp 127\.0\.0\.1:1.*--allow-net/,
  ],
  [
    `network.resolve("localhost")`,
    /^TransportError DENIED .*--allow-net/,
  ],
  [
    `network.sendDatagram({ host: "127.0.0.1", port: 1 }, new Uint8Array(1))`,
    /^TransportError DENIED .*--allow-net/,
  ],
  [`network.interfaces()`, /^TransportError DENIED .*--allow-sys/],
  [`process.env("HOME")`, /--allow-env/],
  [`process.kill(1, "SIGHUP")`, /--allow-run/],
  [`process.run("ls", [])`, /--allow-run/],
  [`process.hostname()`, /^returned localhost$/],
];

Deno.test("a missing permission is an error that names the flag", async () => {
  const path = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(
    path,
    `import { denoRuntime } from ${JSON.stringify(MODULE.href)};
    const { disk, network, process } = denoRuntime();
    const calls = [${CALLS.map(([call]) => `() => ${call}`).join(",\n")}];
    for (const call of calls) {
      try {
        console.log("returned", await call());
      } catch (error) {
        console.log(error.name, error.code ?? "", error.message);
      }
    }`,
  );
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--quiet", path],
  }).output();
  await Deno.remove(path);
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  assertEquals(lines.length, CALLS.length, lines.join("\n"));
  for (const [i, [, pattern]] of CALLS.entries()) {
    assertMatch(lines[i] ?? "", pattern);
  }
});
