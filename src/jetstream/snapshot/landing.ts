/**
 * Takes over a stream whose files have come from a snapshot.
 *
 * @module
 */

import { asLongAs, type Work } from "../../connection/mod.ts";
import type { Disk } from "../../runtime/mod.ts";
import {
  type AccountStores,
  type ConsumerState,
  StoreError,
  type StreamStore,
} from "../../store/mod.ts";
import { SubjectFilter } from "../../subject/mod.ts";
import type { JetStreamAccount } from "../account.ts";
import type { FoundConsumer, ManagedStream } from "../assets.ts";
import { openBare } from "../bare_store.ts";
import { ApiError } from "../errors.ts";
import { readLeniently } from "../json/read.ts";
import { parseTime } from "../json/time.ts";
import { ttlOfStored } from "../stream/stored_parts.ts";
import { CONSUMER_META, type StreamMeta } from "../types/meta.ts";
import { STREAM_CONFIG, type StreamConfig } from "../types/stream_config.ts";

const DIRECTORY_MODE = 0o700;
const METAS = ["meta.inf", "meta.sum"];
const CONSUMERS = "obs";
/** Messages that are copied between two rests. */
const STRIDE = 64;

/** Files of a stream, all of them. */
export interface FoundFiles {
  readonly account: JetStreamAccount;
  /** What the stream is to be, checked; nobody has its name. */
  readonly config: StreamConfig;
  /** What it was. */
  readonly meta: StreamMeta;
  /** Where they are. */
  readonly path: string;
  /** Nanoseconds since the Unix epoch. */
  readonly now: () => bigint;
}

/**
 * Moves the files where the account's streams are and opens the stream there.
 * When that can't be done nothing is left of it.
 * @param streams where they are
 */
export function* moveFiles(
  found: FoundFiles,
  disk: Disk,
  streams: string,
): Work<ManagedStream> {
  const { account, config, meta, path, now } = found;
  checkConsumers(disk, path);
  disk.makeDirectory(streams, DIRECTORY_MODE);
  const place = `${streams}/${config.name}`;
  if (disk.exists(place)) disk.remove(place, { recursive: true });
  syncDirectories(disk, path);
  disk.rename(path, place);
  disk.syncDirectory(streams);
  let stream: ManagedStream | null = null;
  const isThere = () => account.streams.get(config.name) === stream;
  const release = account.keepName(config.name);
  try {
    // All blocks are read: that takes long.
    yield* account.host.stores.finding?.(config.name) ?? [];
    if (account.stopped) throw new ApiError("notEnabled");
    const created = parseTime(meta.Created) ?? now();
    stream = account.recover(config, created);
    account.host.advisories.streamChanged(config.name, "create");
    yield* whileThere(isThere, revive(stream, found));
    stream.recovered();
    const { Created: _, ...was } = meta;
    if (STREAM_CONFIG.write(was) !== STREAM_CONFIG.write(config)) {
      stream.update(config);
    }
    return stream;
  } catch (error) {
    if (stream !== null && isThere()) account.delete(stream);
    else if (stream === null && disk.exists(place)) {
      disk.remove(place, { recursive: true });
    }
    throw error;
  } finally {
    release();
  }
}

/**
 * Makes a stream in memory of them.
 * @param stores where the files are
 */
export function* copyFiles(
  { account, config, now }: FoundFiles,
  stores: AccountStores,
): Work<ManagedStream> {
  const source = yield* openSource(account, config.name, stores);
  let stream: ManagedStream | null = null;
  const isThere = () => account.streams.get(config.name) === stream;
  try {
    stream = account.restore(config, source.bytes);
    if (stream.store !== null) {
      yield* whileThere(isThere, copyMessages(source, stream.store));
    }
    yield* whileThere(isThere, copyConsumers(source, stream, now));
    stream.completeRestore();
    return stream;
  } catch (error) {
    if (stream !== null && isThere()) account.delete(stream);
    throw error;
  } finally {
    source.stop();
  }
}

/** Opens the files, while nobody gets the stream's name. */
function* openSource(
  account: JetStreamAccount,
  name: string,
  stores: AccountStores,
): Work<StreamStore> {
  const release = account.keepName(name);
  try {
    yield* stores.finding?.(name) ?? [];
    if (account.stopped) throw new ApiError("notEnabled");
    return openBare(stores, name, "file");
  } finally {
    release();
  }
}

function* copyMessages(source: StreamStore, target: StreamStore): Work<void> {
  const { firstSequence, lastSequence } = source.state();
  if (firstSequence > 0) target.compact(firstSequence);
  let copied = 0;
  for (
    let message = source.loadNext(SubjectFilter.ALL, firstSequence);
    message !== null;
    message = source.loadNext(SubjectFilter.ALL, target.lastSequence + 1)
  ) {
    const { sequence, subject, time } = message;
    const ttl = ttlOfStored(message);
    target.appendAt(sequence, { subject, body: message, ttl, time });
    if (++copied % STRIDE === 0) yield;
  }
  const missing = lastSequence - target.lastSequence;
  if (missing > 0) target.skip(missing);
}

/** Brings back all of a stream but its messages. */
function* revive(
  stream: ManagedStream,
  { account, now }: FoundFiles,
): Work<void> {
  const { advisories } = account.host.consumers;
  for (const each of yield* consumersOf(stream, now)) {
    yield* recoveringConsumer(stream, each);
    advisories.consumerChanged(stream.name, each.name, "create");
    yield;
  }
  yield* stream.remembering();
}

function* copyConsumers(
  source: StreamStore,
  target: ManagedStream,
  now: () => bigint,
): Work<void> {
  for (const each of yield* consumersOf(source, now)) {
    const state = yield* loadingState(source, each.name);
    const found = state === null ? each : { ...each, state };
    yield* recoveringConsumer(target, found);
    yield;
  }
}

/** Does work as long as its stream is there. @throws ApiError when that has gone */
function* whileThere(isThere: () => boolean, work: Work<void>): Work<void> {
  const outcome = yield* asLongAs(isThere, work);
  if (outcome === null) throw new ApiError("streamNotFound");
}

/** What is kept of a consumer's state. */
function* loadingState(
  source: StreamStore,
  name: string,
): Work<ConsumerState | null> {
  const store = source.consumer(name, () => {
    throw new StoreError("closed");
  });
  try {
    return yield* store.loading();
  } finally {
    store.stop();
  }
}

/** Consumers without a configuration would be passed over. @throws Error */
function checkConsumers(disk: Disk, path: string): void {
  const root = `${path}/${CONSUMERS}`;
  if (!disk.exists(root)) return;
  for (const name of disk.list(root)) {
    try {
      for (const file of METAS) disk.stat(`${root}/${name}/${file}`);
    } catch (error) {
      throw restoringError(name, error);
    }
  }
}

/** Those that are kept with a stream, as they were configured. */
function* consumersOf(
  kept: Pick<StreamStore, "findingConsumers">,
  now: () => bigint,
): Work<FoundConsumer[]> {
  const found: FoundConsumer[] = [];
  yield* kept.findingConsumers(({ name, meta }) => {
    const bytes = new TextEncoder().encode(meta);
    const { Created, Name: _, ...config } = readLeniently(CONSUMER_META, bytes);
    found.push({ name, config, created: parseTime(Created) ?? now() });
  });
  return found;
}

function* recoveringConsumer(
  stream: ManagedStream,
  found: FoundConsumer,
): Work<void> {
  try {
    stream.checkConsumer(found.name, found.config);
    yield* stream.recoveringConsumer(found);
  } catch (error) {
    throw restoringError(found.name, error);
  }
}

function restoringError(name: string, cause: unknown): Error {
  const quoted = JSON.stringify(name);
  const reason = cause instanceof Error ? cause.message : String(cause);
  const text = `error restoring consumer [${quoted}]: ${reason}`;
  return new Error(text, { cause });
}

/** What is in a directory, and below it, keeps its names. */
function syncDirectories(disk: Disk, path: string): void {
  for (const name of disk.list(path)) {
    const inside = `${path}/${name}`;
    if (disk.stat(inside).isDirectory) syncDirectories(disk, inside);
  }
  disk.syncDirectory(path);
}
