/** Traces of messages that chance picks. */

import { assert, assertEquals } from "@std/assert";
import { capability } from "../../tools/capability.ts";
import { RawClient } from "../../tools/raw_client.ts";
import { withServer } from "../../tools/started_server.ts";

const PARENT =
  "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const MESSAGES = 100;

capability(
  "as many messages with a parent are traced as the account says, and others are traced nowhere",
  {
    positive: ["system-events/config"],
    edge: ["system-events/trigger", "system-events/config"],
  },
  () =>
    withServer(
      `accounts { A {
        users [{ user: a, password: a }]
        msg_trace { dest: traces, sampling: 20 }
      } }`,
      async (server) => {
        const client = await RawClient.connect(server);
        await client.send(
          'CONNECT {"user":"a","pass":"a","headers":true,"verbose":false}\r\n' +
            "SUB foo 1\r\nSUB traces 2\r\n",
        );
        const block = `NATS/1.0\r\n${PARENT}\r\n\r\n`;
        const { length } = block;
        const message = `HPUB foo ${length} ${length}\r\n${block}\r\n`;
        await client.send(message.repeat(MESSAGES));
        let heard = await client.flush(20_000);
        const traces = () => count(heard, /MSG traces 2/g);
        const disabled = () =>
          count(heard, /\r\nNats-Trace-Dest: trace disabled/g);
        // Traces leave at the end of the turn.
        while (traces() + disabled() < MESSAGES) {
          heard += await client.flush(
            20_000,
          );
        }
        assert(traces() > MESSAGES * 0.03 && traces() < MESSAGES * 0.6);
        assertEquals(count(heard, /HMSG foo 1/g), MESSAGES);
        assertEquals(traces() + disabled(), MESSAGES);
        await client.close();
      },
    ),
);

function count(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].length;
}
