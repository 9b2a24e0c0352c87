/**
 * JetStream options of the server.
 *
 * @module
 */

/** Encryption at rest. */
export type StoreCipher = "chacha" | "aes";

/** Server-wide JetStream limits; 0: no limit or the default. */
export interface JetStreamLimits {
  maxAckPending: number;
  maxHaAssets: number;
  maxRequestBatch: number;
  /** Consumers per stream; -1 is unlimited. */
  defaultMaxConsumers: number;
  /** Milliseconds; the largest duplicate window of a stream. */
  duplicateWindow: number;
  maxBatchInflightPerStream: number;
  maxBatchInflightTotal: number;
  /** Messages in one batch. */
  maxBatchSize: number;
  /** Milliseconds from the first message of a batch to its commit. */
  maxBatchTimeout: number;
}

/** Key kept in a TPM. Parsed for its errors only. */
export interface TpmOptions {
  keysFile: string;
  keyPassword: string;
  srkPassword: string;
  pcr: number;
}

/** The `jetstream` block. */
export interface JetStreamOptions {
  enabled: boolean;
  /** Unknown fields in API requests are errors. */
  strict: boolean;
  storeDir: string;
  /** Bytes; -1: derived from the machine. */
  maxMemory: number;
  /** Bytes; -1: derived from the machine. */
  maxStore: number;
  /** Milliseconds between syncs of streams. */
  syncInterval: number;
  /** Sync after every write. */
  syncAlways: boolean;
  domain: string;
  extensionHint: string;
  key: string;
  previousKey: string;
  /** Undefined: the default. */
  cipher: StoreCipher | undefined;
  uniqueTag: string;
  limits: JetStreamLimits;
  tpm: TpmOptions | undefined;
  /** Bytes. */
  maxOutstandingCatchup: number;
  /** Bytes. */
  maxBufferedSize: number;
  maxBufferedMessages: number;
  requestQueueLimit: number;
  infoQueueLimit: number;
  /** Entries of the meta log before it is compacted; 0: the default. */
  metaCompact: number;
  /** Bytes; 0: the default. */
  metaCompactSize: number;
  metaCompactSync: boolean;
  maxConcurrentIo: number;
}
