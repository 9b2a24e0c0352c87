/**
 * Files by which other programs find a running server: the pid file and the
 * ports file.
 *
 * @module
 */

import type { Disk, Endpoint, Process } from "../runtime/mod.ts";

/** Permission bits of the pid file. */
const PID_FILE_MODE = 0o600;
/** Permission bits of the ports file. */
const PORTS_FILE_MODE = 0o666;
const encoder = new TextEncoder();

/** URLs under which each kind of listener can be reached; absent when it is off. */
export interface PortsInfo {
  readonly nats?: readonly string[];
  readonly monitoring?: readonly string[];
  readonly cluster?: readonly string[];
  readonly profile?: readonly string[];
  readonly websocket?: readonly string[];
}

/**
 * Writes the process id in decimal, without a newline: `--signal` reads it as
 * it stands. @throws DiskError
 */
export function writePidFile(
  path: string,
  disk: Pick<Disk, "writeFile">,
  process: Pick<Process, "pid">,
): void {
  disk.writeFile(path, encoder.encode(String(process.pid)), PID_FILE_MODE);
}

/** Where the ports file of this process stands: `<directory>/<program>_<pid>.ports`. */
export function portsFilePath(
  directory: string,
  process: Pick<Process, "pid" | "name">,
): string {
  return `${
    directory.replace(/\/+$/, "")
  }/${process.name}_${process.pid}.ports`;
}

/** Writes the ports file: JSON with the kinds of listeners that are on. @throws DiskError */
export function writePortsFile(
  directory: string,
  info: PortsInfo,
  disk: Pick<Disk, "writeFile">,
  process: Pick<Process, "pid" | "name">,
): void {
  const { nats, monitoring, cluster, profile, websocket } = info;
  const json = JSON.stringify({
    nats,
    monitoring,
    cluster,
    profile,
    websocket,
  });
  disk.writeFile(
    portsFilePath(directory, process),
    encoder.encode(json),
    PORTS_FILE_MODE,
  );
}

/** Removes the ports file. @throws DiskError */
export function removePortsFile(
  directory: string,
  disk: Pick<Disk, "remove">,
  process: Pick<Process, "pid" | "name">,
): void {
  disk.remove(portsFilePath(directory, process));
}

/**
 * URLs of a listener. One that listens on all addresses has a URL for each
 * address of the machine.
 *
 * @param interfaces `Network.interfaces`, asked only when needed
 */
export function listenerUrls(
  scheme: string,
  listener: Endpoint,
  interfaces: () => readonly string[],
): string[] {
  const everywhere = listener.host === "0.0.0.0" || listener.host === "::";
  const hosts = everywhere ? interfaces() : [listener.host];
  return hosts.map((host) =>
    `${scheme}://${host.includes(":") ? `[${host}]` : host}:${listener.port}`
  );
}
