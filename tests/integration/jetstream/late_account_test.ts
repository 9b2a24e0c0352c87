/**
 * Accounts that get JetStream while the server runs: their streams come back
 * while everybody else is served.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Session } from "../../interop/jetstream/session.ts";
import { capability } from "../../tools/capability.ts";
import { type Peer, startOurServer } from "../../tools/oracle.ts";

const MESSAGES = 200_000;
const PORTION = 10_000;
/** Times that others are served meanwhile, at least. */
const SERVED = 5;
const CREDENTIALS = { user: "a", pass: "a" };

function accounts(jetstream: "enabled" | "disabled"): string {
  return `accounts {
    A { jetstream: ${jetstream}, users: [{user: a, password: a}] }
    B { users: [{user: b, password: b}] }
  }
  no_auth_user: b
  `;
}

function start(
  directory: string,
  jetstream: "enabled" | "disabled",
): Promise<Peer> {
  return startOurServer({
    config: `host: 127.0.0.1
      port: -1
      jetstream { store_dir: "${directory}" }
      include "accounts.conf"
    `,
    files: { "accounts.conf": accounts(jetstream) },
  });
}

async function fill(peer: Peer): Promise<void> {
  const session = await Session.open(peer, 1, CREDENTIALS);
  await session.done("STREAM.CREATE.S", { name: "S", subjects: ["s.*"] });
  for (let i = 0; i < MESSAGES; i += PORTION) {
    const block = "NATS/1.0\r\nNats-Msg-Id: ";
    const text = Array.from({ length: PORTION }, (_, j) => {
      const head = `${block}${i + j}\r\n\r\n`;
      return `HPUB s.${j % 100} ${head.length} ${head.length}\r\n${head}\r\n`;
    });
    await session.send(text.join(""));
    await session.sync();
  }
  session.close();
}

/** Ends a server; what its indexes say is lost if `forget`. */
async function end(
  peer: Peer,
  directory: string,
  forget: boolean,
): Promise<void> {
  peer.signal("SIGTERM");
  await peer.exited;
  const messages = `${directory}/jetstream/A/streams/S/msgs`;
  if (!forget) return;
  for (const name of ["index.db", "messages.idx"]) {
    await Deno.remove(`${messages}/${name}`);
  }
}

capability("streams of an account come back while others are served", {
  edge: ["stores/recovery-fast-path", "streams/dedupe"],
}, async (t) => {
  const directory = await Deno.makeTempDir({ prefix: "nats-late-" });
  try {
    await using first = await start(directory, "enabled");
    await fill(first);
    await end(first, directory, true);
    for (const how of ["all blocks are read", "the index tells"]) {
      await t.step(how, async () => {
        await using peer = await start(directory, "disabled");
        const session = await Session.open(peer, 1, CREDENTIALS);
        const other = await Session.open(peer, 2);
        const file = `${peer.directory}/accounts.conf`;
        await Deno.writeTextFile(file, accounts("enabled"));
        peer.signal("SIGHUP");
        let served = 0;
        let [isReturning, isBack] = [false, false];
        // It waits for its account, as soon as that has JetStream.
        const asked = peer.waitForLog(/Starting restore for stream 'A > S'/)
          .then(() => {
            isReturning = true;
            return session.done("STREAM.INFO.S");
          });
        const answer = asked.finally(() => isBack = true);
        while (!isBack) {
          await other.sync();
          if (isReturning) served++;
        }
        assert(served >= SERVED, `${served}`);
        assertEquals(Object(await answer)["state"]["messages"], MESSAGES);
        other.close();
        const { body } = await session.ask(
          "s.1",
          "again",
          `Nats-Msg-Id: ${MESSAGES - 1}`,
        );
        assertEquals(JSON.parse(body), {
          stream: "S",
          seq: MESSAGES,
          duplicate: true,
        });
        session.close();
        await end(peer, directory, false);
      });
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
