/**
 * Servers that use one store directory, one after the other.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import {
  type Implementation,
  type Peer,
  startPeer,
} from "../../tools/oracle.ts";

/** The account of all streams. */
export const ACCOUNT = "$G";

/** How a directory is encrypted. */
export interface Encryption {
  readonly cipher: "aes" | "chacha";
  readonly secret: string;
  readonly previous?: string;
}

/** Fields of the block `jetstream`. */
export function configOf(encryption: Encryption | null): string {
  if (encryption === null) return "";
  const { cipher, secret, previous } = encryption;
  const before = previous === undefined ? "" : `prev_key: "${previous}"`;
  return `cipher: ${cipher}, key: "${secret}", ${before}`;
}

/** @param more further fields of the block `jetstream` */
export function start(
  implementation: Implementation,
  directory: string,
  more = "",
): Promise<Peer> {
  return startPeer(implementation, {
    config: `
      port: -1
      jetstream { store_dir: "${directory}", ${more} }
    `,
  });
}

/** Ends a server in order. */
export async function stop(peer: Peer): Promise<void> {
  peer.signal("SIGTERM");
  await peer.exited;
}

/** Nothing went wrong. */
export function assertClean(log: string): void {
  const complaints = log.split("\n").filter((line) =>
    /\[(WRN|ERR|FTL)\]/.test(line) && !/Temporary storage/.test(line)
  );
  assertEquals(complaints, []);
}
