/**
 * The messages of a batch, until it is committed: in memory, or, when they are
 * many bytes and the stream is on disk, in files as the Go server stages them.
 *
 * @module
 */

import { shortHash } from "../../../account/mod.ts";
import type { StreamStore } from "../../../store/mod.ts";
import { bareOptions } from "../../bare_store.ts";
import { Publication } from "../publication.ts";
import type { Stream } from "../stream.ts";

/** Bytes of a batch that stay in memory. */
const IN_MEMORY = 1 << 20;

/** Of one batch. */
export class BatchParts {
  readonly #stream: Stream;
  readonly #id: string;
  #waiting: Publication[] = [];
  #bytes = 0;
  /** Where everything is; null: in memory. */
  #staged: StreamStore | null = null;

  /** @param id of the batch */
  constructor(stream: Stream, id: string) {
    this.#stream = stream;
    this.#id = id;
  }

  /** Adds a message. @throws DiskError, StoreError */
  push(publication: Publication): void {
    if (this.#staged !== null) return stage(this.#staged, publication);
    this.#waiting.push(publication.copy());
    this.#bytes += publication.subject.length + publication.size;
    const { storage } = this.#stream.config;
    if (this.#bytes > IN_MEMORY && storage === "file") this.#spill();
  }

  /** All of them, with bytes of their own. @throws DiskError */
  all(): Publication[] {
    const staged = this.#staged;
    if (staged === null) return this.#waiting;
    const all: Publication[] = [];
    for (let sequence = 1; sequence <= staged.lastSequence; sequence++) {
      const message = staged.load(sequence);
      if (message === null) throw new Error("a part of the batch is missing");
      const publication = new Publication();
      publication.set(message.subject, message);
      publication.trusted = false;
      all.push(publication.copy());
    }
    return all;
  }

  /** They are needed no longer. */
  discard(): void {
    this.#staged?.delete();
    this.#staged = null;
    this.#waiting = [];
  }

  #spill(): void {
    const { host, name } = this.#stream;
    const options = bareOptions(shortHash(this.#id), "file");
    this.#staged = host.stores.stage(name, options);
    for (const each of this.#waiting) stage(this.#staged, each);
    this.#waiting = [];
  }
}

function stage(store: StreamStore, publication: Publication): void {
  const { subject, body } = publication;
  store.append({ subject, body, ttl: 0 });
  store.flush();
}
