/**
 * Everything that a stream is copied from.
 *
 * @module
 */

import type { Timer } from "../../runtime/mod.ts";
import type { Stream } from "../stream/stream.ts";
import type { StreamSourceInfo } from "../types/infos.ts";
import { Mirror } from "./mirror.ts";
import { type Copier, Origin } from "./origin.ts";
import { type Position, PositionScan } from "./position_scan.ts";
import { Source } from "./source.ts";

/** Milliseconds between two times that positions are kept. */
const KEEP_INTERVAL = 120_000;

/** The mirror or the sources of a stream. */
export class Copies {
  readonly #stream: Stream;
  readonly #sources = new Map<string, Source>();
  /** Those of them of which it is known how far they have come. */
  readonly #following = new Set<Source>();
  /** What is kept of sources. */
  readonly #kept = new Map<string, Position>();
  /** Whether it is not what the store keeps. */
  #changed = false;
  /** Whether what a server before has kept was not looked at yet. */
  #isFirst = true;
  /** Finish finding out about the others, at once. */
  readonly #unfinished = new Set<() => void>();
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
      this.#following.delete(source);
      this.#remove(source.origin);
    }
    this.#forgetOthers(wanted);
    const added = [...wanted.values()]
      .filter(({ key }) => !this.#sources.has(key))
      .map((origin) => new Source(this.#stream, origin));
    if (added.length === 0) return;
    for (const source of added) this.#sources.set(source.origin.key, source);
    this.#open(added);
    const { timers } = this.#stream.host;
    this.#timer ??= timers.every(KEEP_INTERVAL, () => this.keep());
  }

  /** Nothing is kept of sources that there are no more. */
  #forgetOthers(wanted: ReadonlyMap<string, unknown>): void {
    for (const key of [...this.#kept.keys()]) {
      if (!wanted.has(key)) this.#changed = this.#kept.delete(key);
    }
    if (wanted.size > 0) return;
    if (this.#stream.store.keptSources() !== null) this.#changed = true;
    this.keep();
  }

  /** Lets sources go on where they were, once that is known. */
  #open(added: readonly Source[]): void {
    const { store, host } = this.#stream;
    const keys = added.map(({ origin }) => origin.key);
    const kept = this.#isFirst ? store.keptSources() : null;
    this.#isFirst = false;
    const scan = new PositionScan(store, keys, kept);
    const begin = () => {
      this.#unfinished.delete(finish);
      for (const source of added) {
        if (this.#sources.get(source.origin.key) === source) {
          this.#follow(source, scan.positions.get(source.origin.key));
        }
      }
      this.keep();
    };
    const finish = () => {
      while (!scan.run(host.clock));
      begin();
    };
    const goOn = () => {
      if (!this.#unfinished.has(finish)) return;
      if (scan.run(host.clock)) begin();
      else host.flushQueue.later(goOn);
    };
    this.#unfinished.add(finish);
    goOn();
  }

  #follow(source: Source, position: Position | undefined): void {
    if (position !== undefined) source.resume(position);
    source.open();
    this.#following.add(source);
  }

  /** Keeps how far sources have come, before their messages may go. */
  keep(): void {
    for (const finish of [...this.#unfinished]) finish();
    for (const source of this.#following) {
      const { key } = source.origin;
      const kept = this.#kept.get(key);
      const { sequence, identity } = source.position;
      if (kept?.sequence === sequence && kept.identity === identity) continue;
      this.#kept.set(key, source.position);
      this.#changed = true;
    }
    if (!this.#changed) return;
    this.#changed = false;
    try {
      this.#stream.store.keepSources(this.#kept);
    } catch (error) {
      this.#stream.failed(error);
    }
  }

  /** Listens to no origin any more. */
  close(): void {
    this.#timer?.cancel();
    // What was kept before still holds, as long as not all is known.
    if (this.#unfinished.size === 0) this.keep();
    this.#unfinished.clear();
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
}
