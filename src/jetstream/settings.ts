/**
 * Where JetStream keeps its streams and how much they may take.
 *
 * @module
 */

import { type Disk, DiskError, type Process } from "../runtime/mod.ts";
import type { JetStreamOptions } from "../config/mod.ts";

/** Name of the directory that the store directory is given. */
const DIRECTORY = "jetstream";
/** Bytes, when the free space can't be found out. */
const DEFAULT_STORE = 1024 ** 4;

/** What the options come to. */
export interface Settings {
  readonly storeDirectory: string;
  /** Nobody has said where to store. */
  readonly isTemporary: boolean;
  /** Bytes. */
  readonly maxMemory: number;
  /** Bytes. */
  readonly maxStore: number;
  /** Somebody has said how much memory and disk there is. */
  readonly isExplicit: boolean;
  /** What is stored already comes on top of `maxStore`, which is what is free. */
  readonly fromFreeSpace: boolean;
}

/** A start of JetStream that failed. */
export class JetStreamStartError extends Error {
  override readonly name = "JetStreamStartError";
}

/** Completes the options from what the machine has. @throws JetStreamStartError */
export function settle(
  options: JetStreamOptions,
  disk: Disk,
  process: Process,
): Settings {
  const { maxMemory, maxStore } = options;
  const temporary = process.env("TMPDIR") || "/tmp";
  const isTemporary = options.storeDir === "";
  const chosen = maxMemory > 0 && maxStore > 0;
  const parent = isTemporary
    ? chosen ? temporary : `${temporary}/nats`
    : options.storeDir.replace(/\/+$/, "");
  const storeDirectory = `${parent}/${DIRECTORY}`;
  const fromFreeSpace = maxStore < 0;
  return {
    storeDirectory,
    isTemporary,
    maxMemory: maxMemory < 0
      ? Math.floor(process.totalMemory() / 4) * 3
      : maxMemory,
    maxStore: fromFreeSpace ? threeQuarters(disk, storeDirectory) : maxStore,
    isExplicit: chosen,
    fromFreeSpace,
  };
}

/** Makes sure of a directory that can be written to. @throws JetStreamStartError */
export function prepareDirectory(disk: Disk, path: string): void {
  if (!disk.exists(path)) {
    try {
      disk.makeDirectory(path, 0o750);
    } catch (error) {
      throw new JetStreamStartError(
        `could not create storage directory - ${messageOf(error)}`,
      );
    }
    return;
  }
  if (!disk.stat(path).isDirectory) {
    throw new JetStreamStartError("storage directory is not a directory");
  }
  const probe = `${path}/_test_`;
  try {
    disk.writeFile(probe, new Uint8Array());
    disk.remove(probe);
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    throw new JetStreamStartError("storage directory is not writable");
  }
}

function threeQuarters(disk: Disk, path: string): number {
  try {
    if (!disk.exists(path)) disk.makeDirectory(path, 0o750);
    return Math.floor(disk.freeSpace(path) / 4) * 3;
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    return DEFAULT_STORE;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const UNITS = ["K", "M", "G", "T", "P", "E"];

/** Bytes for people: `12 B`, `1.00 KB`, `2.50 GB`. */
export function friendlyBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const power = Math.trunc(Math.log(bytes) / Math.log(1024));
  return `${(bytes / 1024 ** power).toFixed(2)} ${UNITS[power - 1]}B`;
}
