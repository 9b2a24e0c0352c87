/**
 * Runs in the browser: what the official client does with a server, step by
 * step. The page calls `run` with the server's URL.
 *
 * @module
 */

import {
  createInbox,
  Empty,
  headers,
  type NatsConnection,
  RequestError,
  wsconnect,
} from "@nats-io/nats-core";

/** How to connect. */
export interface Login {
  readonly servers: string;
  readonly user?: string;
  readonly pass?: string;
  /** Bytes of the largest payload to try (default 1,000,000). */
  readonly largest?: number;
}

/** What each step found. */
export type Findings = Record<string, unknown>;

const MESSAGES = 2000;

async function publishAndSubscribe(nc: NatsConnection): Promise<number> {
  const subscription = nc.subscribe("numbers.*", { max: MESSAGES });
  for (let i = 0; i < MESSAGES; i++) nc.publish(`numbers.${i % 10}`, `${i}`);
  let expected = 0;
  for await (const message of subscription) {
    if (message.string() !== String(expected)) return -1;
    expected++;
  }
  return expected;
}

async function requestAndReply(nc: NatsConnection): Promise<string> {
  const service = nc.subscribe("upper", {
    queue: "q",
    callback: (_error, message) => {
      const reply = headers();
      reply.set("Name", message.headers?.get("Name") ?? "none");
      message.respond(message.string().toUpperCase(), { headers: reply });
    },
  });
  const sent = headers();
  sent.set("Name", "Grüße");
  const answer = await nc.request("upper", "hello", {
    timeout: 5000,
    headers: sent,
  });
  service.unsubscribe();
  return `${answer.string()} ${answer.headers?.get("Name")}`;
}

async function noResponders(nc: NatsConnection): Promise<boolean> {
  try {
    await nc.request("nobody", Empty, { timeout: 5000 });
    return false;
  } catch (error) {
    return error instanceof RequestError && error.isNoResponders();
  }
}

/** Payloads of many sizes, up to the largest, come back as they went. */
async function payloads(
  nc: NatsConnection,
  largest: number,
): Promise<string> {
  const inbox = createInbox();
  const sizes = [0, 1, 125, 126, 4095, 4096, 65_535, 65_536, largest];
  const subscription = nc.subscribe(inbox, { max: sizes.length });
  for (const size of sizes) {
    const payload = new Uint8Array(size).map((_, i) => (i * 31 + size) & 255);
    nc.publish(inbox, payload);
  }
  const faults: number[] = [];
  let next = 0;
  for await (const { data } of subscription) {
    const size = sizes[next++] ?? -1;
    const sound = data.length === size &&
      data.every((byte, i) => byte === ((i * 31 + size) & 255));
    if (!sound) faults.push(size);
  }
  return faults.join();
}

/** Connects and tries everything. */
async function run(
  { largest = 1_000_000, ...login }: Login,
): Promise<Findings> {
  const nc = await wsconnect({ ...login, name: "page", reconnect: false });
  const findings: Findings = {
    server: nc.info?.server_name,
    messages: await publishAndSubscribe(nc),
    reply: await requestAndReply(nc),
    noResponders: await noResponders(nc),
    payloadFaults: await payloads(nc, largest),
    rtt: typeof await nc.rtt(),
  };
  await nc.drain();
  return findings;
}

/** What a server says that refuses; empty when it does not. */
async function refused(login: Login): Promise<string> {
  try {
    const nc = await wsconnect({ ...login, reconnect: false, timeout: 5000 });
    await nc.close();
    return "";
  } catch (error) {
    return String(error);
  }
}

/** Stays connected while the server is replaced; counts what comes after. */
async function survive(login: Login): Promise<() => Promise<string>> {
  const nc = await wsconnect({
    ...login,
    reconnectTimeWait: 50,
    maxReconnectAttempts: -1,
  });
  const seen: string[] = [];
  void (async () => {
    for await (const { type } of nc.status()) seen.push(type);
  })();
  const subscription = nc.subscribe("after", { max: 1 });
  return async () => {
    while (!seen.includes("reconnect")) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    nc.publish("after", "still here");
    let text = "";
    for await (const message of subscription) text = message.string();
    await nc.close();
    return text;
  };
}

Object.assign(globalThis, { run, refused, survive });
