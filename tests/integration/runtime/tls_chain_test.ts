import { assertEquals } from "@std/assert";
import { denoRuntime } from "../../../src/runtime/mod.ts";
import { authority } from "../../tools/certificates.ts";

const { network, tls } = denoRuntime();
const TIMEOUT = 5_000;

Deno.test("authorities for client certificates are no part of the server's chain", async () => {
  const ca = authority();
  const server = tls.server({
    identities: [ca.server()],
    // More than the 64 KiB that clients like this one take for a chain.
    ca: ca.ca.repeat(300),
    requestCert: false,
    requireCert: false,
    minVersion: "1.2",
  });
  const [near, far] = network.pipe();
  const [accepted, connected] = await Promise.all([
    server.accept(near, new Uint8Array(0), TIMEOUT),
    tls.connect(
      far,
      {
        serverName: "localhost",
        ca: ca.ca,
        insecure: false,
        minVersion: "1.2",
      },
      TIMEOUT,
    ),
  ]);
  assertEquals(connected.tls.peerCertificates.length, 1);
  accepted.close();
  connected.close();
  server.close();
});
