/**
 * What is used, reserved and allowed, on the server and in an account.
 *
 * @module
 */

import { ApiError } from "./errors.ts";
import type { JetStreamAccountLimits } from "./types/infos.ts";
import type { StorageType, StreamConfig } from "./types/stream_config.ts";

/** Bytes of both storages. */
export interface StorageBytes {
  memory: number;
  file: number;
}

/** Of the server. */
export class ServerUsage {
  readonly used: StorageBytes = { memory: 0, file: 0 };
  /** Sums of `max_bytes`. */
  readonly reserved: StorageBytes = { memory: 0, file: 0 };

  /** @param most what streams may take altogether */
  constructor(readonly most: StorageBytes) {}

  isExceeded(storage: StorageType): boolean {
    return this.used[storage] > this.most[storage];
  }

  reserve({ storage, max_bytes }: StreamConfig): void {
    if (max_bytes > 0) this.reserved[storage] += max_bytes;
  }

  release({ storage, max_bytes }: StreamConfig): void {
    if (max_bytes > 0) this.reserved[storage] -= max_bytes;
  }
}

/** Limits by tier; the tier without a name is for all streams. */
export type TierLimits = ReadonlyMap<string, JetStreamAccountLimits>;

/** Which limits hold for a stream. */
export interface SelectedLimits {
  /** Empty when there are no tiers. */
  readonly tier: string;
  readonly limits: JetStreamAccountLimits;
}

/** Of an account. */
export class AccountUsage {
  /** By tier. */
  readonly byTier: Map<string, StorageBytes> = new Map();
  readonly #server: ServerUsage;
  readonly #exceeded: (storage: StorageType) => void;

  /** @param exceeded told when the server has no more room */
  constructor(
    server: ServerUsage,
    public limits: TierLimits,
    exceeded: (storage: StorageType) => void,
  ) {
    this.#server = server;
    this.#exceeded = exceeded;
  }

  /** Null when the account has no tier for so many replicas. */
  select(replicas: number): SelectedLimits | null {
    const tier = this.#tier(replicas);
    const limits = this.limits.get(tier);
    return limits === undefined ? null : { tier, limits };
  }

  /** Looked up for every message, so nothing is made for it. */
  #tier(replicas: number): string {
    return this.limits.has("") ? "" : tierName(replicas);
  }

  /** Why the server takes nothing any more; null when it does. */
  exhaustion(storage: StorageType): ApiError | null {
    if (!this.#server.isExceeded(storage)) return null;
    this.#exceeded(storage);
    return new ApiError("insufficientResources");
  }

  /** Why `bytes` more must not be stored; null when they may. */
  refusal(
    storage: StorageType,
    replicas: number,
    bytes: number,
  ): ApiError | null {
    const exhausted = this.exhaustion(storage);
    if (exhausted !== null) return exhausted;
    const tier = this.#tier(replicas);
    const limits = this.limits.get(tier);
    if (limits === undefined) return new ApiError("noLimits");
    const used = this.byTier.get(tier);
    if (used === undefined) return null;
    const most = storage === "memory" ? limits.max_memory : limits.max_storage;
    if (most < 0) return null;
    const copies = Math.max(1, replicas);
    // A tier's limits are those of one copy.
    const allowed = tier === "" ? most : most * copies;
    return used[storage] + bytes * copies > allowed
      ? new ApiError("accountResourcesExceeded")
      : null;
  }

  /** Bytes have been stored (positive) or removed (negative). */
  changed(storage: StorageType, replicas: number, bytes: number): void {
    this.#server.used[storage] += bytes;
    const tier = this.#tier(replicas);
    let used = this.byTier.get(tier);
    if (used === undefined) {
      this.byTier.set(tier, used = { memory: 0, file: 0 });
    }
    used[storage] += bytes;
  }

  /** Over all tiers. */
  total(): StorageBytes {
    const total = { memory: 0, file: 0 };
    for (const { memory, file } of this.byTier.values()) {
      total.memory += memory;
      total.file += file;
    }
    return total;
  }

  /**
   * Checks what a stream would reserve.
   * @param bytes of it that come on top; negative: it has no limit
   * @param others what is reserved in the tier already
   * @throws ApiError
   */
  checkReservation(
    { tier, limits }: SelectedLimits,
    config: StreamConfig,
    bytes: number,
    others: number,
  ): void {
    const { max_consumers, num_replicas, storage } = config;
    if (
      max_consumers > 0 && limits.max_consumers > 0 &&
      max_consumers > limits.max_consumers
    ) throw new ApiError("maximumConsumersLimit");
    // A stream without a limit needs some room, too.
    const added = bytes < 0 ? 1 : bytes;
    const most = storage === "memory" ? limits.max_memory : limits.max_storage;
    const inAccount = reservation(tier, num_replicas, added);
    const exceedsAccount = most >= 0 &&
      (others > most || inAccount > most - others);
    const room = this.#server.most[storage] - this.#server.reserved[storage];
    if (exceedsAccount || room < 0 || added > room) {
      throw new ApiError(
        storage === "memory"
          ? "memoryResourcesExceeded"
          : "storageResourcesExceeded",
      );
    }
  }
}

/** The tier of streams with so many replicas. */
export function tierName(replicas: number): string {
  return `R${Math.max(1, replicas)}`;
}

/** What counts against an account; a tier's limits are those of one copy. */
export function reservation(
  tier: string,
  replicas: number,
  bytes: number,
): number {
  if (bytes <= 0) return 0;
  return tier === "" ? bytes * Math.max(1, replicas) : bytes;
}
