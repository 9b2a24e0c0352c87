/** The Go server takes the samples under `conf/` as they are, and sees the same in them. */

import { assertEquals } from "@std/assert";
import { authority } from "../tools/certificates.ts";
import { GO_SERVER, locate, PROJECT_ROOT } from "../tools/oracle_binaries.ts";
import { runDeno } from "../tools/program.ts";
import { startFlags } from "../tools/start_flags.ts";

Deno.test("samples - the Go server says of each one what ours says", async (t) => {
  const cwd = await Deno.makeTempDir();
  const { ca, server } = authority();
  const { cert, key } = server();
  await Deno.mkdir(`${cwd}/certs`);
  const files = { "ca.pem": ca, "server.pem": cert, "server-key.pem": key };
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${cwd}/certs/${name}`, text);
  }
  const ours = ["run", ...await startFlags(), `${PROJECT_ROOT}main.ts`];
  const theirs = await locate(GO_SERVER);
  try {
    for await (const { name } of Deno.readDir(`${PROJECT_ROOT}conf`)) {
      await t.step(name, async () => {
        const args = ["-t", "-c", `${PROJECT_ROOT}conf/${name}`];
        const go = await new Deno.Command(theirs, { args, cwd }).output();
        const { code, stderr } = await runDeno([...ours, ...args], { cwd });
        assertEquals(stderr, new TextDecoder().decode(go.stderr));
        assertEquals([code, go.code], [0, 0]);
      });
    }
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
});
