/**
 * Everything that a stream is copied from.
 *
 * @module
 */

import type { Timer } from "../../runtime/mod.ts";
import { SubjectFilter } from "../../subject/mod.ts";
import { headerValue } from "../stream/header_block.ts";
import { StreamHeader } from "../stream/publish_headers.ts";
import { headersOf } from "../stream/stored_parts.ts";
import type { Stream } from "../stream/stream.ts";
import type { StreamSourceInfo } from "../types/infos.ts";
import { Mirror } from "./mirror.ts";
import { type Copier, Origin } from "./origin.ts";
import { Source } from "./source.ts";
import { parseSourceHeader, type SourcePosition } from "./source_header.ts";

/** Milliseconds between two times that positions are kept. */
const KEEP_INTERVAL = 120_000;

/** How far a source had come. */
type Kept = Pick<SourcePosition, "sequence" | "identity">;

/** The mirror or the sources of a stream. */
export class Copies {
  readonly #stream: Stream;
  readonly #sources = new Map<string, Source>();
  /** What is kept of sources, also of those that are gone. */
  readonly #kept = new Map<string, Kept>();
  #timer: Timer | null = null;
  #mirror: Mirror | null = null;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  /** Whether the stream may answer direct requests to its origin. */
  get isCaughtUp(): boolean {
    return this.#mirror?.isCaughtUp ?? false;
  }

  mirrorInfo(): StreamSourceInfo | null {
    return this.#mirror?.info() ?? null;
  }

  sourceInfos(): StreamSourceInfo[] {
    return [...this.#sources.values()].map((each) => each.info());
  }

  /** Begins and ends what the configuration wants or no longer wants. */
  adjust(): void {
    this.#adjustMirror();
    const { config } = this.#stream;
    const copier = this.#copier();
    const wanted = new Map(
      config.sources.map((each) => new Origin("source", each, copier))
        .map((origin) => [origin.key, origin]),
    );
    for (const [key, source] of this.#sources) {
      if (wanted.has(key)) continue;
      source.close();
      this.#sources.delete(key);
      this.#remove(source.origin);
    }
    const added = [...wanted.values()]
      .filter(({ key }) => !this.#sources.has(key));
    if (added.length === 0) return;
    const positions = this.#positions(new Set(added.map(({ key }) => key)));
    for (const origin of added) {
      const source = new Source(this.#stream, origin);
      const position = positions.get(origin.key);
      if (position !== undefined) source.resume(position);
      this.#sources.set(origin.key, source);
      source.open();
    }
    this.keep();
    const { timers } = this.#stream.host;
    this.#timer ??= timers.every(KEEP_INTERVAL, () => this.keep());
  }

  /** Keeps how far sources have come, before their messages may go. */
  keep(): void {
    let changed = false;
    for (const [key, { position }] of this.#sources) {
      const kept = this.#kept.get(key);
      const { sequence, identity } = position;
      if (kept?.sequence === sequence && kept.identity === identity) continue;
      this.#kept.set(key, position);
      changed = true;
    }
    if (!changed) return;
    try {
      this.#stream.store.keepSources(this.#kept);
    } catch (error) {
      this.#stream.failed(error);
    }
  }

  /** Listens to no origin any more. */
  close(): void {
    this.#timer?.cancel();
    this.keep();
    this.#mirror?.close();
    for (const source of this.#sources.values()) source.close();
  }

  /** The stream is being deleted: no consumer is to be left for it. */
  remove(): void {
    if (this.#mirror !== null) this.#remove(this.#mirror.origin);
    for (const { origin } of this.#sources.values()) this.#remove(origin);
  }

  #adjustMirror(): void {
    const { mirror } = this.#stream.config;
    if (mirror !== null) {
      if (this.#mirror !== null) return;
      const origin = new Origin("mirror", mirror, this.#copier());
      this.#mirror = new Mirror(this.#stream, origin);
      this.#mirror.open();
    } else if (this.#mirror !== null) {
      this.#mirror.close();
      this.#remove(this.#mirror.origin);
      this.#mirror = null;
    }
  }

  #copier(): Copier {
    const { config, host } = this.#stream;
    const { account, domain, random } = host;
    return { config, account: account.name, domain, random };
  }

  /** Asks for the end of a consumer that was made for this stream. */
  #remove(origin: Origin): void {
    if (origin.isDurable) return;
    this.#stream.announce(origin.remove().subject);
  }

  /**
   * How far sources have come, by the last message of each that was stored
   * since positions were kept, else by what was kept.
   */
  #positions(keys: ReadonlySet<string>): Map<string, Kept> {
    const positions = new Map<string, Kept>();
    const { store } = this.#stream;
    const kept = this.#kept.size === 0 ? store.keptSources() : null;
    // What was kept of messages that a crash took away is of no use.
    const isSound = kept !== null && kept.stamp <= store.lastSequence + 1;
    if (isSound) {
      for (const [key, each] of kept.entries) this.#kept.set(key, each);
    }
    const since = isSound ? kept.stamp : 1;
    let message = store.loadPrevious(SubjectFilter.ALL, store.lastSequence);
    while (message !== null && positions.size < keys.size) {
      const { sequence } = message;
      if (sequence < since) break;
      const header = headerValue(headersOf(message), StreamHeader.streamSource);
      const position = header === null ? null : parseSourceHeader(header);
      const key = position === null ? undefined : keyOf(position, keys);
      if (position !== null && key !== undefined && !positions.has(key)) {
        positions.set(key, position);
      }
      message = store.loadPrevious(SubjectFilter.ALL, sequence - 1);
    }
    for (const key of keys) {
      const before = this.#kept.get(key);
      if (!positions.has(key) && before !== undefined) {
        positions.set(key, before);
      }
    }
    return positions;
  }
}

/** Which source a message comes from; older headers only tell the stream. */
function keyOf(
  { stream, key }: SourcePosition,
  keys: ReadonlySet<string>,
): string | undefined {
  if (key !== "") return keys.has(key) ? key : undefined;
  return [...keys].find((each) => each.split(" ")[0] === stream);
}
