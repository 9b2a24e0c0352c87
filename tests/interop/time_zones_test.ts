/**
 * Times that both servers tell when they do not run in UTC: some are in local
 * time, with its offset, others in UTC; who parses one may rely on it.
 */

import { assert, assertEquals } from "@std/assert";
import { type Peer, startGoServer, startOurServer } from "../tools/oracle.ts";
import { SystemUser } from "./events/conversation.ts";
import { ask, connect, login } from "./monitor/load.ts";

/** A zone whose offset has minutes. */
const ENV = { TZ: "America/St_Johns" };

const CONFIG = `
listen: "127.0.0.1:-1"
http: "127.0.0.1:-1"
server_name: "zoned"
jetstream { store_dir: "{{dir}}/js" }
accounts {
  A {
    jetstream: enabled
    users [ { user: a, password: a } ]
    exports [ { service: "svc", latency: { sampling: 100, subject: "lat" } } ]
    imports [ { service: { account: B, subject: "other" } } ]
  }
  B {
    users [ { user: b, password: b } ]
    exports [ { service: "other" } ]
    imports [ { service: { account: A, subject: "svc" }, share: true } ]
  }
  SYS { users [ { user: sys, password: sys } ] }
}
system_account: SYS
`;

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** Paths of times in a document, and the zones that they are in. */
function zones(text: string): string[] {
  const found = new Set<string>();
  const visit = (path: string, value: unknown) => {
    if (typeof value === "string") {
      const zone = TIME.exec(value)?.[1];
      const never = value.startsWith("0001-") ? " never" : "";
      if (zone !== undefined) found.add(`${path} ${zone}${never}`);
    } else if (typeof value === "object" && value !== null) {
      for (const [name, field] of Object.entries(value)) {
        visit(Array.isArray(value) ? `${path}[]` : `${path}.${name}`, field);
      }
    }
  };
  const json = text.search(/[{[]/);
  visit(
    text.slice(0, json).replace(/[A-Z0-9]{56}/, "id"),
    JSON.parse(
      text.slice(json),
    ),
  );
  return [...found].sort();
}

type Play = (peer: Peer) => Promise<readonly (string | null)[]>;

const STREAM =
  '{"name":"S","subjects":["s.>"],"storage":"memory","retention":"limits"}';
const CONSUMER =
  '{"stream_name":"S","config":{"durable_name":"C","ack_policy":"explicit"}}';

const PLAYS: Readonly<Record<string, Play>> = {
  endpoints: async (peer) => {
    const gone = await login(peer, "a");
    await gone.close();
    const stranger = await connect(peer);
    await stranger.send('CONNECT {"user":"a","pass":"wrong"}\r\n');
    await stranger.expectEnd();
    await stranger.close();
    await using _stays = await SystemUser.of(peer, "a");
    await using api = await SystemUser.of(peer, "a");
    await api.ask("$JS.API.STREAM.CREATE.S", STREAM);
    await api.ask("$JS.API.CONSUMER.CREATE.S.C", CONSUMER);
    const paths = [
      "/varz",
      "/connz?state=all&subs=1&auth=1",
      "/subsz?subs=1",
      "/accountz?acc=A",
      "/accstatz?unused=1",
      "/jsz?streams=1&consumers=1&config=1&accounts=1",
      "/routez",
      "/leafz",
      "/gatewayz",
    ];
    return await Promise.all(
      paths.map(async (path) => (await ask(peer, path)).text),
    );
  },
  advisories: async (peer) => {
    await using listener = await SystemUser.of(peer, "sys");
    await listener.listen("$SYS.ACCOUNT.A.CONNECT");
    await listener.listen("$SYS.ACCOUNT.A.DISCONNECT");
    await listener.listen("$SYS.SERVER.*.CLIENT.AUTH.ERR");
    const client = await login(peer, "a");
    const heard = [await listener.hear()];
    await client.close();
    heard.push(await listener.hear());
    const stranger = await connect(peer);
    await stranger.send('CONNECT {"user":"a","pass":"wrong"}\r\n');
    await stranger.expectEnd();
    await stranger.close();
    return [...heard, await listener.hear()];
  },
  requests: async (peer) => {
    await using asker = await SystemUser.of(peer, "sys");
    return [
      await asker.ask("$SYS.REQ.SERVER.PING.STATSZ"),
      await asker.ask("$SYS.REQ.SERVER.PING.CONNZ"),
      await asker.ask("$SYS.REQ.SERVER.PING.VARZ"),
      await asker.ask("$SYS.REQ.ACCOUNT.A.INFO"),
    ];
  },
  traces: async (peer) => {
    await using client = await SystemUser.of(peer, "a");
    await client.listen("trace");
    const header = "NATS/1.0\r\nNats-Trace-Dest: trace\r\n\r\n";
    await client.publish("x", header);
    return [await client.hear()];
  },
  latency: async (peer) => {
    await using service = await SystemUser.of(peer, "a");
    await service.listen("svc");
    await service.listen("lat");
    await using requestor = await SystemUser.of(peer, "b");
    await requestor.send("PUB svc inbox.here 2\r\nhi\r\n");
    const request = await service.hear();
    const info = /Nats-Request-Info: ?(\{.*\})/.exec(request ?? "")?.[1];
    const reply = service.lastReply;
    await service.send(`PUB ${reply} 2\r\nho\r\n`);
    await requestor.hear();
    return [`info ${info}`, await service.hear()];
  },
  jetstream: async (peer) => {
    await using api = await SystemUser.of(peer, "a");
    await using listener = await SystemUser.of(peer, "a");
    await listener.listen("$JS.EVENT.ADVISORY.CONSUMER.CREATED.S.D");
    await api.ask("$JS.API.STREAM.CREATE.S", STREAM);
    await api.ask("s.1", "hi");
    return [
      await api.ask("$JS.API.STREAM.INFO.S"),
      await api.ask("$JS.API.STREAM.MSG.GET.S", '{"seq":1}'),
      await api.ask(
        "$JS.API.CONSUMER.CREATE.S.D",
        CONSUMER.replace('"C"', '"D"'),
      ),
      await api.ask("$JS.API.CONSUMER.INFO.S.D"),
      await listener.hear(),
    ];
  },
};

for (const [name, play] of Object.entries(PLAYS)) {
  Deno.test(`times elsewhere than in UTC: ${name}`, async () => {
    await using go = await startGoServer({ config: CONFIG, env: ENV });
    await using ours = await startOurServer({ config: CONFIG, env: ENV });
    const seen = async (peer: Peer) =>
      (await play(peer)).map((heard) => {
        assert(heard !== null, "something is missing");
        return zones(heard);
      });
    const [expected, actual] = await Promise.all([seen(go), seen(ours)]);
    assert(expected.every((found) => found.length > 0));
    assertEquals(actual, expected);
  });
}
