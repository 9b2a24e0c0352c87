/** Every sample under `conf/` is valid, and a server starts with it. */

import { assertEquals, assertMatch } from "@std/assert";
import { authority } from "../../tools/certificates.ts";
import { PROJECT_ROOT } from "../../tools/oracle_binaries.ts";
import { runDeno, startProgram } from "../../tools/program.ts";
import { startFlags } from "../../tools/start_flags.ts";

const SAMPLES = [
  "jetstream.conf",
  "limits.conf",
  "mappings.conf",
  "minimal.conf",
  "production.conf",
  "tls.conf",
  "users.conf",
];

/** A working directory with the certificates that the samples name. */
async function makeWorkingDirectory(): Promise<string> {
  const cwd = await Deno.makeTempDir();
  const { ca, server } = authority();
  const { cert, key } = server();
  await Deno.mkdir(`${cwd}/certs`);
  await Deno.writeTextFile(`${cwd}/certs/ca.pem`, ca);
  await Deno.writeTextFile(`${cwd}/certs/server.pem`, cert);
  await Deno.writeTextFile(`${cwd}/certs/server-key.pem`, key);
  return cwd;
}

/** Copies the samples; in the copies, streams stay in the working directory. */
async function copySamples(from: string, cwd: string): Promise<void> {
  for (const name of SAMPLES) {
    const text = await Deno.readTextFile(`${from}/${name}`);
    await Deno.writeTextFile(
      `${cwd}/${name}`,
      text.replace("/var/lib/nats", `${cwd}/store`),
    );
  }
}

Deno.test("samples - each one is valid, and a server starts with it", async (t) => {
  const folder = `${PROJECT_ROOT}conf`;
  const found = Array.from(Deno.readDirSync(folder), ({ name }) => name);
  assertEquals(found.sort(), SAMPLES);
  const cwd = await makeWorkingDirectory();
  try {
    await copySamples(folder, cwd);
    const program = ["run", ...await startFlags(), `${PROJECT_ROOT}main.ts`];
    for (const name of SAMPLES) {
      await t.step(name, async () => {
        const args = [...program, "-c", `${cwd}/${name}`];
        const check = await runDeno([...args, "-t"], { cwd });
        assertMatch(
          check.stderr,
          /^nats-server: configuration file \S+ is valid \(sha256:[0-9a-f]{64}\)\n$/,
        );
        assertEquals(check.code, 0);
        const own = ["--addr", "127.0.0.1", "--port", "-1"];
        await using server = await startProgram([...args, ...own], { cwd });
        assertEquals(await server.stop(), 0);
      });
    }
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
});
