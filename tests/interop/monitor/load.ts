/**
 * The same load on a Go server and on ours, and their answers by HTTP made
 * comparable.
 *
 * @module
 */

import { denoRuntime } from "../../../src/runtime/mod.ts";
import type { Peer } from "../../tools/oracle.ts";
import { RawClient } from "../../tools/raw_client.ts";

const { network } = denoRuntime();

/** Connects, and waits for INFO. */
export async function connect({ host, port }: Peer): Promise<RawClient> {
  const client = new RawClient(await network.connect({ host, port }));
  await client.expect(/^INFO \{.*\} \r\n/);
  return client;
}

/** Connects as a client library does, as `user` with that password too. */
export async function login(peer: Peer, user: string): Promise<RawClient> {
  const client = await connect(peer);
  await client.send(`CONNECT ${
    JSON.stringify({
      verbose: false,
      user,
      pass: user,
      name: `client of ${user}`,
      lang: "test",
      version: "1.2.3",
      protocol: 1,
      headers: true,
    })
  }\r\n`);
  await client.flush();
  return client;
}

/** Clients that stay, after some that left for different reasons. */
export async function load(peer: Peer): Promise<AsyncDisposable> {
  await leave(peer);
  const subscriber = await login(peer, "a");
  await subscriber.send(
    "SUB foo 1\r\nSUB bar workers 2\r\nSUB baz.* 3\r\nUNSUB 3 10\r\n",
  );
  await subscriber.flush();
  const other = await login(peer, "b");
  await other.send("SUB > x\r\nSUB extra y\r\n");
  await other.flush();
  await pause(20);
  const publisher = await login(peer, "a");
  for (const subject of ["foo", "bar", "baz.1", "baz.2", "nobody"]) {
    await publisher.send(`PUB ${subject} 5\r\nhello\r\n`);
  }
  await publisher.flush();
  await pause(20);
  await publisher.send("SUB later 1\r\n");
  await publisher.flush();
  await pause(20);
  await other.send("PUB own 3\r\nabc\r\n");
  await other.flush();
  await subscriber.flush();
  const clients = [subscriber, other, publisher];
  return {
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) await client.close();
    },
  };
}

async function leave(peer: Peer): Promise<void> {
  const tidy = await login(peer, "a");
  await tidy.send("SUB gone 1\r\nPUB gone 2\r\nhi\r\n");
  await tidy.flush();
  await pause(300);
  await tidy.close();
  await settled(peer, 1);
  const stranger = await connect(peer);
  await stranger.send('CONNECT {"user":"nobody","pass":"x"}\r\nPING\r\n');
  await stranger.expectEnd();
  await settled(peer, 2);
  const babbler = await login(peer, "b");
  await pause(100);
  await babbler.send("GIBBERISH\r\n");
  await babbler.expectEnd();
  await settled(peer, 3);
}

/** Waits until the server remembers that many clients that left. */
async function settled(peer: Peer, count: number): Promise<void> {
  for (;;) {
    const { text } = await ask(peer, "/connz?state=closed");
    if (JSON.parse(text).total >= count) return;
    await pause(10);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** An answer by HTTP. */
export interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly origin: string | null;
  readonly text: string;
}

export async function ask(
  { host, ports }: Peer,
  path: string,
): Promise<Answer> {
  const response = await fetch(`http://${host}:${ports.monitor}${path}`, {
    redirect: "manual",
  });
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    origin: response.headers.get("access-control-allow-origin"),
    text: await response.text(),
  };
}
