/**
 * Everything that a stream is copied from.
 *
 * @module
 */

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

/** The mirror or the sources of a stream. */
export class Copies {
  readonly #stream: Stream;
  readonly #sources = new Map<string, Source>();
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
  }

  /** Listens to no origin any more. */
  close(): void {
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

  /** How far sources have come, by the last message of each. */
  #positions(keys: ReadonlySet<string>): Map<string, SourcePosition> {
    const positions = new Map<string, SourcePosition>();
    const { store } = this.#stream;
    let message = store.loadPrevious(SubjectFilter.ALL, store.lastSequence);
    while (message !== null && positions.size < keys.size) {
      const { sequence } = message;
      const header = headerValue(headersOf(message), StreamHeader.streamSource);
      const position = header === null ? null : parseSourceHeader(header);
      const key = position === null ? undefined : keyOf(position, keys);
      if (position !== null && key !== undefined && !positions.has(key)) {
        positions.set(key, position);
      }
      message = store.loadPrevious(SubjectFilter.ALL, sequence - 1);
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
