/**
 * Accounts that export to and import from each other, shown by both servers.
 */

import { assertEquals } from "@std/assert";
import { capability } from "../tools/capability.ts";
import { startGoServer, startOurServer } from "../tools/oracle.ts";
import { ask, login } from "./monitor/load.ts";
import { normalise } from "./monitor/normalise.ts";

const CONFIG = `
listen: "127.0.0.1:-1"
http: "127.0.0.1:-1"
server_name: "linked"
accounts {
  X {
    users [ { user: x, password: x } ]
    exports [
      { service: "help.*", accounts: [Y], response: stream }
      { service: "time", latency: { sampling: 50%, subject: "lat" } }
      { stream: "news.>" }
      { stream: "closed", accounts: [Y] }
    ]
  }
  Y {
    users [ { user: y, password: y } ]
    mappings {
      plain: other
      "w.*": [
        { destination: "x.$1", weight: 30% }
        { destination: "y.$1", weight: 50% }
        { destination: "c.$1", weight: 40%, cluster: OMEGA }
      ]
    }
    imports [
      { service: { account: X, subject: "help.me" }, to: "assist", share: true }
      { service: { account: X, subject: "time" } }
      { stream: { account: X, subject: "news.>" }, prefix: "from.x" }
      { stream: { account: X, subject: "closed" }, to: "open" }
    ]
  }
}
`;

/** Figures that count subscriptions which a server makes for itself. */
const FURTHER: ReadonlySet<string> = new Set([
  "subscriptions",
  "num_subscriptions",
  "num_inserts",
]);

capability(
  "accountz shows what accounts export and import",
  {
    positive: ["monitoring/accountz", "sublist-and-mapping/monitoring"],
    edge: ["sublist-and-mapping/monitoring"],
  },
  async () => {
    await using go = await startGoServer({ config: CONFIG });
    await using ours = await startOurServer({ config: CONFIG });
    for (const account of ["X", "Y", "%24G", "%24SYS"]) {
      const [expected, actual] = await Promise.all(
        [go, ours].map(async (peer) =>
          normalise((await ask(peer, `/accountz?acc=${account}`)).text, FURTHER)
        ),
      );
      assertEquals(actual, expected);
    }
  },
);

/** An answer in which responses are named by their order, not by chance. */
function withResponses(text: string): string {
  const names = new Map<string, string>();
  const named = text.replace(/_R_\.[A-Za-z0-9.]+/g, (subject) => {
    const name = names.get(subject) ?? `<response ${names.size}>`;
    names.set(subject, name);
    return name;
  });
  return normalise(named, FURTHER);
}

capability(
  "accountz shows which responses are awaited",
  { positive: ["monitoring/accountz"], edge: ["monitoring/accountz"] },
  async () => {
    await using go = await startGoServer({ config: CONFIG });
    await using ours = await startOurServer({ config: CONFIG });
    const [expected, actual] = await Promise.all(
      [go, ours].map(async (peer) => {
        const service = await login(peer, "x");
        await service.send("SUB help.me 1\r\nSUB time 2\r\n");
        await service.flush();
        const requestor = await login(peer, "y");
        await requestor.send("SUB inbox.> 1\r\nPUB assist inbox.1 0\r\n\r\n");
        await requestor.flush();
        const one = await ask(peer, "/accountz?acc=X");
        await requestor.send("UNSUB 1\r\n");
        await requestor.flush();
        const none = await ask(peer, "/accountz?acc=X");
        await service.close();
        await requestor.close();
        return [withResponses(one.text), withResponses(none.text)];
      }),
    );
    assertEquals(actual, expected);
  },
);

capability(
  "every account is shown to import what it may know of itself",
  { positive: ["monitoring/accountz"], edge: ["monitoring/accstatz"] },
  async () => {
    await using go = await startGoServer({ config: CONFIG });
    await using ours = await startOurServer({ config: CONFIG });
    for (const path of ["/accountz", "/accstatz?unused=1", "/varz"]) {
      const [expected, actual] = await Promise.all(
        [go, ours].map(async (peer) =>
          normalise((await ask(peer, path)).text, FURTHER)
        ),
      );
      assertEquals(actual, expected, path);
    }
  },
);
