/**
 * Connections to syslog daemons.
 *
 * @module
 */

import {
  type Disk,
  type Network,
  type Transport,
  TransportError,
} from "../runtime/mod.ts";
import { LogOpenError } from "./open_error.ts";
import { quoteText } from "./quote.ts";
import type { SyslogTarget } from "./syslog_frame.ts";

/** Where daemons of this machine listen, in order of preference. */
const LOCAL_PATHS = ["/dev/log", "/var/run/syslog", "/var/run/log"];

/** Takes frames. */
export interface SyslogConnection {
  /** Resolves when the frame has left. @throws Error when the daemon is gone */
  send(frame: Uint8Array): Promise<void>;
  close(): void;
}

/** Connects, again and again. @throws LogOpenError */
export type SyslogDial = () => Promise<SyslogConnection>;

/** What dialling needs. */
export type SyslogNetwork = Pick<
  Network,
  "connect" | "connectUnix" | "sendDatagram" | "resolve"
>;

/** Dials the daemon that a `remote_syslog` URL names. */
export function remoteDial(
  target: SyslogTarget,
  network: SyslogNetwork,
): SyslogDial {
  return async () => {
    try {
      return await dialTarget(target, network);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new LogOpenError(
        `error connecting to syslog: ${quoteText(reason)}`,
        { cause: error },
      );
    }
  };
}

/** Dials the daemon of this machine; a datagram socket is preferred to a stream. */
export function localDial(
  network: SyslogNetwork,
  disk: Pick<Disk, "exists">,
  paths: readonly string[] = LOCAL_PATHS,
): SyslogDial {
  return async () => {
    let stream: Transport | undefined;
    for (const path of paths) {
      if (!disk.exists(path)) continue;
      try {
        stream ??= await network.connectUnix(path);
      } catch (error) {
        // A live socket that takes no stream takes datagrams.
        if (error instanceof TransportError && error.code === "REFUSED") {
          continue;
        }
        stream?.close();
        return datagrams(network, path);
      }
    }
    if (stream !== undefined) return streamed(stream);
    const reason = quoteText("Unix syslog delivery error");
    throw new LogOpenError(`error connecting to syslog: ${reason}`);
  };
}

async function dialTarget(
  target: SyslogTarget,
  network: SyslogNetwork,
): Promise<SyslogConnection> {
  if (target.network === "unix") {
    return streamed(await network.connectUnix(target.path));
  }
  if (target.network === "tcp") return streamed(await network.connect(target));
  await network.resolve(target.host);
  return datagrams(network, target);
}

function datagrams(
  network: SyslogNetwork,
  target: string | { host: string; port: number },
): SyslogConnection {
  return {
    send: (frame) => network.sendDatagram(target, frame),
    close: () => {},
  };
}

function streamed(transport: Transport): SyslogConnection {
  return {
    async send(frame) {
      for (let sent = 0; sent < frame.length;) {
        sent += await transport.write(frame.subarray(sent));
      }
    },
    close: () => transport.close(),
  };
}
