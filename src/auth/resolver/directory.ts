/**
 * Account JWTs in a directory of the server, which other servers and the
 * operator's tools keep up to date through the system account.
 *
 * @module
 */

import type { ResolverOptions } from "../../config/mod.ts";
import type { Logger } from "../../log/mod.ts";
import { JwtDirectory, type JwtDirectoryPorts } from "./jwt_directory.ts";
import { type AccountResolver, ResolverError } from "./resolver.ts";

/** The kinds of resolvers that keep a directory. */
export type DirectoryOptions = Extract<
  ResolverOptions,
  { readonly directory: string }
>;

/** JWTs that a cache holds unless configured otherwise. */
const CACHE_LIMIT = 1000;
/** Milliseconds that other servers may take for an answer, by default. */
const FETCH_TIMEOUT = 1_900;
/** Milliseconds between two comparisons with other servers, by default. */
const SYNC_INTERVAL = 60_000;

/** Asks other servers for a JWT, for `timeout` milliseconds. @throws ResolverError */
export type RemoteLookup = (
  account: string,
  timeout: number,
) => Promise<string>;

/** Holds all JWTs there are (`full`), or those in use (`cache`). */
export class DirectoryResolver implements AccountResolver {
  readonly readOnly = false;
  readonly directory: JwtDirectory;
  /** Set when other servers can be asked. */
  remote: RemoteLookup | null = null;
  readonly #options: DirectoryOptions;
  readonly #logger: Logger;

  constructor(
    options: DirectoryOptions,
    ports: JwtDirectoryPorts,
    logger: Logger,
  ) {
    this.#options = options;
    this.#logger = logger;
    const isCache = options.kind === "cache";
    this.directory = new JwtDirectory({
      directory: options.directory.replace(/(?<=.)\/+$/, ""),
      sharded: false,
      limit: options.limit > 0 ? options.limit : isCache ? CACHE_LIMIT : 0,
      evicts: isCache,
      ttl: options.kind === "cache" ? options.ttl : 0,
      deletion: options.kind === "cache" ? "hard" : options.delete,
    }, ports);
  }

  /** Whether only JWTs in use are kept. */
  get isCache(): boolean {
    return this.#options.kind === "cache";
  }

  /** Milliseconds between two comparisons with other servers. */
  get syncInterval(): number {
    const { kind } = this.#options;
    return kind === "full" && this.#options.interval || SYNC_INTERVAL;
  }

  /** Whether JWTs can be deleted on request. */
  get deletes(): boolean {
    return this.#options.kind === "cache" || this.#options.delete !== "never";
  }

  // deno-lint-ignore require-await
  async start(): Promise<void> {
    this.directory.open();
    this.#logger.notice(
      `Managing ${this.isCache ? "some" : "all"} jwt in exclusive directory ` +
        this.#options.directory,
    );
  }

  async fetch(account: string): Promise<string> {
    const present = this.directory.load(account);
    if (present !== undefined) return present;
    if (this.remote === null) throw new ResolverError("account jwt not found");
    const timeout = this.#options.fetchTimeout || FETCH_TIMEOUT;
    const token = await this.remote(account, timeout);
    this.store(account, token);
    return token;
  }

  store(account: string, token: string): void {
    this.directory.saveIfNewer(account, token);
  }

  reload(): void {
    this.directory.reload();
  }

  close(): void {
    this.directory.close();
  }
}
