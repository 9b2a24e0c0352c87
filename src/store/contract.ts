/**
 * What a stream and its consumers ask of their store.
 *
 * Everything is synchronous: a call has happened when it returns, in memory
 * and for readers. What it takes for the bytes to survive is told apart:
 * `flush` hands them to the operating system, `settled` waits for the disk.
 *
 * Sequences are integers from 1 on; times are nanoseconds since the Unix epoch.
 *
 * @module
 */

import type { Work } from "../connection/mod.ts";
import type { Chunk } from "../protocol/mod.ts";
import type { SubjectFilter } from "../subject/mod.ts";
import type {
  ConsumerState,
  ConsumerStore,
  StoredConsumer,
} from "./consumer_contract.ts";
import type { ScheduleEntry, SourcePosition, Stamped } from "./format/mod.ts";

/** Where the header block and the payload of a message are. */
export interface MessageBody {
  readonly chunk: Chunk;
  readonly bodyStart: number;
  readonly bodyEnd: number;
  /** Bytes of the header block, which comes first; at most 0: none. */
  readonly headerSize: number;
}

/** A message to be stored. */
export interface Append {
  /** Literal subject, byte string. */
  readonly subject: string;
  readonly body: MessageBody;
  /** Lives so many seconds; 0: as long as the limits let it; -1: for ever. */
  readonly ttl: number;
  /** Nanoseconds; undefined: now, but always behind the last message. */
  readonly time?: bigint;
  /** Whether it will replace what its subject has: no limit of it refuses it. */
  readonly rollup?: boolean;
}

/**
 * A stored message, as ranges of a buffer of the store's.
 *
 * Valid until the store is called the next time: whoever keeps it copies.
 */
export interface StoredMessage extends MessageBody {
  readonly sequence: number;
  /** Byte string. */
  readonly subject: string;
  readonly time: bigint;
  /** The upper half of the time, signed: most can do without big integers. */
  readonly timeHigh: number;
  /** The lower half, unsigned. */
  readonly timeLow: number;
}

/** Sequences that can't be given back, because their records were damaged. */
export interface LostMessages {
  readonly sequences: readonly number[];
  readonly bytes: number;
}

/** What the store holds. */
export interface StoreState {
  readonly messages: number;
  /** As records take them on disk or in memory. */
  readonly bytes: number;
  /**
   * One more than `lastSequence` when there are no messages; 0 when none was
   * ever stored or purged.
   */
  readonly firstSequence: number;
  /** 0n when there are no messages. */
  readonly firstTime: bigint;
  readonly lastSequence: number;
  /** 0n when nothing was ever stored. */
  readonly lastTime: bigint;
  readonly subjects: number;
  /** Missing sequences between the first and the last. */
  readonly deleted: number;
  readonly lost: LostMessages | null;
}

/** Of one subject, or of all that match a filter. */
export interface SubjectState {
  readonly messages: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
}

/** Messages that a consumer has before it. */
export interface Pending {
  readonly count: number;
  /** Last sequence of the store when it was counted. */
  readonly validThrough: number;
}

/**
 * A count of messages that goes on while messages come and go. What goes is
 * taken off if it was counted; what comes behind `validThrough` it leaves to
 * others, and whatever becomes of that.
 */
export interface PendingCount extends Pending {
  /**
   * Counts; {@link count} is complete when it is done. Whoever gives it up
   * calls `return`.
   */
  run(): Work<void>;
}

/** Settings that can change while the store is open. -1 and 0: no limit. */
export interface StoreLimits {
  readonly maxMessages: number;
  readonly maxBytes: number;
  readonly maxMessagesPerSubject: number;
  /** Nanoseconds. */
  readonly maxAge: bigint;
  readonly discard: "old" | "new";
  /** With `discard: "new"`: refuse what exceeds the limit of its subject too. */
  readonly discardNewPerSubject: boolean;
  /** Whether messages may carry a time to live. */
  readonly allowTtl: boolean;
  /** Whether the listener is asked before the last message of a subject expires. */
  readonly markDeletes: boolean;
  readonly compression: "none" | "s2";
}

/** Told what happens to messages otherwise than by a caller's wish. */
export interface StoreListener {
  /**
   * Messages and bytes have come (positive) or gone (negative), for whatever
   * reason. `sequence` and `subject` tell which message if it is a single one;
   * else 0 and "".
   */
  changed(
    messages: number,
    bytes: number,
    sequence: number,
    subject: string,
  ): void;
  /**
   * The last message of its subject is due to expire; asked with `markDeletes`
   * only. @returns true when the listener takes care of it, by storing
   * something that replaces it; false lets the message expire.
   */
  expiring(message: StoredMessage): boolean;
}

/** Why the store refused; `message` is for clients. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  constructor(readonly code: StoreErrorCode, options?: ErrorOptions) {
    super(STORE_ERRORS[code], options);
  }
}

/** Texts as clients know them. */
export const STORE_ERRORS = {
  closed: "store is closed",
  notFound: "no message found",
  endOfStore: "stream store EOF",
  maxMessages: "maximum messages exceeded",
  maxBytes: "maximum bytes exceeded",
  maxMessagesPerSubject: "maximum messages per subject exceeded",
  messageTooLarge: "message too large",
  sequenceMismatch: "expected sequence does not match store",
  sequenceTooLarge: "sequence too large",
  tooManyResults: "too many matching results for request",
  deletedMessage: "deleted message",
  corruptState: "corrupt state file",
} as const;

/** Key of a text. */
export type StoreErrorCode = keyof typeof STORE_ERRORS;

/** Reads messages. Nothing here changes the store. */
export interface MessageReader {
  state(): StoreState;
  /** Cheap parts of {@link state}, for every message. */
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly messages: number;
  readonly bytes: number;
  /** Missing sequences from the first on, ascending. */
  deletedSequences(): Iterable<number>;
  /** Tells of them step by step. */
  listingDeleted(visit: (sequence: number) => void): Work<void>;
  /** Null when there is no such message (any more). @throws StoreError closed */
  load(sequence: number): StoredMessage | null;
  /** The last message that matches. */
  loadLast(filter: SubjectFilter): StoredMessage | null;
  /** The last message of the literal subject `source[start, end)`. */
  loadLastOf(source: Chunk, start: number, end: number): StoredMessage | null;
  /** The first message at or after `from` that matches. */
  loadNext(filter: SubjectFilter, from: number): StoredMessage | null;
  /** The last message at or before `from` that matches. */
  loadPrevious(filter: SubjectFilter, from: number): StoredMessage | null;
  /**
   * Visits the messages from `from` on that have a header, as far as they are
   * there when it comes to them.
   */
  withHeader(
    from: number,
    visit: (message: StoredMessage) => void,
  ): Work<void>;
  /** First message stored at or after `time`; last + 1 when there is none. */
  sequenceAt(time: bigint): number;
  /** Messages at or after `from` that match. */
  filteredState(filter: SubjectFilter, from: number): SubjectState;
  /** By subject, all those that match. */
  subjectStates(filter: SubjectFilter): Map<string, SubjectState>;
  /** By subject, all those that match; cheaper than the states. */
  subjectTotals(filter: SubjectFilter): Map<string, number>;
  /**
   * Tells of matching subjects and their messages, step by step; of one
   * pattern in the order of their bytes.
   * @param visit told of those from the `offset`th on
   * @returns how many there are
   */
  listingSubjects(
    filter: SubjectFilter,
    offset: number,
    limit: number,
    visit: (subject: string, messages: number) => void,
  ): Work<number>;
  /**
   * The last sequence at or before `upTo` (0: the last) of each matching
   * subject, ascending. @throws StoreError tooManyResults over `limit` (0: none)
   */
  lastSequences(filter: SubjectFilter, upTo: number, limit: number): number[];
  /** The same, step by step. */
  findingLasts(
    filter: SubjectFilter,
    upTo: number,
    limit: number,
  ): Work<number[]>;
  /** The last sequence of each matching subject, ascending, step by step. */
  collectingLasts(filter: SubjectFilter): Work<number[]>;
  /** The last sequence that matches; 0: none. */
  lastMatch(filter: SubjectFilter): number;
  /** The first sequence at or after `from` that matches; 0: none. */
  firstMatch(filter: SubjectFilter, from: number): number;
  /** The same, step by step: of the messages that were there at the beginning. */
  findingFirst(filter: SubjectFilter, from: number): Work<number>;
  /** Counts what a consumer that begins at `from` has before it. */
  pending(
    filter: SubjectFilter,
    from: number,
    lastPerSubject: boolean,
  ): Pending;
  /** The same, step by step. */
  countPending(
    filter: SubjectFilter,
    from: number,
    lastPerSubject: boolean,
  ): PendingCount;
}

/** Stores and removes messages. */
export interface MessageWriter {
  /**
   * Stores a message behind the last. Limits that make room do so at once.
   * @returns its sequence
   * @throws StoreError when a limit refuses it; nothing has changed then
   */
  append(message: Append): number;
  /** The same at a given sequence, behind the last; what lies between is skipped. */
  appendAt(sequence: number, message: Append): void;
  /**
   * Uses up the next `count` sequences without messages.
   * @param touch whether that counts as activity: the last time becomes now
   * @returns the last
   */
  skip(count: number, touch?: boolean): number;
  /** @returns false when there is no such message */
  remove(sequence: number): boolean;
  /** Removes and overwrites the bytes. @returns false when there is none */
  erase(sequence: number): boolean;
  /** Removes everything. @returns messages removed */
  purge(): number;
  /**
   * Removes what matches, below `before` (0: everything), but keeps the last
   * `keep`. @returns messages removed
   */
  purgeMatching(filter: SubjectFilter, before: number, keep: number): number;
  /** The same, step by step; until it is done, some are there and some not. */
  purgingMatching(
    filter: SubjectFilter,
    before: number,
    keep: number,
  ): Work<number>;
  /** Removes everything below `sequence`. @returns messages removed */
  compact(sequence: number): number;
  /** The same, step by step. */
  compacting(sequence: number): Work<number>;
  /** Removes everything above `sequence`, as if it had never been. */
  truncate(sequence: number): void;
}

/** Positions in sources, by their keys. */
export interface KeptSources {
  /** One more than the last sequence of the stream at that time. */
  readonly stamp: number;
  readonly entries: ReadonlyMap<string, SourcePosition>;
}

/** One stream's messages and consumers. */
export interface StreamStore extends MessageReader, MessageWriter {
  readonly storage: "memory" | "file";
  /**
   * Ends a batch: hands to the operating system what was appended so far.
   * @throws DiskError now and ever after when that failed once
   */
  flush(): void;
  /**
   * Resolves when what was flushed is as durable as was asked for; null when it
   * is already. Rejects when it can't be made durable; the store refuses
   * everything from then on.
   */
  settled(): Promise<void> | null;
  /** Takes over new limits and enforces them. */
  updateLimits(limits: StoreLimits): void;
  /**
   * The same, step by step: new limits are in force at once, what they take
   * goes little by little.
   */
  updatingLimits(limits: StoreLimits): Work<void>;
  /** The text of `meta.inf`: JSON of the configuration. */
  writeMeta(text: string): void;
  /**
   * How far sources had come when this was kept last, and up to which sequence
   * of the stream that holds, this one excluded; null: nothing is known.
   */
  keptSources(): KeptSources | null;
  /**
   * Keeps how far sources have come, whatever becomes of their messages. Without
   * any, nothing is kept.
   */
  keepSources(positions: ReadonlyMap<string, SourcePosition>): void;
  /**
   * Which messages schedule others, as far as that was kept: messages from the
   * stamp on are not looked at, and some may have gone since; null: nothing is
   * known. Told once, after the store was opened.
   */
  keptSchedules(): Work<Stamped<readonly ScheduleEntry[]> | null>;
  /** Tells of consumers that are kept, step by step. */
  findingConsumers(visit: (found: StoredConsumer) => void): Work<void>;
  /** @param state asked for whenever the state is written */
  consumer(name: string, state: () => ConsumerState): ConsumerStore;
  /** Bytes on disk or in memory, and those of them that hold messages. */
  utilization(): { readonly total: number; readonly reported: number };
  /**
   * Limits remove nothing until the function returned is called. What is asked
   * for is removed all the same: acknowledgements, for one, can't wait.
   */
  holdForSnapshot(): () => void;
  /** Flushes, syncs and closes; whoever does this, too, does what is left. */
  stop(): void;
  stopping(): Work<void>;
  /**
   * {@linkcode delete} comes next: consumers that are deleted until then need
   * not be taken away one by one.
   */
  condemn(): void;
  /** Removes everything of the stream, consumers too. */
  delete(): void;
}

/** How to open the store of a stream. */
export interface StreamStoreOptions {
  /** Name of the stream, which is that of its directory. */
  readonly name: string;
  readonly storage: "memory" | "file";
  readonly limits: StoreLimits;
  /** A new stream's first sequence; 0 and 1 are the same. */
  readonly firstSequence: number;
  readonly listener: StoreListener;
  /** Whether flushed bytes may wait: `persist_mode: async`. */
  readonly asyncFlush: boolean;
  /** Which messages schedule others, to be kept; null: that is of no interest. */
  readonly schedules?: () => readonly ScheduleEntry[] | null;
  /**
   * Whether the stream is filled first: it is found at the next start only if
   * its `meta` has been written by then.
   */
  readonly restoring?: boolean;
  /** Whether messages go when they have been consumed: blocks are smaller then. */
  readonly consumed?: boolean;
  /** Bytes that the largest message may have, for the size of blocks. */
  readonly largestMessage?: number;
  /** The time to live that a message carries in its header, as in {@link Append}. */
  ttlOf(message: StoredMessage): number;
}

/** A stream as it was found in an account's directory. */
export interface StoredStream {
  readonly name: string;
  /** Where its configuration is, for people. */
  readonly path: string;
  /** JSON, as it was written. */
  readonly meta: string;
  /** What opening it does: nothing, encrypt it, or encrypt it anew. */
  readonly encryption: "kept" | "added" | "renewed";
  /** Tells of its consumers, step by step, without opening the stream. */
  findingConsumers(visit: (found: StoredConsumer) => void): Work<void>;
}

/** A stream whose directory was found and can't be opened; it stays as it is. */
export interface UnreadableStream {
  readonly name: string;
  /** A sentence for the log. */
  readonly reason: string;
}

/** The stores of one account. */
export interface AccountStores {
  /**
   * Looks off the loop at what takes long to look at when streams are
   * recovered. Nobody has to. @returns to be called when they are
   */
  lookAhead?(): Promise<() => void>;
  /** What the directory holds; found step by step. */
  recovering(): Work<{
    readonly streams: readonly StoredStream[];
    readonly unreadable: readonly UnreadableStream[];
  }>;
  /**
   * Finds out what {@linkcode open} needs to know of a stream, which takes its
   * time. Nobody has to; what was found before is forgotten.
   * @throws DiskError
   */
  finding?(name: string): Work<void>;
  /**
   * Opens or creates. A new stream's `meta` must be written next.
   * @throws StoreError, DiskError
   */
  open(options: StreamStoreOptions): StreamStore;
  /**
   * Opens an empty store below that of a stream, for what is to be stored there
   * later. @param options with a name that is unique below that stream
   * @throws StoreError, DiskError
   */
  stage(stream: string, options: StreamStoreOptions): StreamStore;
  /**
   * What a server before has staged so; null: nothing of that name.
   * @throws StoreError, DiskError
   */
  staged(stream: string, options: StreamStoreOptions): StreamStore | null;
  /** Removes all that was staged for a stream. @throws DiskError */
  dropStaged(stream: string): void;
}
