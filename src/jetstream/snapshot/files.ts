/**
 * Restores the older kind of snapshot: an archive of a stream's files.
 *
 * @module
 */

import type { Disk, File } from "../../runtime/mod.ts";
import { TarDecoder } from "../../store/mod.ts";
import type { JetStreamAccount } from "../account.ts";
import type { ManagedStream } from "../assets.ts";
import { readLeniently } from "../json/read.ts";
import { parseTime } from "../json/time.ts";
import { CONSUMER_META, STREAM_META } from "../types/meta.ts";
import { STREAM_CONFIG, type StreamConfig } from "../types/stream_config.ts";
import type { Restoration } from "./restorer.ts";

const DIRECTORY_MODE = 0o750;
const META = "meta.inf";

/** Where files go. */
export interface FilesContext {
  readonly disk: Disk;
  readonly account: JetStreamAccount;
  /** Checked. */
  readonly config: StreamConfig;
  /** Of the account. */
  readonly directory: string;
  /** Name of the directory that is filled, which nobody else has. */
  readonly id: string;
  /** Nanoseconds since the Unix epoch. */
  readonly now: () => bigint;
}

/** Writes files aside, and moves all of them where the stream belongs. */
export class FilesRestoration implements Restoration {
  readonly #context: FilesContext;
  readonly #decoder = new TarDecoder();
  readonly #staging: string;
  #file: File | null = null;
  #position = 0;

  constructor(context: FilesContext) {
    this.#context = context;
    const { directory, id, config } = context;
    if (config.storage !== "file") {
      throw new Error("snapshot of files can not be restored into memory");
    }
    this.#staging = `${directory}/__snapshots__/snap-${id}`;
    context.disk.makeDirectory(this.#staging, DIRECTORY_MODE);
  }

  push(bytes: Uint8Array): void {
    this.#decoder.push(bytes);
    for (
      let event = this.#decoder.next();
      event !== null;
      event = this.#decoder.next()
    ) {
      if (event.kind === "file") this.#open(event.name);
      else {
        this.#file?.writeAt(event.bytes, this.#position);
        this.#position += event.bytes.length;
      }
    }
  }

  end(): ManagedStream {
    this.#close();
    this.#decoder.end();
    const { disk, account, config, directory, now } = this.#context;
    const meta = readLeniently(
      STREAM_META,
      disk.readFile(`${this.#staging}/${META}`),
    );
    if (meta.name !== config.name) {
      throw new Error("stream names do not match");
    }
    const streams = `${directory}/streams`;
    disk.makeDirectory(streams, DIRECTORY_MODE);
    const place = `${streams}/${config.name}`;
    if (disk.exists(place)) disk.remove(place, { recursive: true });
    disk.rename(this.#staging, place);
    this.#tidy();
    const stream = account.recover(config, parseTime(meta.Created) ?? now());
    this.#recoverConsumers(stream);
    const { Created: _, ...was } = meta;
    if (STREAM_CONFIG.write(was) !== STREAM_CONFIG.write(config)) {
      stream.update(config);
    }
    return stream;
  }

  abandon(): void {
    this.#close();
    const { disk } = this.#context;
    if (disk.exists(this.#staging)) {
      disk.remove(this.#staging, { recursive: true });
    }
    this.#tidy();
  }

  #recoverConsumers(stream: ManagedStream): void {
    for (const { name, meta } of stream.storedConsumers()) {
      const bytes = new TextEncoder().encode(meta);
      const { Created, Name: _, ...config } = readLeniently(
        CONSUMER_META,
        bytes,
      );
      const created = parseTime(Created) ?? this.#context.now();
      stream.recoverConsumer({ name, config, created });
    }
    stream.recovered();
  }

  /** Opens a file below the directory. @throws Error for any other place */
  #open(name: string): void {
    this.#close();
    const parts = name.split("/").filter((part) => part !== "" && part !== ".");
    if (parts.length === 0 || parts.includes("..")) {
      throw new Error(
        `unexpected content (account=${this.#context.account.name})`,
      );
    }
    const { disk } = this.#context;
    const folder = [this.#staging, ...parts.slice(0, -1)].join("/");
    disk.makeDirectory(folder, DIRECTORY_MODE);
    this.#file = disk.open(`${folder}/${parts.at(-1)}`, {
      write: true,
      create: true,
      truncate: true,
      mode: 0o600,
    });
    this.#position = 0;
  }

  #close(): void {
    this.#file?.syncNow();
    this.#file?.close();
    this.#file = null;
  }

  /** Leaves no empty directory behind. */
  #tidy(): void {
    const { disk, directory } = this.#context;
    const parent = `${directory}/__snapshots__`;
    if (disk.exists(parent) && disk.list(parent).length === 0) {
      disk.remove(parent);
    }
  }
}
