/**
 * Clients that authenticate with keys, for tests of a server in process.
 *
 * @module
 */

import { fromSeed, type KeyPair } from "@nats-io/nkeys";
import type { Server } from "../../../src/mod.ts";
import { RawClient } from "../../tools/raw_client.ts";

/** The INFO that a server greets with, as far as tests look at it. */
export interface Greeting {
  readonly nonce?: string;
  readonly auth_required?: boolean;
}

/** A connection that has read its INFO. */
export interface Greeted extends AsyncDisposable {
  readonly client: RawClient;
  readonly info: Greeting;
}

/** Connects and reads the INFO. */
export async function greet(server: Server): Promise<Greeted> {
  const client = new RawClient(server.connectInProcess());
  const [, json = ""] = await client.expect(/^INFO (\{.*\}) \r\n/);
  return {
    client,
    info: JSON.parse(json),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** Base64url of a signature over the nonce. */
export function sign(pair: KeyPair, nonce: string | undefined): string {
  const signature = pair.sign(new TextEncoder().encode(nonce ?? ""));
  return base64Url(signature);
}

/** Base64url without padding. */
export function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-")
    .replaceAll("/", "_").replaceAll("=", "");
}

/** Sends a CONNECT that is not verbose. */
export function connect(
  client: RawClient,
  fields: Readonly<Record<string, unknown>>,
): Promise<void> {
  const options = { verbose: false, pedantic: false, ...fields };
  return client.send(`CONNECT ${JSON.stringify(options)}\r\n`);
}

/** What the server says to a CONNECT: empty when the client is in, else the error. */
export async function outcome(
  client: RawClient,
  fields: Readonly<Record<string, unknown>>,
): Promise<string> {
  await connect(client, fields);
  await client.send("PING\r\n");
  const [text] = await client.expect(/^(PONG|-ERR '.*')\r\n/);
  if (text.startsWith("PONG")) return "";
  await client.expectEnd();
  return text.trim();
}

/** A fixed user key, so that configurations can be constants. */
export function userKey(): KeyPair {
  return fromSeed(
    new TextEncoder().encode(
      "SUAKYRHVIOREXV7EUZTBHUHL7NUMHPMAS7QMDU3GTIUWEI5LDNOXD43IZY",
    ),
  );
}

/** What clients are told when they are kept out. */
export const REFUSED = "-ERR 'Authorization Violation'";
