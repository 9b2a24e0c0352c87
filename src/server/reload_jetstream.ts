/**
 * What of JetStream can change while the server runs.
 *
 * @module
 */

import {
  formatDuration,
  type JetStreamOptions,
  type Options,
} from "../config/mod.ts";
import { friendlyBytes } from "../jetstream/mod.ts";

/** Options that need a restart, with the Go server's names of them. */
const FIXED: Readonly<Partial<Record<keyof JetStreamOptions, string>>> = {
  strict: "NoJetStreamStrict",
  syncInterval: "SyncInterval",
  syncAlways: "SyncAlways",
  domain: "JetStreamDomain",
  extensionHint: "JetStreamExtHint",
  key: "JetStreamKey",
  previousKey: "JetStreamOldKey",
  cipher: "JetStreamCipher",
  uniqueTag: "JetStreamUniqueTag",
  maxOutstandingCatchup: "JetStreamMaxCatchup",
  maxBufferedSize: "StreamMaxBufferedSize",
  maxBufferedMessages: "StreamMaxBufferedMsgs",
  requestQueueLimit: "JetStreamRequestQueueLimit",
  infoQueueLimit: "JetStreamInfoQueueLimit",
};

/** What keeps a secret is not shown. */
const SECRET: ReadonlySet<keyof JetStreamOptions> = new Set([
  "key",
  "previousKey",
]);

/** Why new options can't be taken over; empty: they can. @param runs whether JetStream does */
export function jetStreamObstacle(
  { jetstream: previous }: Options,
  { jetstream: next }: Options,
  runs: boolean,
): string {
  const unsupported = "config reload not supported for ";
  if (runs && previous.storeDir !== next.storeDir && next.storeDir !== "") {
    return `${unsupported}jetstream storage directory`;
  }
  if (runs) {
    for (const limit of ["maxMemory", "maxStore"] as const) {
      const [old, now] = [previous[limit], next[limit]];
      if (old === now || now === -1) continue;
      if (old === -1) {
        return `${unsupported}jetstream dynamic max memory and store`;
      }
      if (now < old) {
        return `${unsupported}decreasing jetstream max memory and store`;
      }
    }
  }
  const fixed = fixedChange(previous, next);
  if (fixed !== "" || !runs || !next.enabled) return fixed;
  if (next.maxMemory !== previous.maxMemory && next.maxMemory === -1) {
    return `${unsupported}jetstream max memory and max store`;
  }
  if (next.maxStore !== previous.maxStore && next.maxStore === -1) {
    return `${unsupported}jetstream max memory and max store`;
  }
  return next.storeDir === previous.storeDir
    ? ""
    : `${unsupported}jetstream storage dir`;
}

function fixedChange(
  previous: JetStreamOptions,
  next: JetStreamOptions,
): string {
  for (const [key, name] of Object.entries(FIXED)) {
    const field = key as keyof JetStreamOptions;
    const [old, now] = [previous[field], next[field]];
    if (old === now) continue;
    const shown = SECRET.has(field)
      ? ""
      : `: old=${show(field, old)}, new=${show(field, now)}`;
    return `config reload not supported for ${name}${shown}`;
  }
  const concurrency = next.enabled &&
    previous.maxConcurrentIo !== next.maxConcurrentIo;
  return concurrency
    ? `config reload not supported for JetStreamConcurrentIOs: old=${previous.maxConcurrentIo}, new=${next.maxConcurrentIo}`
    : "";
}

/** A value as the Go server shows it. */
function show(field: keyof JetStreamOptions, value: unknown): string {
  if (field === "strict") return String(!value);
  return field === "syncInterval"
    ? formatDuration(Number(value))
    : String(value);
}

/** Log lines of what has changed. */
export function describeJetStream(
  { jetstream: next }: Options,
  { jetstream: previous }: Options,
): string {
  const lines: string[] = [];
  if (next.enabled !== previous.enabled) lines.push("Reloaded: JetStream");
  const grows = next.enabled && previous.enabled;
  if (grows && next.maxMemory > previous.maxMemory) {
    const size = friendlyBytes(next.maxMemory);
    lines.push(`Reloaded: JetStream max_mem_store = ${size}`);
  }
  if (grows && next.maxStore > previous.maxStore) {
    const size = friendlyBytes(next.maxStore);
    lines.push(`Reloaded: JetStream max_file_store = ${size}`);
  }
  if (JSON.stringify(next.limits) !== JSON.stringify(previous.limits)) {
    lines.push("Reloaded: JetStream limits");
  }
  return lines.join("\n");
}
