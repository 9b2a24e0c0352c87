/**
 * Streams and consumers that were found when an account was opened.
 *
 * What can't be understood, or needs a newer server, is kept as it is and told
 * of as offline; what is damaged is passed over and left where it is.
 *
 * @module
 */

import { formatDuration } from "../config/mod.ts";
import { asLongAs, type Work } from "../connection/mod.ts";
import { quoteText } from "../log/mod.ts";
import type {
  AccountStores,
  ConsumerState,
  StoredConsumer,
  StoredStream,
  StreamStore,
} from "../store/mod.ts";
import { isValidTextSubject } from "../subject/mod.ts";
import type { JetStreamAccount } from "./account.ts";
import type { ManagedStream } from "./assets.ts";
import { openBare } from "./bare_store.ts";
import type { JetStreamContext } from "./context.ts";
import type { Kind } from "./json/kind.ts";
import { readLeniently, readStrictly } from "./json/read.ts";
import { JsonError } from "./json/reading.ts";
import { parseTime } from "./json/time.ts";
import { CIPHERS } from "./log.ts";
import { OfflineConsumer, OfflineStream } from "./offline.ts";
import { CONSUMER_META, STREAM_META } from "./types/meta.ts";
import type { StreamConfig } from "./types/stream_config.ts";
import { API_LEVEL, unsupportedLevel } from "./versioning.ts";

/** State of a consumer that has seen nothing. */
const NOTHING: ConsumerState = {
  delivered: { consumer: 0, stream: 0 },
  ackFloor: { consumer: 0, stream: 0 },
  pending: new Map(),
  redelivered: new Map(),
};

/** A configuration as it was found. */
interface Found<T> {
  readonly value: T;
  /** Why it can't be used; empty when it can. */
  readonly offlineReason: string;
  /** Whether it is from a newer server, rather than strange. */
  readonly isNewer: boolean;
}

/**
 * Brings back the streams of an account, one after the other. If the account
 * ends meanwhile, nothing more is done: others may have its files by then.
 */
export function* recoverAccount(
  account: JetStreamAccount,
  stores: AccountStores,
  server: JetStreamContext,
): Work<void> {
  const work = recoverStreams(account, stores, server);
  yield* asLongAs(() => !account.stopped, work);
}

function* recoverStreams(
  account: JetStreamAccount,
  stores: AccountStores,
  server: JetStreamContext,
): Work<void> {
  const { streams, unreadable } = yield* stores.recovering();
  for (const { reason } of unreadable) server.logger.warn(`  ${reason}`);
  for (const stored of streams) {
    yield* new StreamRecovery(account, stored, stores, server).run();
    yield;
  }
}

class StreamRecovery {
  readonly #account: JetStreamAccount;
  readonly #stored: StoredStream;
  readonly #stores: AccountStores;
  readonly #server: JetStreamContext;
  /** The stream, if it can't run. */
  #offline: OfflineStream | null = null;

  constructor(
    account: JetStreamAccount,
    stored: StoredStream,
    stores: AccountStores,
    server: JetStreamContext,
  ) {
    this.#account = account;
    this.#stored = stored;
    this.#stores = stores;
    this.#server = server;
  }

  *run(): Work<void> {
    const { logger, clock } = this.#server;
    const { path, meta } = this.#stored;
    const found = understand(STREAM_META, meta);
    if (found instanceof JsonError) {
      logger.warn(
        `  Error unmarshalling stream metafile ${
          quoteText(path)
        }: ${found.message}`,
      );
      return;
    }
    const { Created, ...config } = found.value;
    const created = timeOf(Created, clock.nowNanos());
    if (found.offlineReason !== "") {
      return yield* this.#keepOffline(config, created, found);
    }
    if (!this.#repair(config)) return;
    yield* this.#open(config, created);
  }

  *#open(config: StreamConfig, created: bigint): Work<void> {
    const { logger, clock } = this.#server;
    const label = this.#label(config.name);
    logger.notice(`  Starting restore for stream '${label}'`);
    const begun = clock.monotonic();
    this.#tellOfEncryption(label);
    let stream: ManagedStream;
    try {
      if (config.storage === "file") {
        yield* this.#stores.finding?.(config.name) ?? [];
      }
      stream = this.#account.recover(config, created);
    } catch (error) {
      const name = quoteText(config.name);
      logger.warn(`  Error recreating stream ${name}: ${messageOf(error)}`);
      return;
    }
    const { messages } = stream.state();
    const took = formatDuration(Math.round(clock.monotonic() - begun));
    logger.notice(
      `  Restored ${
        withCommas(messages)
      } messages for stream '${label}' in ${took}`,
    );
    yield* this.#remember(stream);
    const consumers: StoredConsumer[] = [];
    yield* stream.findingConsumers((found) => consumers.push(found));
    yield* this.#recoverConsumers(stream, consumers);
    if (this.#offline === null) stream.recovered();
  }

  /** A stream that can't read its messages says so to whoever asks for them. */
  *#remember(stream: ManagedStream): Work<void> {
    try {
      yield* stream.remembering();
    } catch (error) {
      this.#server.logger.warn(
        `  Error reading stream '${this.#label(stream.name)}': ${
          messageOf(error)
        }`,
      );
    }
  }

  #tellOfEncryption(label: string): void {
    const { logger, options } = this.#server;
    const { encryption } = this.#stored;
    if (encryption === "added") {
      logger.notice(`  Encrypting stream '${label}'`);
    } else if (encryption === "renewed") {
      const cipher = CIPHERS[options.jetstream.cipher ?? "chacha"];
      logger.notice(`  Converting to ${cipher} for stream '${label}'`);
    }
  }

  *#recoverConsumers(
    stream: ManagedStream,
    consumers: readonly StoredConsumer[],
  ): Work<void> {
    const { length } = consumers;
    if (length === 0) return;
    this.#server.logger.notice(
      `  Recovering ${length} consumers for stream - '${
        this.#label(stream.name)
      }'`,
    );
    for (const stored of consumers) {
      yield* this.#recoverConsumer(stream, stored);
      yield;
    }
  }

  *#recoverConsumer(
    stream: ManagedStream,
    stored: StoredConsumer,
  ): Work<void> {
    const { logger, clock } = this.#server;
    const found = understand(CONSUMER_META, stored.meta);
    if (found instanceof JsonError) {
      logger.warn(
        `    Error unmarshalling consumer metafile ${
          quoteText(stored.path)
        }: ${found.message}`,
      );
      return;
    }
    const { Created, Name, ...config } = found.value;
    const name = Name || stored.name;
    const label = `${this.#label(stream.name)} > ${name}`;
    if (found.offlineReason !== "") {
      logger.warn(
        found.isNewer
          ? `  Detected unsupported consumer '${label}': ${found.offlineReason}`
          : `  Error unmarshalling consumer metafile ${
            quoteText(stored.path)
          }: ${found.offlineReason.replace("decoding error: ", "")}`,
      );
      const offline = yield* this.#stopFor(stream, name);
      offline.consumers.set(
        name,
        new OfflineConsumer(name, config, found.offlineReason, () => {
          offline.consumers.delete(name);
          this.#removeConsumer(offline, stored.name);
        }),
      );
      return;
    }
    try {
      const created = timeOf(Created, clock.nowNanos());
      yield* (this.#offline ?? stream).recoveringConsumer({
        name: stored.name,
        config,
        created,
      });
    } catch (error) {
      logger.warn(`    Error adding consumer '${label}': ${messageOf(error)}`);
    }
  }

  /** A stream does not run without all of its consumers. */
  *#stopFor(stream: ManagedStream, consumer: string): Work<OfflineStream> {
    if (this.#offline !== null) return this.#offline;
    const { logger } = this.#server;
    logger.warn(`  Stopping unsupported stream '${this.#label(stream.name)}'`);
    yield* stream.stopping();
    return this.#keep(
      stream.config,
      stream.created,
      `stopped - unsupported consumer ${quoteText(consumer)}`,
    );
  }

  #keep(
    config: StreamConfig,
    created: bigint,
    reason: string,
  ): OfflineStream {
    const offline = new OfflineStream(
      config,
      created,
      reason,
      () => this.#store(config).delete(),
    );
    this.#offline = offline;
    this.#account.keepOffline(offline);
    return offline;
  }

  #removeConsumer({ config }: OfflineStream, name: string): void {
    const store = this.#store(config);
    store.consumer(name, () => NOTHING).delete();
    store.stop();
  }

  #store({ storage }: StreamConfig): StreamStore {
    return openBare(this.#stores, this.#stored.name, storage);
  }

  *#keepOffline(
    config: StreamConfig,
    created: bigint,
    { offlineReason, isNewer }: Found<unknown>,
  ): Work<void> {
    const { logger } = this.#server;
    logger.warn(
      isNewer
        ? `  Detected unsupported stream '${
          this.#label(config.name)
        }': ${offlineReason}`
        : `  Error unmarshalling stream metafile ${
          quoteText(this.#stored.path)
        }: ${offlineReason.replace("decoding error: ", "")}`,
    );
    const offline = this.#keep(config, created, offlineReason);
    const consumers: StoredConsumer[] = [];
    yield* this.#stored.findingConsumers((found) => consumers.push(found));
    yield* this.#recoverConsumers(offline, consumers);
  }

  /** Mends what older servers let pass. @returns false when that can't be done */
  #repair(config: StreamConfig): boolean {
    const { logger } = this.#server;
    const stream = quoteText(config.name);
    if (config.mirror !== null) config.duplicate_window = 0;
    for (const [index, subject] of config.subjects.entries()) {
      if (isValidTextSubject(subject)) continue;
      const shown = quoteText(subject);
      logger.warn(
        `  Detected bad subject ${shown} while adding stream ${stream}, will attempt to repair`,
      );
      const trimmed = subject.trim();
      if (!isValidTextSubject(trimmed)) {
        logger.warn(`  Error recreating stream ${stream}: invalid subject`);
        return false;
      }
      logger.warn(`  Bad subject ${shown} repaired to ${quoteText(trimmed)}`);
      config.subjects[index] = trimmed;
    }
    if (config.mirror !== null && config.subjects.length > 0) {
      logger.warn(
        `  Detected subjects on a mirrored stream ${stream}, will remove`,
      );
      config.subjects = [];
    }
    return true;
  }

  #label(stream: string): string {
    return `${this.#account.name} > ${stream}`;
  }
}

/** Reads a configuration, even if not all of it is known. */
function understand<T extends { metadata: Map<string, string> }>(
  kind: Kind<T>,
  meta: string,
): Found<T> | JsonError {
  const bytes = new TextEncoder().encode(meta);
  let fault = "";
  let value: T;
  try {
    value = readStrictly(kind, bytes);
  } catch (strict) {
    if (!(strict instanceof JsonError)) throw strict;
    fault = strict.message;
    try {
      value = readLeniently(kind, bytes);
    } catch (lenient) {
      if (lenient instanceof JsonError) return lenient;
      throw lenient;
    }
  }
  const level = unsupportedLevel(value.metadata);
  if (level === null && fault === "") {
    return { value, offlineReason: "", isNewer: false };
  }
  if (level === null) {
    return { value, offlineReason: `decoding error: ${fault}`, isNewer: false };
  }
  const offlineReason = fault === ""
    ? `unsupported - required API level: ${level}, current API level: ${API_LEVEL}`
    : `unsupported - config error: ${fault.replace(/^json: /, "")}`;
  return { value, offlineReason, isNewer: true };
}

function timeOf(text: string, otherwise: bigint): bigint {
  const parsed = parseTime(text);
  return parsed === null || parsed < 0n ? otherwise : parsed;
}

function withCommas(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
