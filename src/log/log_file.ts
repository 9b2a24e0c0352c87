/**
 * A log file that is rotated when it outgrows its limit.
 *
 * @module
 */

import { type Clock, type Disk, DiskError, type File } from "../runtime/mod.ts";
import type { LineSink } from "./line_logger.ts";
import { backupName, isBackupName } from "./log_backup.ts";
import { quoteText } from "./quote.ts";
import { formatTimestamp, pad } from "./timestamp.ts";

/** Permission bits of a new log file. */
const MODE = 0o640;
/** Bytes held back at most. */
const BUFFER = 64 * 1024;
const encoder = new TextEncoder();

/** What a log file works with. */
export interface LogFilePorts {
  readonly disk: Pick<Disk, "open" | "rename" | "list" | "stat" | "remove">;
  readonly clock: Pick<Clock, "now" | "nowNanos" | "utcOffset">;
  /** In front of the lines that the file itself adds: `[pid] `. */
  readonly prefix: string;
  /** Whether those lines carry the time. */
  readonly time: boolean;
  /** Takes what can't be logged because the log itself is broken. */
  readonly complain: (text: string) => void;
}

/**
 * Appends lines to a file. The line that takes the file over its limit still
 * belongs to it; then the file is renamed, a new one begun and, if the number
 * of files is limited, the oldest copies are removed. A line that can't be
 * written is lost: logging never stops the server.
 */
export class LogFile implements LineSink {
  readonly #path: string;
  readonly #ports: LogFilePorts;
  readonly #buffer = new Uint8Array(BUFFER);
  #held = 0;
  #file: File | undefined;
  /** Bytes in the file. */
  #size: number;
  /** Rotate beyond this size; 0 never rotates. */
  #limit = 0;
  /** As configured; `#limit` grows while rotation fails. */
  #configuredLimit = 0;
  #maxFiles = 0;

  /** @throws DiskError when the file can't be opened */
  constructor(path: string, ports: LogFilePorts) {
    this.#path = path;
    this.#ports = ports;
    this.#file = this.#open();
    this.#size = this.#file.size();
  }

  /** Sets the size in bytes to rotate at. @returns whether the file is over it already */
  limitSize(limit: number): boolean {
    this.#configuredLimit = this.#limit = limit;
    return this.#size + this.#held > limit;
  }

  /** Sets how many files to keep, the current one included; 0 keeps all. */
  limitFiles(count: number): void {
    this.#maxFiles = count;
  }

  write(line: string): void {
    // A UTF-16 unit takes up to three bytes.
    if (line.length * 3 > BUFFER - this.#held) this.flush();
    if (line.length * 3 > BUFFER) this.#append(encoder.encode(line));
    else {this.#held +=
        encoder.encodeInto(line, this.#buffer.subarray(this.#held)).written;}
    if (this.#limit > 0 && this.#size + this.#held > this.#limit) {
      this.flush();
      this.#rotate();
    }
  }

  flush(): void {
    if (this.#held === 0) return;
    const held = this.#held;
    this.#held = 0;
    this.#append(this.#buffer.subarray(0, held));
  }

  close(): void {
    this.flush();
    const file = this.#file;
    this.#file = undefined;
    file?.close();
  }

  #open(): File {
    return this.#ports.disk.open(this.#path, {
      write: true,
      append: true,
      create: true,
      mode: MODE,
    });
  }

  #append(bytes: Uint8Array): void {
    try {
      this.#file ??= this.#open();
      this.#file.append(bytes);
      this.#size += bytes.length;
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
    }
  }

  #rotate(): void {
    const backup = backupName(this.#path, this.#ports.clock);
    try {
      this.#file?.close();
    } catch (error) {
      return this.#postpone("Unable to close logfile for rotation", error);
    }
    this.#file = undefined;
    try {
      this.#ports.disk.rename(this.#path, backup);
    } catch (error) {
      return this.#postpone("Unable to rename logfile for rotation", error);
    }
    this.#size = 0;
    this.#limit = this.#configuredLimit;
    try {
      this.#file = this.#open();
    } catch (error) {
      const words = reasonOf(error);
      const path = quoteText(this.#path);
      return this.#ports.complain(
        `Unable to re-open the logfile ${path} after rotation: ${words}`,
      );
    }
    this.#note("INF", `Rotated log, backup saved as ${quoteText(backup)}`);
    if (this.#maxFiles > 0) this.#purge();
  }

  /** Lets the file grow to twice its size before rotation is tried again. */
  #postpone(what: string, error: unknown): void {
    this.#limit *= 2;
    const next = `will attempt next rotation at size ${this.#limit}`;
    this.#note("ERR", `${what} (${reasonOf(error)}), ${next}`);
  }

  /** Removes the oldest copies; what fails is tried again at the next rotation. */
  #purge(): void {
    const slash = this.#path.lastIndexOf("/");
    const directory = slash < 0 ? "." : this.#path.slice(0, slash) || "/";
    let backups: string[];
    try {
      const base = this.#path.slice(slash + 1);
      backups = this.#ports.disk.list(directory).filter((name) =>
        isBackupName(name, base) &&
        !this.#ports.disk.stat(`${directory}/${name}`).isDirectory
      );
    } catch (error) {
      this.#note(
        "ERR",
        `Unable to read directory ${quoteText(directory)} for log purge ` +
          `(${reasonOf(error)}), will attempt next rotation`,
      );
      return;
    }
    for (
      const name of backups.slice(
        0,
        Math.max(0, backups.length - (this.#maxFiles - 1)),
      )
    ) {
      if (!this.#remove(directory, name)) return;
    }
  }

  #remove(directory: string, name: string): boolean {
    try {
      this.#ports.disk.remove(`${directory}/${name}`);
    } catch (error) {
      this.#note(
        "ERR",
        `Unable to remove backup log file ${quoteText(name)} ` +
          `(${reasonOf(error)}), will attempt next rotation`,
      );
      return false;
    }
    this.#note("INF", `Purged log file ${quoteText(name)}`);
    return true;
  }

  /** Adds a line of the file's own: local time always, CRLF at the end, as Go does. */
  #note(label: "INF" | "ERR", text: string): void {
    this.#append(
      encoder.encode(
        `${this.#ports.prefix}${this.#time()}[${label}] ${text}\r\n`,
      ),
    );
  }

  #time(): string {
    if (!this.#ports.time) return "";
    const { clock } = this.#ports;
    const at = clock.now();
    const micros = Number((clock.nowNanos() / 1000n) % 1_000_000n);
    return `${formatTimestamp(at, clock.utcOffset(at))}.${pad(micros, 6)} `;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
