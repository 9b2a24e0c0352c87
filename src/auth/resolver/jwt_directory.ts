/**
 * JWTs in files `<public key>.jwt` of one directory, in subdirectories named
 * after the last two characters of the keys if it is sharded.
 *
 * @module
 */

import { sha256 } from "@noble/hashes/sha2.js";
import {
  type Claims,
  decodeGenericJwt,
  isPublicKey,
  JwtError,
} from "../../config/mod.ts";
import {
  type Clock,
  type Disk,
  DiskError,
  type Timer,
  type Timers,
} from "../../runtime/mod.ts";
import { JwtIndex } from "./jwt_index.ts";
import { ResolverError } from "./resolver.ts";

const EXTENSION = ".jwt";
const FILE_MODE = 0o640;
const DIRECTORY_MODE = 0o750;
/** Expired files are looked for at least this often, milliseconds. */
const CHECK_INTERVAL_MAX = 60_000;

/** How a directory behaves. */
export interface JwtDirectoryOptions {
  readonly directory: string;
  readonly sharded: boolean;
  /** Files at most; 0: any number. */
  readonly limit: number;
  /** Whether the least recently used file makes room when the limit is reached. */
  readonly evicts: boolean;
  /** Milliseconds after their last use that files are kept; 0: until the JWT expires. */
  readonly ttl: number;
  /** What becomes of a deleted JWT. */
  readonly deletion: "never" | "rename" | "hard";
}

/** Told of what happens to files. */
export interface JwtDirectoryListener {
  changed(key: string): void;
  deleted(key: string): void;
}

/** The ports that a directory needs. */
export interface JwtDirectoryPorts {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** Nobody else may write to the directory. All methods throw `ResolverError`. */
export class JwtDirectory {
  /** Set by whoever wants to know. */
  listener: JwtDirectoryListener | null = null;
  readonly #options: JwtDirectoryOptions;
  readonly #ports: JwtDirectoryPorts;
  readonly #index = new JwtIndex();
  #checks: Timer | null = null;

  constructor(options: JwtDirectoryOptions, ports: JwtDirectoryPorts) {
    this.#options = options;
    this.#ports = ports;
  }

  /** Creates the directory if need be, reads it, and begins to expire files. */
  open(): void {
    const { directory, ttl } = this.#options;
    reporting(() => this.#ports.disk.makeDirectory(directory, DIRECTORY_MODE));
    for (const [key, token] of this.#files()) this.#track(key, token);
    const interval = ttl > 0
      ? Math.min(ttl / 2, CHECK_INTERVAL_MAX)
      : CHECK_INTERVAL_MAX;
    this.#expire();
    this.#checks = this.#ports.timers.every(interval, () => this.#expire());
  }

  close(): void {
    this.#checks?.cancel();
    this.#checks = null;
  }

  /** Hash over all JWTs, 32 bytes. */
  get hash(): Uint8Array {
    return this.#index.hash;
  }

  /** JWTs present. */
  get size(): number {
    return this.#index.size;
  }

  /** The JWT of a key; undefined when there is none. */
  load(key: string): string | undefined {
    const token = this.#read(this.#pathOf(key));
    if (token !== undefined) this.#touch(key);
    return token;
  }

  /** Keeps a JWT in place of the one that there may be. */
  save(key: string, token: string): void {
    if (this.#write(key, token)) this.listener?.changed(key);
  }

  /** Keeps a JWT unless the one present is as new. */
  saveIfNewer(key: string, token: string): void {
    const present = this.#read(this.#pathOf(key));
    if (present !== undefined && !isNewer(key, token, present)) return;
    this.save(key, token);
  }

  /** Deletes a JWT as the options have it; harmless when there is none. */
  delete(key: string): void {
    const { deletion } = this.#options;
    const { disk } = this.#ports;
    if (deletion === "never") {
      throw new ResolverError("store is not set up to for delete");
    }
    const path = this.#pathOf(key);
    if (!disk.exists(path)) return;
    reporting(() => {
      if (deletion === "rename") disk.rename(path, `${path}.deleted`);
      else disk.remove(path);
    });
    this.#index.delete(key);
    this.listener?.deleted(key);
  }

  /**
   * Reads the directory anew, and tells what has changed. What can't be read
   * counts as absent, and is complained about when all else is done.
   */
  reload(): void {
    const failures: ResolverError[] = [];
    const present = [
      ...this.#files((failure) => failures.push(failure)),
    ];
    const changed = present.filter(([key, token]) =>
      // What a cache does not hold may still be in use.
      this.#options.evicts && !this.#index.has(key) ||
      !this.#index.holds(key, hashOf(token)) && this.#index.has(key)
    );
    this.#index.clear();
    for (const [key, token] of present) this.#track(key, token);
    for (const [key] of changed) this.listener?.changed(key);
    const [failure] = failures;
    if (failure !== undefined) throw failure;
  }

  /** Keys of JWTs that have not expired. */
  keys(): string[] {
    return this.#valid().map(([key]) => key);
  }

  /** `key|JWT` for each JWT that has not expired; lines as servers exchange them. */
  pack(): string[] {
    return this.#valid().map(([key, token]) => `${key}|${token}`);
  }

  /** Takes newer JWTs out of lines of another server. */
  merge(lines: string): void {
    for (const line of lines.split("\n")) {
      if (line === "") continue;
      const [key = "", token, ...rest] = line.split("|");
      if (token === undefined || rest.length > 0) {
        throw new ResolverError(
          `line in package didn't contain 2 entries: ${JSON.stringify(line)}`,
        );
      }
      if (!isPublicKey(key, "account")) {
        throw new ResolverError(
          "key to merge is not a valid public account key",
        );
      }
      this.saveIfNewer(key, token);
    }
  }

  #valid(): [string, string][] {
    const now = Math.floor(this.#ports.clock.now() / 1000);
    return [...this.#files()].filter(([key, token]) => {
      if (!this.#index.has(key) || token === "") return false;
      const expires = decodeOr(token)?.expires ?? 0;
      return expires === 0 || expires >= now;
    });
  }

  /** Keeps a JWT; false when it is there already. */
  #write(key: string, token: string): boolean {
    const path = this.#pathOf(key);
    if (token === "") throw new ResolverError("invalid JWT");
    const { limit, evicts } = this.#options;
    const hash = hashOf(token);
    if (this.#index.has(key)) {
      this.#touch(key);
      if (this.#index.holds(key, hash)) return false;
    } else if (limit > 0 && this.#index.size >= limit) {
      if (!evicts) throw new ResolverError("jwt store is full");
      this.#evict();
    }
    const { disk } = this.#ports;
    const parent = path.slice(0, path.lastIndexOf("/"));
    reporting(() => {
      disk.makeDirectory(parent, DIRECTORY_MODE);
      disk.writeFile(path, new TextEncoder().encode(token), FILE_MODE);
    });
    this.#track(key, token);
    return true;
  }

  #evict(): void {
    const victim = this.#index.leastUsed;
    if (victim === undefined) return;
    reporting(() => this.#ports.disk.remove(this.#pathOf(victim)));
    this.#index.delete(victim);
  }

  #expire(): void {
    for (const key of this.#index.expired(this.#ports.clock.now())) {
      try {
        this.#ports.disk.remove(this.#pathOf(key));
        this.#index.delete(key);
      } catch (error) {
        // A file that can't be removed now is tried again.
        if (!(error instanceof DiskError)) throw error;
      }
    }
  }

  #track(key: string, token: string): void {
    const { ttl } = this.#options;
    const expires = decodeOr(token)?.expires ?? 0;
    const end = ttl > 0
      ? this.#ports.clock.now() + ttl
      : expires > 0
      ? expires * 1000
      : Infinity;
    this.#index.set(key, hashOf(token), end);
  }

  #touch(key: string): void {
    const { ttl, evicts } = this.#options;
    if (ttl > 0) this.#index.extend(key, this.#ports.clock.now() + ttl);
    if (evicts) this.#index.use(key);
  }

  #pathOf(key: string): string {
    if (!isPublicKey(key)) throw new ResolverError("invalid public key");
    const { directory, sharded } = this.#options;
    const shard = sharded ? `/${key.slice(-2)}` : "";
    return `${directory}${shard}/${key}${EXTENSION}`;
  }

  #read(path: string): string | undefined {
    const { disk } = this.#ports;
    if (!disk.exists(path)) return undefined;
    return reporting(() => new TextDecoder().decode(disk.readFile(path)));
  }

  /**
   * Keys and JWTs of all files, also those in subdirectories.
   * @param onFailure told of what can't be read; by default that is thrown
   */
  *#files(
    onFailure = (failure: ResolverError): void => {
      throw failure;
    },
    directory = this.#options.directory,
  ): Generator<[string, string]> {
    const { disk } = this.#ports;
    const attempt = <T>(read: () => T): T | undefined => {
      try {
        return reporting(read);
      } catch (error) {
        if (!(error instanceof ResolverError)) throw error;
        onFailure(error);
        return undefined;
      }
    };
    for (const name of attempt(() => disk.list(directory)) ?? []) {
      const path = `${directory}/${name}`;
      if (attempt(() => disk.stat(path))?.isDirectory === true) {
        yield* this.#files(onFailure, path);
      } else if (name.endsWith(EXTENSION)) {
        const token = attempt(() => this.#read(path));
        const key = name.slice(0, -EXTENSION.length);
        if (token !== undefined) yield [key, token];
      }
    }
  }
}

/** Whether a JWT should replace the one present. @throws ResolverError when it is none of the key */
function isNewer(key: string, token: string, present: string): boolean {
  let next: Claims;
  try {
    next = decodeGenericJwt(token);
  } catch (error) {
    if (!(error instanceof JwtError)) throw error;
    throw new ResolverError(error.message);
  }
  const known = decodeOr(present);
  if (known === undefined) return true;
  if (known.id === next.id || known.issuedAt > next.issuedAt) return false;
  if (next.subject !== key) {
    throw new ResolverError("jwt subject nkey and provided nkey do not match");
  }
  if (known.subject !== next.subject) {
    throw new ResolverError("subject of existing and new jwt do not match");
  }
  return true;
}

function decodeOr(token: string): Claims | undefined {
  try {
    return decodeGenericJwt(token);
  } catch (error) {
    if (error instanceof JwtError) return undefined;
    throw error;
  }
}

function hashOf(token: string): Uint8Array {
  return sha256(new TextEncoder().encode(token));
}

function reporting<T>(access: () => T): T {
  try {
    return access();
  } catch (error) {
    if (error instanceof DiskError) throw new ResolverError(error.message);
    throw error;
  }
}
