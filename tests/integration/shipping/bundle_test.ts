/** The bundle runs where there is nothing but Deno and the files of the bundle. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import bcrypt from "bcryptjs";
import { denoRuntime } from "../../../src/runtime/mod.ts";
import { bundle } from "../../tools/bundle.ts";
import { capability } from "../../tools/capability.ts";
import { keys, TestOperator, userJwt } from "../../tools/operator.ts";
import { runDeno, startProgram } from "../../tools/program.ts";
import { RawClient } from "../../tools/raw_client.ts";
import { startFlags } from "../../tools/start_flags.ts";

const COMMIT = "0123456789abcdef";

/** Connects and returns the answer: PONG or an error. */
async function answerTo(
  port: number,
  fields: Readonly<Record<string, string>>,
): Promise<string> {
  const { network } = denoRuntime();
  const client = new RawClient(
    await network.connect({ host: "127.0.0.1", port }),
  );
  await client.expect(/^INFO \{.*\} \r\n/);
  await client.send(`CONNECT ${JSON.stringify(fields)}\r\nPING\r\n`);
  const [, answer = ""] = await client.expect(/(PONG|-ERR .*)\r\n/);
  await client.close();
  return answer;
}

Deno.test("the bundle starts, checks bcrypt passwords, and ends on SIGTERM", async (t) => {
  const outdir = await Deno.makeTempDir();
  try {
    await bundle({ outdir, commit: COMMIT });
    const run = ["run", "--no-config", "--no-lock", ...await startFlags()];
    const program = `${outdir}/nats-server.js`;

    await t.step("tells the commit that it was built from", async () => {
      const { code, stdout } = await runDeno([...run, program, "--version"]);
      assertEquals(code, 0);
      assertMatch(stdout, /^nats-server: v\d+\.\d+\.\d+\ngit: \[0123456\]\n$/);
    });

    await t.step("holds the dashboard", async () => {
      const text = await Deno.readTextFile(program);
      for (const part of ["connections-title", "--page:", "class Looks"]) {
        assertStringIncludes(text, part);
      }
    });

    await t.step("serves", async () => {
      const config = `${outdir}/server.conf`;
      const hash = bcrypt.hashSync("secret", 4);
      await Deno.writeTextFile(
        config,
        `listen: "127.0.0.1:-1", authorization { user: ann, password: "${hash}" }`,
      );
      await using server = await startProgram([...run, program, "-c", config]);
      const user = "ann";
      assertEquals(
        await answerTo(server.port, { user, pass: "secret" }),
        "PONG",
      );
      assertEquals(
        await answerTo(server.port, { user, pass: "wrong" }),
        "-ERR 'Authorization Violation'",
      );
      const check = [
        ...["run", "--no-config", "--no-lock", "--no-prompt"],
        ...["--allow-net", "--allow-env=NATS_HEALTH_ADDRESS"],
        `${outdir}/health_check.js`,
      ];
      const env = { NATS_HEALTH_ADDRESS: `127.0.0.1:${server.port}` };
      assertEquals((await runDeno(check, { env })).code, 0);
      assertEquals(await server.stop(), 0);
      assertEquals((await runDeno(check, { env })).code, 1);
    });
  } finally {
    await Deno.remove(outdir, { recursive: true });
  }
});

capability("the bundle trusts the operators that it was built for", {
  positive: ["auth/trusted-keys-stamped"],
  edge: ["auth/trusted-keys-stamped"],
}, async () => {
  const outdir = await Deno.makeTempDir();
  try {
    const operator = new TestOperator();
    const { account } = keys();
    const trustedKeys = operator.key.getPublicKey();
    await bundle({ outdir, commit: COMMIT, trustedKeys });
    const run = ["run", "--no-config", "--no-lock", ...await startFlags()];
    const program = [...run, `${outdir}/nats-server.js`, "-c"];
    const config = `${outdir}/server.conf`;
    const preload = `${account.getPublicKey()}: "${await operator.account(
      account,
    )}"`;
    await Deno.writeTextFile(
      config,
      `listen: "127.0.0.1:-1", resolver: MEMORY, resolver_preload { ${preload} }`,
    );
    await using server = await startProgram([...program, config]);
    const jwt = await userJwt(account, { bearer_token: true });
    assertEquals(await answerTo(server.port, { jwt }), "PONG");
    assertEquals(
      await answerTo(server.port, {}),
      "-ERR 'Authorization Violation'",
    );
    await Deno.writeTextFile(config, `trusted_keys: ${trustedKeys}`);
    const { code, stderr } = await runDeno([...program, config]);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "Error processing trusted operator keys");
    assertEquals(await server.stop(), 0);
  } finally {
    await Deno.remove(outdir, { recursive: true });
  }
});
