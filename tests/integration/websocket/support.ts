/**
 * Servers that listen for clients over WebSocket.
 *
 * @module
 */

import { assert } from "@std/assert";
import type { Server } from "../../../src/mod.ts";
import type { LogRecorder } from "../../tools/log_recorder.ts";
import { authority } from "../../tools/certificates.ts";
import { withServer } from "../../tools/started_server.ts";

export const root = authority();
const certificate = root.server();
const FILES = {
  "server.pem": certificate.cert,
  "server-key.pem": certificate.key,
  "ca.pem": root.ca,
};

/** A `tls` block with further settings. */
export function tlsBlock(settings = ""): string {
  return `tls { cert_file: server.pem, key_file: server-key.pem
    ca_file: ca.pem, ${settings} }`;
}

/** Runs `use` with a server, its port for WebSocket, and its log. */
export async function withWebsocket(
  block: string,
  use: (port: number, server: Server, log: LogRecorder) => Promise<void>,
  config = "",
): Promise<void> {
  const tls = block.includes("tls {") ? "" : "no_tls: true\n";
  await withServer(
    `${config}\nwebsocket { listen: "127.0.0.1:-1"\n${tls}${block} }`,
    async (server, log) => {
      const line = log.lines.find((each) =>
        each.includes("Listening for websocket clients on ")
      );
      const port = /:(\d+)$/.exec(line ?? "")?.[1];
      assert(port !== undefined, log.lines.join("\n"));
      await use(Number(port), server, log);
    },
    { files: FILES },
  );
}
