/**
 * Restores the older kind of snapshot: an archive of a stream's files.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
import type { Disk, File } from "../../runtime/mod.ts";
import {
  type AccountStores,
  DecodeError,
  TarDecoder,
  UNEXPECTED_CONTENT,
} from "../../store/mod.ts";
import type { JetStreamAccount } from "../account.ts";
import type { ManagedStream } from "../assets.ts";
import { ApiError } from "../errors.ts";
import { readLeniently } from "../json/read.ts";
import { STREAM_META } from "../types/meta.ts";
import type { StreamConfig } from "../types/stream_config.ts";
import { copyFiles, type FoundFiles, moveFiles } from "./landing.ts";
import type { Restoration } from "./restorer.ts";

const DIRECTORY_MODE = 0o750;
const FILE_MODE = 0o600;
const META = "meta.inf";
/** What servers have put into such archives; nothing else is taken. */
const KNOWN =
  /^(meta\.(inf|sum)|msgs\/(\d+\.blk|index\.db)|obs\/[^/]+\/(meta\.(inf|sum)|o\.dat))$/;

/** Where files go. */
export interface FilesContext {
  readonly disk: Disk;
  readonly account: JetStreamAccount;
  /** Checked. */
  readonly config: StreamConfig;
  /** Of all accounts. */
  readonly directory: string;
  /** Opens what is kept of the account below another such directory. */
  readonly stores: (directory: string) => AccountStores;
  /** Name of the directory that is filled, which nobody else has. */
  readonly id: string;
  /** Nanoseconds since the Unix epoch. */
  readonly now: () => bigint;
  /** Logs an error. */
  readonly complain: (text: string) => void;
}

/**
 * Writes files aside, below a directory that looks like that of all accounts,
 * and takes the stream over from there when all of it has come.
 */
export class FilesRestoration implements Restoration {
  readonly #context: FilesContext;
  readonly #decoder = new TarDecoder();
  readonly #parent: string;
  readonly #root: string;
  /** Of the stream. */
  readonly #staging: string;
  #file: File | null = null;
  #position = 0;
  /** Of all files so far. */
  #bytes = 0;

  constructor(context: FilesContext) {
    this.#context = context;
    const { directory, id, config, account } = context;
    this.#parent = `${directory}/${account.name}/__snapshots__`;
    this.#root = `${this.#parent}/snap-${id}`;
    this.#staging = `${this.#root}/${account.name}/streams/${config.name}`;
    context.disk.makeDirectory(this.#staging, DIRECTORY_MODE);
  }

  // Pieces are small, and written as they are.
  // deno-lint-ignore require-yield
  *pushing(bytes: Uint8Array): Work<void> {
    this.#decoder.push(bytes);
    try {
      this.#write();
    } catch (error) {
      const isStrange = error instanceof DecodeError &&
        error.message === UNEXPECTED_CONTENT;
      if (!isStrange) throw error;
      const { account, complain } = this.#context;
      const reason = `${UNEXPECTED_CONTENT} (account=${account.name})`;
      complain(`Stream restore failed due to ${reason}`);
      throw new Error(reason, { cause: error });
    }
  }

  #write(): void {
    for (
      let event = this.#decoder.next();
      event !== null;
      event = this.#decoder.next()
    ) {
      if (event.kind === "file") this.#open(event.name, event.size);
      else {
        this.#file?.writeAt(event.bytes, this.#position);
        this.#position += event.bytes.length;
      }
    }
  }

  *ending(): Work<ManagedStream> {
    this.#close();
    this.#decoder.end();
    const { disk, account, config } = this.#context;
    const meta = readLeniently(
      STREAM_META,
      disk.readFile(`${this.#staging}/${META}`),
    );
    if (meta.name !== config.name) {
      throw new Error("stream names do not match");
    }
    if (account.hasName(config.name)) {
      throw new ApiError("streamNameExistRestoreFailed");
    }
    const { stores, directory, now } = this.#context;
    const found: FoundFiles = {
      account,
      config,
      meta,
      now,
      path: this.#staging,
    };
    const stream = config.storage === "file"
      ? yield* moveFiles(found, disk, `${directory}/${account.name}/streams`)
      : yield* copyFiles(found, stores(this.#root));
    this.#clear();
    return stream;
  }

  abandon(): void {
    this.#close();
    this.#clear();
  }

  /** Opens a file, if it is of any use. @throws ApiError when there is no room */
  #open(name: string, size: number): void {
    this.#close();
    const { disk, account, config } = this.#context;
    this.#bytes += size;
    account.checkRoom(config, this.#bytes);
    if (!KNOWN.test(name)) return;
    const path = `${this.#staging}/${name}`;
    disk.makeDirectory(path.slice(0, path.lastIndexOf("/")), DIRECTORY_MODE);
    this.#file = disk.open(path, {
      write: true,
      create: true,
      truncate: true,
      mode: FILE_MODE,
    });
    this.#position = 0;
  }

  #close(): void {
    this.#file?.syncNow();
    this.#file?.close();
    this.#file = null;
  }

  /** Leaves nothing aside, and no empty directory behind. */
  #clear(): void {
    const { disk } = this.#context;
    if (disk.exists(this.#root)) disk.remove(this.#root, { recursive: true });
    const isEmpty = disk.exists(this.#parent) &&
      disk.list(this.#parent).length === 0;
    if (isEmpty) disk.remove(this.#parent);
  }
}
