import { type Listener, type Transport, TransportError } from "../ports.ts";
import { listenTcp } from "./listener.ts";
import { SocketTransport, tcpTransport } from "./socket.ts";
import { transportError } from "./socket_errors.ts";

/** Bytes that nobody else can guess. */
const TOKEN_BYTES = 16;

/**
 * Two ends of one connection through the operating system, within this process.
 * A unix socket takes half of the time that TCP takes; Linux has names for them
 * that are no files.
 * @throws TransportError
 */
export async function loopback(): Promise<[Transport, Transport]> {
  if (Deno.build.os === "linux") {
    try {
      return await unixPair();
    } catch {
      // Not permitted, say.
    }
  }
  try {
    return await tcpPair();
  } catch (error) {
    throw transportError(error, "loopback");
  }
}

function unixPair(): Promise<[Transport, Transport]> {
  const path = `\0nats-${crypto.randomUUID()}`;
  const listener = Deno.listen({ transport: "unix", path });
  return meet(
    {
      accept: async () => new SocketTransport(await listener.accept()),
      close: () => listener.close(),
    },
    async () =>
      new SocketTransport(await Deno.connect({ transport: "unix", path })),
  );
}

function tcpPair(): Promise<[Transport, Transport]> {
  const hostname = "127.0.0.1";
  const listener = listenTcp({ host: hostname, port: 0 });
  const { port } = listener.address;
  return meet(
    listener,
    async () => tcpTransport(await Deno.connect({ hostname, port })),
  );
}

/**
 * Connects to a listener of ours, which is closed thereafter.
 * @throws TransportError also when somebody else was there first
 */
export async function meet(
  listener: Pick<Listener, "accept" | "close">,
  connect: () => Promise<Transport>,
): Promise<[Transport, Transport]> {
  const dialling = connect();
  // Who can't connect must not wait for somebody else to do so.
  dialling.catch(() => listener.close());
  const [dialled, accepted] = await Promise.allSettled([
    dialling,
    listener.accept(),
  ]);
  // Whoever was not accepted now reads the end.
  if (dialled.status === "fulfilled") listener.close();
  try {
    if (dialled.status === "rejected") throw dialled.reason;
    if (accepted.status === "rejected") throw accepted.reason;
    await prove(dialled.value, accepted.value);
    return [dialled.value, accepted.value];
  } catch (error) {
    for (const end of [dialled, accepted]) {
      if (end.status === "fulfilled") end.value.close();
    }
    throw error;
  }
}

/** @throws TransportError unless they are ends of the same connection */
async function prove(one: Transport, other: Transport): Promise<void> {
  const token = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES));
  await other.write(token);
  const seen = new Uint8Array(TOKEN_BYTES);
  const count = await one.read(seen);
  if (count === TOKEN_BYTES && seen.every((byte, i) => byte === token[i])) {
    return;
  }
  throw new TransportError("loopback: somebody else connected", "OTHER");
}
