/**
 * Answers of OCSP responders that are kept, in memory and in
 * `<local_store>/cache.json`: an object by base64 of the certificate's SHA-256,
 * `{subject, cached_at, resp_status, resp_expires, resp}`, where `resp` is
 * base64 of the answer's DER as an S2 stream.
 *
 * @module
 */

import {
  decodeBase64,
  encodeBase64,
  isObject,
  type OcspCacheOptions,
} from "../../config/mod.ts";
import type { Logger } from "../../log/mod.ts";
import {
  joinBytes,
  S2Decoder,
  S2Encoder,
  S2Error,
} from "../../protocol/mod.ts";
import {
  type Clock,
  type Disk,
  DiskError,
  type Random,
  replaceFile,
  type Timer,
  type Timers,
} from "../../runtime/mod.ts";
import type { OcspAnswer, Status } from "./messages.ts";

const FILE_NAME = "cache.json";
const DEFAULT_DIRECTORY = "_rc_";
const DIRECTORY_MODE = 0o750;
const FILE_MODE = 0o600;
/** Where Go's zero time stands in JSON. */
const NEVER = "0001-01-01T00:00:00Z";

interface Item {
  readonly subject: string;
  readonly cached_at: string;
  readonly resp_status: Status;
  readonly resp_expires: string;
  readonly resp: string;
}

/** What a cache has seen. */
export interface OcspCacheStats {
  hits: number;
  misses: number;
}

/** The ports of the cache. */
export interface OcspCachePorts {
  readonly clock: Clock;
  readonly disk: Disk;
  readonly random: Random;
  readonly timers: Timers;
}

/** Keeps nothing when its type is `none`. */
export class OcspCache {
  readonly stats: OcspCacheStats = { hits: 0, misses: 0 };
  readonly #options: OcspCacheOptions;
  readonly #ports: OcspCachePorts;
  readonly #logger: Logger;
  #items = new Map<string, Item>();
  #changed = false;
  #saves: Timer | null = null;

  constructor(
    options: OcspCacheOptions,
    ports: OcspCachePorts,
    logger: Logger,
  ) {
    this.#options = options;
    this.#ports = ports;
    this.#logger = logger;
  }

  get type(): OcspCacheOptions["type"] {
    return this.#options.type;
  }

  /** Answers of a status; of any without one. */
  count(status?: Status): number {
    return [...this.#items.values()]
      .filter(({ resp_status }) =>
        status === undefined || resp_status === status
      )
      .length;
  }

  start(): void {
    if (this.type === "local") {
      this.#logger.debug("Starting OCSP peer cache");
      this.#load();
      this.#saves = this.#ports.timers.every(
        this.#options.saveInterval,
        () => this.#save(),
      );
    }
    this.#logger.notice(`OCSP peer cache online, type [${this.type}]`);
  }

  stop(): void {
    if (this.type !== "local") return;
    this.#logger.debug("Stopping OCSP peer cache");
    this.#saves?.cancel();
    this.#saves = null;
    this.#save();
  }

  /** DER of an answer; undefined when there is none. */
  get(key: string): Uint8Array | undefined {
    if (this.type !== "local") return undefined;
    const item = this.#items.get(key);
    if (item === undefined) {
      this.stats.misses++;
      this.#logger.debug(`OCSP peer cache miss for key [${key}]`);
      return undefined;
    }
    this.stats.hits++;
    this.#logger.debug(`OCSP peer cache hit for key [${key}]`);
    try {
      return decompress(decodeBase64(item.resp) ?? new Uint8Array(0));
    } catch (error) {
      if (!(error instanceof S2Error)) throw error;
      this.#logger.error(
        `Unable to decompress OCSP response for key [${key}]: ${error.message}`,
      );
      return undefined;
    }
  }

  put(key: string, answer: OcspAnswer, subject: string): void {
    if (this.type !== "local") return;
    this.#logger.debug(`Caching OCSP response for [${subject}], key [${key}]`);
    const now = Math.round(this.#ports.clock.now() / 1000) * 1000;
    this.#items.set(key, {
      subject,
      cached_at: timeText(now),
      resp_status: answer.status,
      resp_expires: answer.nextUpdate === undefined
        ? NEVER
        : timeText(answer.nextUpdate),
      resp: encodeBase64(compress(answer.raw)),
    });
    this.#changed = true;
  }

  /** Drops an answer that was a hit and is of no use; a revocation may be kept. */
  delete(key: string): void {
    const item = this.#items.get(key);
    if (item === undefined) return;
    this.stats.hits--;
    this.stats.misses++;
    if (item.resp_status === "revoked" && this.#options.preserveRevoked) {
      this.#logger.debug(
        `Revoked OCSP response for key [${key}] preserved by cache policy`,
      );
      return;
    }
    this.#logger.debug(`Deleting OCSP peer cached response for key [${key}]`);
    this.#items.delete(key);
    this.#changed = true;
  }

  get #directory(): string {
    return this.#options.localStore || DEFAULT_DIRECTORY;
  }

  #load(): void {
    const { disk } = this.#ports;
    const path = `${this.#directory}/${FILE_NAME}`;
    this.#logger.debug(`Loading OCSP peer cache [${path}]`);
    try {
      if (!disk.exists(path)) {
        this.#logger.debug(
          "No OCSP peer cache found, starting with empty cache",
        );
        return;
      }
      this.#items = readItems(new TextDecoder().decode(disk.readFile(path)));
    } catch (error) {
      const isBad = error instanceof DiskError || error instanceof SyntaxError;
      if (!isBad) throw error;
      this.#changed = true;
      this.#logger.warn(`Unable to load OCSP peer cache: ${error.message}`);
    }
  }

  #save(): void {
    if (!this.#changed) return;
    this.#logger.debug("OCSP peer cache is dirty, saving");
    const { disk, random } = this.#ports;
    const directory = this.#directory;
    const temporary = `${directory}/ocsprc-${random.below(2 ** 31)}`;
    const text = JSON.stringify(
      Object.fromEntries([...this.#items].sort(([a], [b]) => a < b ? -1 : 1)),
      null,
      1,
    );
    const bytes = new TextEncoder().encode(text);
    try {
      disk.makeDirectory(directory, DIRECTORY_MODE);
      const mode = FILE_MODE;
      const path = `${directory}/${FILE_NAME}`;
      replaceFile(disk, path, bytes, { mode, temporary });
      this.#changed = false;
      this.#logger.debug(
        `Saved OCSP peer cache successfully (${bytes.length} bytes)`,
      );
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#logger.error(`Unable to save OCSP peer cache: ${error.message}`);
    }
  }
}

/** @throws SyntaxError */
function readItems(text: string): Map<string, Item> {
  const parsed: unknown = JSON.parse(text);
  if (!isObject(parsed)) throw new SyntaxError("not an object");
  return new Map(
    Object.entries(parsed).map(([key, value]) => {
      if (!isObject(value)) throw new SyntaxError(`${key} is no object`);
      const { subject = "", cached_at, resp_status, resp_expires, resp } =
        value;
      const status = resp_status === "good" || resp_status === "revoked"
        ? resp_status
        : "unknown";
      return [key, {
        subject: String(subject),
        cached_at: String(cached_at),
        resp_status: status,
        resp_expires: String(resp_expires ?? NEVER),
        resp: String(resp),
      }];
    }),
  );
}

function timeText(at: number): string {
  return new Date(at).toISOString().replace(/\.000Z$/, "Z");
}

function compress(bytes: Uint8Array): Uint8Array {
  return new S2Encoder().encode(bytes);
}

/** @throws S2Error */
function decompress(bytes: Uint8Array): Uint8Array {
  const decoder = new S2Decoder();
  const pieces = decoder.decode(bytes);
  decoder.end();
  return joinBytes(pieces);
}
