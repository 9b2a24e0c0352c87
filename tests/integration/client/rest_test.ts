/**
 * Clients whose messages take long.
 *
 * @module
 */

import { assertEquals, assertGreater } from "@std/assert";
import { Subscription } from "../../../src/account/mod.ts";
import { RawClient } from "../../tools/raw_client.ts";
import { withServer } from "../../tools/started_server.ts";

const MESSAGES = 8000;
/** Milliseconds that each takes. */
const EACH = 0.05;

Deno.test("a flood of messages that take long takes turns with everything else", async () => {
  await withServer("", async (server) => {
    let taken = 0;
    const receiver = {
      seesImports: false,
      sends: false,
      deliver() {
        const end = performance.now() + EACH;
        while (performance.now() < end);
        taken++;
        return true;
      },
    };
    const { global } = server.state.accounts;
    const subscription = new Subscription(receiver, "slow", null, "1");
    global.subscribe(subscription);
    await using client = await RawClient.connect(server);
    await using other = await RawClient.connect(server);
    await other.send('CONNECT {"verbose":false}\r\n');
    await client.send(
      'CONNECT {"verbose":false}\r\n' + "PUB slow 0\r\n\r\n".repeat(MESSAGES),
    );
    const seen = new Set<number>();
    while (taken < MESSAGES) {
      await other.flush();
      seen.add(taken);
    }
    assertEquals(await client.flush(), "");
    assertEquals(taken, MESSAGES);
    // Without a rest it is two or three.
    assertGreater(seen.size, 10);
    global.unsubscribe(subscription);
  });
});
