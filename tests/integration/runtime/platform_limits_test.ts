/**
 * What the platform's TLS can't do, and the server therefore does not. When
 * one of these fails, the platform has learnt it, and so can the server.
 */

import { assert, assertEquals } from "@std/assert";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import {
  connect,
  createServer,
  type SecureVersion,
  type Server,
  type TLSSocket,
} from "node:tls";
import { authority } from "../../tools/certificates.ts";

const root = authority();
const { cert, key } = root.server({ mustStaple: true });
const VERSIONS: readonly SecureVersion[] = ["TLSv1.2", "TLSv1.3"];

async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Resolves when a client was let in, or refused. */
function settled(socket: TLSSocket): Promise<void> {
  return new Promise((resolve) => {
    for (const event of ["end", "close", "error"]) socket.on(event, resolve);
    socket.resume();
  });
}

for (const version of VERSIONS) {
  const range = { minVersion: version, maxVersion: version };

  Deno.test(`platform - ${version}: a client that asks for a staple gets none, and nobody is asked for it`, async () => {
    let asked = false;
    const server = createServer({ cert, key }, (socket) => socket.end());
    server.on("OCSPRequest", () => asked = true);
    const port = await listening(server);
    // The types of the platform do not know `requestOCSP` either.
    const wishes = { ...range, ca: root.ca, requestOCSP: true };
    const socket = connect(port, "127.0.0.1", wishes);
    let staple: unknown = null;
    socket.on("OCSPResponse", (response: unknown) => staple = response);
    let encrypted = false;
    socket.on("secureConnect", () => encrypted = true);
    await settled(socket);
    socket.destroy();
    server.close();
    assert(encrypted);
    assertEquals({ asked, staple }, { asked: false, staple: null });
  });

  Deno.test(`platform - ${version}: a certificate that is refused is not shown`, async () => {
    const server = createServer({
      cert,
      key,
      ca: root.ca,
      requestCert: true,
      rejectUnauthorized: true,
    });
    const refused = Promise.withResolvers<unknown[]>();
    server.on("tlsClientError", (error: Error, socket: TLSSocket) => {
      const shown = socket.getPeerCertificate() ?? null;
      refused.resolve([error.message, shown]);
    });
    const port = await listening(server);
    const stranger = authority("Stranger CA").client();
    const socket = connect(port, "127.0.0.1", {
      ...range,
      ca: root.ca,
      cert: stranger.cert,
      key: stranger.key,
    });
    await settled(socket);
    assertEquals(await refused.promise, ["socket hang up", null]);
    socket.destroy();
    server.close();
  });
}
