/**
 * Keeps the index of a stream, and what stands beside it.
 *
 * @module
 */

import { finish, type Work } from "../../connection/mod.ts";
import type { ScheduleEntry } from "../format/mod.ts";
import type { Expiry, WaitingMessages } from "../messages/mod.ts";
import { type GradualFileParts, replaceGradually } from "./gradual_file.ts";
import {
  indexEffort,
  type IndexParts,
  prepareIndex,
  sideFiles,
  writingIndex,
} from "./index_writer.ts";
import { EXPIRIES, INDEX, SCHEDULES } from "./names.ts";
import { replacing } from "./portions.ts";

/** What there is to keep. */
export interface IndexKeeperParts extends IndexParts, GradualFileParts {
  readonly expiry: Pick<Expiry, "collecting" | "copied">;
  readonly allowsTtl: () => boolean;
  /** Null: none, or not known yet. */
  readonly schedules: () => readonly ScheduleEntry[] | null;
  readonly isClosed: () => boolean;
  /** Whether totals and files agree. */
  readonly isSettled: () => boolean;
}

/** One per stream. */
export class IndexKeeper {
  readonly #parts: IndexKeeperParts;
  /** Changes when what is kept must be forgotten. */
  #generation = 0;
  /** Whether it is being written. */
  #isKeeping = false;

  constructor(parts: IndexKeeperParts) {
    this.#parts = parts;
  }

  /** Removes everything, durably: it is not true any more. @throws DiskError */
  forget(): void {
    this.#generation++;
    const { disk, directory } = this.#parts;
    for (const name of [INDEX, EXPIRIES, SCHEDULES]) {
      const path = `${directory}/${name}`;
      if (disk.exists(path)) disk.remove(path);
    }
    disk.syncDirectory(directory);
    this.forgetPages();
  }

  /** Removes the index of messages, durably. @throws DiskError */
  forgetPages(): void {
    const { pages, log } = this.#parts;
    pages.forget(log.index.pages);
  }

  /** Writes everything while everything else goes on. @param most effort */
  async keep(most: number): Promise<void> {
    if (this.#isKeeping) return;
    this.#isKeeping = true;
    try {
      await this.#keep(most);
    } finally {
      this.#isKeeping = false;
    }
  }

  async #keep(most: number): Promise<void> {
    const { turns, expiry, directory, isClosed } = this.#parts;
    const isWanted = () => this.#isDue && indexEffort(this.#parts) <= most;
    while (isWanted() && prepareIndex(this.#parts)) await turns.next();
    if (!isWanted()) return;
    this.#writeIndex();
    const generation = this.#generation;
    const isTrue = () => !isClosed() && this.#generation === generation;
    for (const [name, making] of this.#sideFiles(expiry.copied())) {
      const path = `${directory}/${name}`;
      await replaceGradually(this.#parts, path, making, isTrue);
    }
  }

  get #isDue(): boolean {
    const { engine, isClosed, isSettled } = this.#parts;
    return !isClosed() && engine.changed && isSettled();
  }

  /** Writes everything, step by step; nothing changes any more. @throws DiskError */
  *keepingAll(): Work<void> {
    const { engine, disk, expiry, directory, isSettled } = this.#parts;
    // What is being written is not going to be finished.
    const isDue = engine.changed || this.#isKeeping;
    if (!isDue || !isSettled()) return;
    engine.flush();
    while (prepareIndex(this.#parts)) yield;
    engine.changed = false;
    yield* writingIndex(this.#parts);
    const waiting = yield* expiry.collecting();
    for (const [name, making] of this.#sideFiles(waiting)) {
      yield* replacing(disk, `${directory}/${name}`, yield* making);
    }
  }

  #writeIndex(): void {
    const { engine } = this.#parts;
    engine.flush();
    engine.changed = false;
    finish(writingIndex(this.#parts));
  }

  #sideFiles(waiting: WaitingMessages): ReturnType<typeof sideFiles> {
    const { allowsTtl, schedules } = this.#parts;
    return sideFiles(
      this.#parts,
      allowsTtl() ? waiting : null,
      schedules(),
    );
  }
}
