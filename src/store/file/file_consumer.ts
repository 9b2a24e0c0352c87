/**
 * What is kept of a consumer: `obs/<name>/` with `meta.inf` and `o.dat`.
 *
 * @module
 */

import { finish, type Turns, type Work } from "../../connection/mod.ts";
import { joinBytes } from "../../protocol/mod.ts";
import type { Clock, Disk, Timer, Timers } from "../../runtime/mod.ts";
import type { ConsumerState, ConsumerStore } from "../consumer_contract.ts";
import { StoreError } from "../contract.ts";
import {
  DecodeError,
  decodingConsumerState,
  encodingConsumerState,
} from "../format/mod.ts";
import { makeDirectory } from "./directories.ts";
import { replaceGradually } from "./gradual_file.ts";
import type { Lane } from "./lane.ts";
import { type MetaParts, writeMeta } from "./meta_file.ts";
import { CONSUMER_STATE, FILE_MODE } from "./names.ts";
import { replaceFile } from "./replace_file.ts";
import type { SmallFileSecrecy } from "./secrecy.ts";

/** Between two writes of a small state, milliseconds. */
const REST = 100;
/** The same of a large one, which is a new file each time. */
const LARGE_REST = 1000;
/**
 * Up to this size a state is overwritten where it is: a disk writes a sector
 * whole or not at all. The file is as long from the start, as its length would
 * change apart from its content; readers stop before the zeros.
 */
const SECTOR = 512;
/** Pending messages of which the state is written step by step. */
const MANY = 4096;

/** What a consumer's store needs. */
export interface ConsumerParts extends MetaParts {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly turns: Turns;
  /** Where states are written. */
  readonly lane: Lane;
  /** `obs/<name>`. */
  readonly directory: string;
  readonly secrecy: SmallFileSecrecy;
  /** Whether configurations wait for the disk. */
  readonly durable: boolean;
  readonly state: () => ConsumerState;
  readonly warn: (text: string) => void;
  readonly closed: () => void;
}

/** One consumer of a stream in files. */
export class FileConsumerStore implements ConsumerStore {
  readonly #parts: ConsumerParts;
  #timer: Timer | null = null;
  #changed = false;
  #writing = false;
  /** Counts what was written at once: what is still being written is old then. */
  #flushes = 0;
  #large = false;
  /** Whether the file is known to be one that can be written over. */
  #inPlace = false;
  #closed = false;

  constructor(parts: ConsumerParts) {
    this.#parts = parts;
    makeDirectory(parts.disk, parts.directory, parts.durable);
  }

  get #path(): string {
    return `${this.#parts.directory}/${CONSUMER_STATE}`;
  }

  *loading(): Work<ConsumerState | null> {
    const { disk, secrecy } = this.#parts;
    if (!disk.exists(this.#path)) return null;
    const bytes = disk.readFile(this.#path);
    // The file was created, and nothing was written yet.
    if (bytes.every((byte) => byte === 0)) return null;
    try {
      return yield* decodingConsumerState(secrecy.open(bytes));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw new StoreError("corruptState", { cause: error });
    }
  }

  writeMeta(text: string): void {
    writeMeta(this.#parts, text, this.#parts.durable);
  }

  changed(): void {
    this.#changed = true;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#closed || this.#timer !== null) return;
    const { timers, lane } = this.#parts;
    this.#timer = timers.after(this.#large ? LARGE_REST : REST, () => {
      this.#timer = null;
      lane.enter(() => this.#writeDue());
    });
  }

  #writeDue(): void {
    if (this.#closed || !this.#changed || this.#writing) return;
    try {
      this.#writeSoon();
    } catch (error) {
      this.#parts.warn(`Consumer state was not written: ${error}`);
      this.#schedule();
    }
  }

  flush(): void {
    if (this.#closed || !(this.#changed || this.#writing)) return;
    this.#changed = false;
    this.#flushes++;
    const bytes = this.#encode(this.#parts.state());
    if (this.#fits(bytes)) this.#overwrite(bytes);
    else {
      this.#inPlace = false;
      replaceFile(this.#parts.disk, this.#path, bytes);
    }
  }

  *flushing(): Work<void> {
    const state = this.#parts.state();
    if (this.#changed && !this.#closed && !this.#writing && isMuch(state)) {
      this.#changed = false;
      let isWritten = false;
      const writing = this.#await(this.#replaceLarge(state));
      const done = writing.then((outcome) => void (isWritten = outcome));
      yield () => done;
      if (isWritten) return;
    }
    this.flush();
  }

  stop(): void {
    if (this.#closed) return;
    try {
      this.flush();
    } catch (error) {
      // Others must not be kept from ending: what was written before counts.
      this.#parts.warn(`Consumer state was not written: ${error}`);
    }
    this.#close();
  }

  /** Closes and writes nothing: all of the stream will be deleted. */
  discard(): void {
    if (!this.#closed) this.#close();
  }

  delete(): void {
    if (this.#closed) return;
    const { disk, directory } = this.#parts;
    this.#close();
    if (disk.exists(directory)) disk.remove(directory, { recursive: true });
  }

  #close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#timer = null;
    this.#parts.closed();
  }

  *#encoding(state: ConsumerState): Work<Uint8Array[]> {
    const { secrecy, clock } = this.#parts;
    const pieces = yield* encodingConsumerState(state, clock.now());
    return secrecy.isPlain
      ? pieces
      : [yield* secrecy.sealing(joinBytes(pieces))];
  }

  #encode(state: ConsumerState): Uint8Array {
    return joinBytes(finish(this.#encoding(state)));
  }

  /** Whether a state can be written over the one in the file. */
  #fits(bytes: Uint8Array): boolean {
    this.#large = bytes.length > SECTOR;
    // What is encrypted does not tell where it ends.
    return !this.#large && this.#parts.secrecy.isPlain;
  }

  /** Whether the file is one that can be written over. */
  #isInPlace(): boolean {
    const { disk } = this.#parts;
    return this.#inPlace ||= disk.exists(this.#path) &&
      disk.stat(this.#path).size === SECTOR;
  }

  /**
   * Whether the first state may be written in place as well: if it is lost with
   * the power, the file is empty or zeros. Syncing each of very many would hold
   * up everybody else who needs the disk.
   */
  #isFirst(): boolean {
    const { disk, durable } = this.#parts;
    return !durable && !disk.exists(this.#path);
  }

  /**
   * Opens the file for this one write: the files of very many consumers are
   * more than a process may hold, and a table of them that grows holds it up.
   */
  #overwrite(bytes: Uint8Array): void {
    const { disk } = this.#parts;
    const create = !this.#isInPlace();
    if (create && !this.#isFirst()) {
      return replaceFile(disk, this.#path, padded(bytes));
    }
    // Should it fail, what is there is looked at anew.
    this.#inPlace = false;
    const file = disk.open(this.#path, {
      write: true,
      create,
      mode: FILE_MODE,
    });
    try {
      file.writeAt(padded(bytes), 0);
    } finally {
      file.close();
    }
    this.#inPlace = true;
  }

  /** Writes without holding up the loop. @throws DiskError */
  #writeSoon(): void {
    this.#changed = false;
    const state = this.#parts.state();
    if (isMuch(state)) return void this.#await(this.#replaceLarge(state));
    const bytes = this.#encode(state);
    const fits = this.#fits(bytes);
    if (fits && (this.#isInPlace() || this.#isFirst())) {
      return this.#overwrite(bytes);
    }
    void this.#await(this.#replace(fits ? padded(bytes) : bytes));
  }

  /** @returns whether it was written */
  async #await(written: Promise<void>): Promise<boolean> {
    this.#writing = true;
    try {
      await written;
      return true;
    } catch (error) {
      this.#changed = true;
      this.#parts.warn(`Consumer state was not written: ${error}`);
      return false;
    } finally {
      this.#writing = false;
      if (this.#changed) this.#schedule();
    }
  }

  #replaceLarge(state: ConsumerState): Promise<void> {
    this.#large = true;
    this.#inPlace = false;
    const flushes = this.#flushes;
    const isWanted = () => !this.#closed && this.#flushes === flushes;
    const making = this.#encoding(state);
    return replaceGradually(this.#parts, this.#path, making, isWanted);
  }

  async #replace(bytes: Uint8Array): Promise<void> {
    const { disk } = this.#parts;
    const flushes = this.#flushes;
    const temporary = `${this.#path}.new`;
    const file = disk.open(temporary, {
      write: true,
      create: true,
      truncate: true,
      mode: FILE_MODE,
    });
    try {
      file.writeAt(bytes, 0);
      await file.sync();
    } finally {
      file.close();
    }
    if (this.#closed || this.#flushes !== flushes) {
      if (disk.exists(temporary)) disk.remove(temporary);
      return;
    }
    this.#inPlace = false;
    disk.rename(temporary, this.#path);
  }
}

/** Whether a state is written step by step. */
function isMuch({ pending, redelivered }: ConsumerState): boolean {
  return pending.size + redelivered.size > MANY;
}

/** As long as it is in the file. */
function padded(bytes: Uint8Array): Uint8Array {
  const sector = new Uint8Array(SECTOR);
  sector.set(bytes);
  return sector;
}
