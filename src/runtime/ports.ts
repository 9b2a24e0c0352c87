/**
 * The ports: everything the server may ask of the world outside itself.
 *
 * No other folder touches `Deno.*`, `node:` I/O, wall clocks, timers or random
 * numbers. `src/runtime/deno/` implements these interfaces over Deno;
 * `tests/sim/` implements them over virtual time, a lossy network and a disk
 * that forgets what was not synced, so that a whole cluster runs
 * deterministically from a seed.
 *
 * @module
 */

import type { HttpEngine } from "./http_port.ts";
import type { Profiler } from "./profiler_port.ts";
import type { TlsEngine } from "./tls_port.ts";

/** Reads time. Wall time may jump; monotonic time never goes back. */
export interface Clock {
  /** Wall clock: milliseconds since the Unix epoch, whole. */
  now(): number;
  /** Wall clock: nanoseconds since the Unix epoch. Not for the message path. */
  nowNanos(): bigint;
  /** Milliseconds (fractional) since an arbitrary fixed point. */
  monotonic(): number;
  /** Minutes that local time is ahead of UTC at wall time `at`. */
  utcOffset(at: number): number;
}

/** A pending call that can still be called off. */
export interface Timer {
  /** Calls the timer off; harmless when it has fired or was cancelled. */
  cancel(): void;
}

/**
 * Calls back later. A pending `after` or `every` never keeps the process
 * alive; `soon` and `sleep` do, as somebody waits for them to go on.
 */
export interface Timers {
  /** Calls `callback` once, `delay` milliseconds from now. */
  after(delay: number, callback: () => void): Timer;
  /** Calls `callback` every `interval` milliseconds until cancelled. */
  every(interval: number, callback: () => void): Timer;
  /** Calls `callback` after the I/O that is ready now has been handled. */
  soon(callback: () => void): Timer;
  /** Resolves `delay` milliseconds from now. */
  sleep(delay: number): Promise<void>;
}

/** Chance. Both methods are reproducible from the seed under simulation. */
export interface Random {
  /** Fills `target` with unpredictable (cryptographically strong) bytes. */
  fill(target: Uint8Array): void;
  /** A cheap, not unpredictable, integer in `[0, bound)`. */
  below(bound: number): number;
}

/** One end of a socket, as the operating system or the PROXY header names it. */
export interface Endpoint {
  /** IP address in its shortest text form, or the path of a unix socket. */
  readonly host: string;
  /** Port; 0 for unix sockets and pipes. */
  readonly port: number;
}

/**
 * An ordered, reliable stream of bytes: TCP, TLS, WebSocket payload or an
 * in-process pipe. One read and one write may be pending at a time.
 */
export interface Transport {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /**
   * Whether the read behind one that left room in its target waits until the
   * event loop has looked at all sockets, even if there is more by then.
   */
  readonly restsWhenEmpty?: boolean;
  /**
   * Reads what has arrived into `target`.
   * @returns bytes read (at least 1), or `null` at the end of the stream
   * @throws TransportError when the stream broke or was closed meanwhile
   */
  read(target: Uint8Array): Promise<number | null>;
  /**
   * Writes a prefix of `source`; the caller loops until all is written and
   * leaves the bytes untouched until the promise settles.
   * @returns bytes taken (at least 1; `source` is never empty)
   * @throws TransportError when the stream broke or was closed meanwhile
   */
  write(source: Uint8Array): Promise<number>;
  /** Ends the outgoing direction; the peer's reads see the end of the stream. */
  closeWrite(): Promise<void>;
  /** Drops both directions at once; pending calls reject. Harmless when repeated. */
  close(): void;
}

/** A broken, refused or closed stream. `code` is the errno-like name. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  constructor(
    message: string,
    readonly code: TransportErrorCode,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What went wrong with a stream or a listener. */
export type TransportErrorCode =
  | "CLOSED" // by this side
  | "RESET" // by the peer, or broken pipe
  | "REFUSED"
  | "TIMEOUT"
  | "IN_USE"
  | "NOT_AVAILABLE" // address not available
  | "NOT_FOUND" // name resolution
  | "DENIED" // missing permission
  | "TLS"
  | "OTHER";

/** Where to listen or whom to reach. */
export interface Address {
  /** Host name or IP address; `0.0.0.0` and `::` listen on all interfaces. */
  readonly host: string;
  /** Port; 0 lets the system choose one when listening. */
  readonly port: number;
}

/** Accepts streams. */
export interface Listener {
  readonly address: Endpoint;
  /** @throws TransportError `CLOSED` once closed; others may pass (`EMFILE`). */
  accept(): Promise<Transport>;
  close(): void;
}

/** Streams, datagrams and names. */
export interface Network {
  /** @throws TransportError */
  listen(address: Address): Listener;
  /** @throws TransportError; an aborted `signal` rejects with `CLOSED` */
  connect(address: Address, signal?: AbortSignal): Promise<Transport>;
  /** Connects to a unix socket (stream). @throws TransportError */
  connectUnix(path: string): Promise<Transport>;
  /** Sends one datagram to a UDP address or a unix datagram socket. */
  sendDatagram(target: Address | string, data: Uint8Array): Promise<void>;
  /** Resolves a host name to IP addresses. @throws TransportError */
  resolve(host: string): Promise<string[]>;
  /** IP addresses of this machine's interfaces, loopback included. */
  interfaces(): string[];
  /** Two connected in-process transports. */
  pipe(): [Transport, Transport];
  /**
   * The same through the operating system, so that a byte arrives when the
   * event loop has looked at all sockets. @throws TransportError
   */
  loopback(): Promise<[Transport, Transport]>;
}

/** Why a file operation failed; `code` follows POSIX where it can. */
export class DiskError extends Error {
  override readonly name = "DiskError";
  constructor(
    message: string,
    readonly code:
      | "ENOENT"
      | "EEXIST"
      | "EACCES"
      | "ENOTDIR"
      | "EISDIR"
      | "ENOTEMPTY"
      | "ENOSPC"
      | "EIO"
      | "EOTHER",
    readonly path: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What `Disk.stat` tells. */
export interface FileInfo {
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since the Unix epoch. */
  readonly modified: number;
}

/** How to open a file. `read` is always allowed. */
export interface OpenOptions {
  readonly write?: boolean;
  readonly create?: boolean;
  readonly createNew?: boolean;
  readonly truncate?: boolean;
  readonly append?: boolean;
  /** Permission bits for a new file (default 0o640). */
  readonly mode?: number;
}

/** An open file. Positions are byte offsets; nothing is durable before `sync`. */
export interface File {
  /** @returns bytes read; fewer than asked only at the end of the file */
  readAt(target: Uint8Array, position: number): number;
  /** Writes all of `source`. */
  writeAt(source: Uint8Array, position: number): void;
  /** Writes all of `source` at the end of a file opened with `append`. */
  append(source: Uint8Array): void;
  truncate(size: number): void;
  size(): number;
  /** Returns when data and size are on stable storage; blocks the loop. */
  syncNow(): void;
  /** Resolves when data and size are on stable storage; off the loop. */
  sync(): Promise<void>;
  /** Takes an exclusive lock; false when another process holds it. */
  tryLock(): boolean;
  close(): void;
}

/** Files and directories. Synchronous: see docs/architecture.md for when. All throw `DiskError`. */
export interface Disk {
  open(path: string, options?: OpenOptions): File;
  readFile(path: string): Uint8Array;
  writeFile(path: string, data: Uint8Array, mode?: number): void;
  stat(path: string): FileInfo;
  exists(path: string): boolean;
  /** Names (not paths) of a directory's entries, sorted. */
  list(path: string): string[];
  /** The same off the loop: of very many it takes long. */
  listLater(path: string): Promise<string[]>;
  /** Creates a directory and its missing parents. */
  makeDirectory(path: string, mode?: number): void;
  remove(path: string, options?: { recursive?: boolean }): void;
  /** Removes a directory and all that is in it, off the loop. */
  removeLater(path: string): Promise<void>;
  rename(from: string, to: string): void;
  /** Makes creations, renames and removals inside a directory durable. */
  syncDirectory(path: string): void;
  /** Free bytes on the file system that holds `path`. */
  freeSpace(path: string): number;
}

/** Signals that the server handles, by POSIX name. */
export type SignalName =
  | "SIGINT"
  | "SIGTERM"
  | "SIGHUP"
  | "SIGUSR1"
  | "SIGUSR2";

/** What a finished child process left behind. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The process and the machine it runs on. */
export interface Process {
  readonly pid: number;
  /** Arguments after the program name. */
  readonly args: readonly string[];
  /** Base name under which the program was started. */
  readonly name: string;
  hostname(): string;
  workingDirectory(): string;
  /** Value of an environment variable. */
  env(name: string): string | undefined;
  writeOut(text: string): void;
  writeError(text: string): void;
  /** Whether standard error is a terminal. */
  isTerminal(): boolean;
  exit(code: number): never;
  onSignal(signal: SignalName, handler: () => void): () => void;
  /** Sends a signal. @throws Error with the system's words */
  kill(pid: number, signal: SignalName | "SIGKILL"): void;
  /** Runs a program to its end. @throws Error when it can't be started */
  run(program: string, args: readonly string[]): Promise<CommandResult>;
  /** Resident memory, bytes. */
  residentMemory(): number;
  /** Memory of the machine, bytes. */
  totalMemory(): number;
  /** CPU time used so far by the process, microseconds. */
  cpuTime(): number;
  readonly cores: number;
}

/** A background thread that answers messages one to one. */
export interface Worker {
  request(message: unknown): Promise<unknown>;
  close(): void;
}

/** Threads for work that would hold the event loop. */
export interface Workers {
  /** Starts the module at `url`, which answers each message with one message. */
  start(url: URL): Worker;
}

/** Has memory paged in by another thread. */
export interface Pager {
  /**
   * Touches all pages of `bytes` and fills them with zeros. Until that is done
   * nobody may use them.
   * @throws Error where the platform has no means to
   */
  pageIn(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
}

/** All ports together; handed down from `main.ts` or an embedder. */
export interface Runtime {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly network: Network;
  readonly disk: Disk;
  readonly process: Process;
  readonly workers: Workers;
  readonly pager: Pager;
  readonly tls: TlsEngine;
  readonly http: HttpEngine;
  readonly profiler: Profiler;
}
