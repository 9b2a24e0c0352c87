/** A server that is killed again and again while it is published to. */

import { assert, assertEquals } from "@std/assert";
import { denoRuntime } from "../../../src/runtime/mod.ts";
import { ApiClient } from "../../interop/stores/api_client.ts";
import { capability } from "../../tools/capability.ts";
import { type Peer, startOurServer } from "../../tools/oracle.ts";
import { RawClient } from "../../tools/raw_client.ts";

const KILLS = 6;
const BATCH = 200;

function start(directory: string): Promise<Peer> {
  return startOurServer({
    config: `
      port: -1
      jetstream { store_dir: "${directory}" }
    `,
  });
}

/** Publishes until the server is gone. @returns what was acknowledged, by sequence */
async function publish(
  port: number,
  life: number,
  acknowledged: Map<number, string>,
): Promise<void> {
  const { network } = denoRuntime();
  const client = new RawClient(
    await network.connect({ host: "127.0.0.1", port }),
  );
  try {
    await client.expect(/^INFO \{.*\} \r\n/);
    await client.send('CONNECT {"verbose":false}\r\nSUB acks.* 1\r\n');
    for (let batch = 0;; batch++) {
      const payloads: string[] = [];
      let text = "";
      for (let i = 0; i < BATCH; i++) {
        const payload = `${life}/${batch}/${i}`;
        payloads.push(payload);
        text += `PUB kill.s${
          i % 7
        } acks.${i} ${payload.length}\r\n${payload}\r\n`;
      }
      await client.send(text);
      for (let i = 0; i < BATCH; i++) {
        const [, at = "", seq = ""] = await client.expect(
          /^MSG acks\.(\d+) 1 \d+\r\n\{[^}]*"seq":\s?(\d+)[^}]*\}\r\n/,
        );
        acknowledged.set(Number(seq), payloads[Number(at)] ?? "");
      }
    }
  } catch {
    // The server was killed.
  } finally {
    await client.close();
  }
}

async function check(
  port: number,
  acknowledged: ReadonlyMap<number, string>,
): Promise<void> {
  await using api = await ApiClient.connect(port);
  const { state } = await api.api("STREAM.INFO.KILL");
  let last = 0;
  for (const sequence of acknowledged.keys()) last = Math.max(last, sequence);
  assert(state.last_seq >= last, `${last} was acknowledged`);
  assertEquals(state.messages, state.last_seq);
  const sequences = [...acknowledged.keys()];
  const step = Math.max(1, Math.floor(sequences.length / 100));
  for (let i = 0; i < sequences.length; i += step) {
    const seq = sequences[sequences.length - 1 - i] ?? 0;
    const { message } = await api.api("STREAM.MSG.GET.KILL", { seq });
    assertEquals(atob(message.data), acknowledged.get(seq));
  }
}

capability("a server that is killed keeps what it has acknowledged", {
  positive: ["stores/write-path"],
  edge: ["stores/write-path"],
}, async () => {
  const directory = await Deno.makeTempDir({ prefix: "nats-kill-" });
  const acknowledged = new Map<number, string>();
  try {
    for (let life = 0; life <= KILLS; life++) {
      await using peer = await start(directory);
      if (life === 0) {
        await using api = await ApiClient.connect(peer.port);
        await api.api("STREAM.CREATE.KILL", {
          name: "KILL",
          subjects: ["kill.>"],
          storage: "file",
        });
      }
      await check(peer.port, acknowledged);
      if (life === KILLS) break;
      const publishing = publish(peer.port, life, acknowledged);
      const before = acknowledged.size;
      const deadline = performance.now() + 5000;
      while (acknowledged.size < before + 500 + 137 * life) {
        if (performance.now() > deadline) break;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      peer.signal("SIGKILL");
      await publishing;
    }
    assert(acknowledged.size > 1000, `only ${acknowledged.size}`);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
