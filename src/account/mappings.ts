/**
 * Mappings of an account: subjects rewritten as messages enter it.
 *
 * @module
 */

import { quoteBytes } from "../log/mod.ts";
import type { Random } from "../runtime/mod.ts";
import {
  bytesToSubject,
  createTransform,
  hasWildcard,
  identityDestination,
  type IndexedSubscription,
  isSubsetMatch,
  isValidSubject,
  subjectToBytes,
  type SubjectTransform,
  SubjectTransformError,
  SubscriptionIndex,
  validateMapping,
} from "../subject/mod.ts";

/** Where a mapping may send a message. */
export interface MappingTarget {
  /** Byte string; functions as in `createTransform`. Empty: lost. */
  readonly subject: string;
  /** Percent of the messages, 0 to 100. */
  readonly weight: number;
  /** Only on servers of this cluster; empty: on all others. */
  readonly cluster: string;
}

/** What mappings need from outside. */
export interface SubjectMappingsOptions {
  readonly random: Random;
  /** Name of the cluster that the server is in at this moment; may be empty. */
  readonly clusterName: () => string;
  /** Keys the hash tables: an unpredictable integer in `[0, 2^53)`. */
  readonly seed: number;
}

/** A set of destinations that can't be installed. */
export class MappingError extends Error {
  override readonly name = "MappingError";
}

/** A destination with its share of the draw. */
interface Choice {
  /** `null` for the empty destination. */
  readonly transform: SubjectTransform | null;
  /** Draws below this, and not below that of the choice before, are its own. */
  readonly limit: number;
}

/** One mapping; found through an index, for which it is a subscription. */
class Mapping implements IndexedSubscription {
  readonly queue = null;
  readonly choices: readonly Choice[];
  readonly clusterChoices = new Map<string, readonly Choice[]>();

  constructor(
    /** The source. */
    readonly subject: string,
    targets: readonly MappingTarget[],
    /** Of the mappings that match, the lowest place wins. */
    public place: number,
    random: Random,
  ) {
    const clusters = Map.groupBy(targets, ({ cluster }) => cluster);
    // A source among its own destinations says that the rest may get lost.
    const lossy = targets.some((target) => target.subject === subject);
    const choose = (part: readonly MappingTarget[]) =>
      makeChoices(subject, part, lossy, random);
    this.choices = choose(clusters.get("") ?? []);
    clusters.delete("");
    for (const [cluster, part] of clusters) {
      this.clusterChoices.set(cluster, choose(part));
    }
  }

  choicesIn(cluster: string): readonly Choice[] {
    return this.clusterChoices.get(cluster) ?? this.choices;
  }
}

/** The destinations of one cluster in order of weight, completed to 100 %. */
function makeChoices(
  source: string,
  targets: readonly MappingTarget[],
  lossy: boolean,
  random: Random,
): Choice[] {
  const shares = targets.map(({ subject, weight }) => ({
    weight,
    transform: createTransform(source, subject, { random }),
  }));
  const total = targets.reduce((sum, { weight }) => sum + weight, 0);
  if (total !== 100 && !lossy) {
    const same = identityDestination(source);
    shares.push({
      weight: 100 - total,
      transform: createTransform(source, same, { random }),
    });
  }
  let limit = 0;
  return shares
    .sort((a, b) => a.weight - b.weight)
    .map(({ weight, transform }) => ({ transform, limit: limit += weight }));
}

/** One destination as monitoring shows it. */
export interface MappingShare {
  readonly subject: string;
  /** Cumulative percentage, as the Go server reports it. */
  readonly weight: number;
  readonly cluster: string;
}

/** The mappings of one account, in order; the first that matches is used. */
export class SubjectMappings {
  readonly #random: Random;
  readonly #clusterName: () => string;
  readonly #index: SubscriptionIndex<Mapping>;
  /** By source. */
  readonly #mappings = new Map<string, Mapping>();
  #nextPlace = 0;

  constructor(options: SubjectMappingsOptions) {
    this.#random = options.random;
    this.#clusterName = options.clusterName;
    this.#index = new SubscriptionIndex({ seed: options.seed });
  }

  /** Mappings present. */
  get size(): number {
    return this.#mappings.size;
  }

  /** Sources, in order; leaf nodes are told that there is interest in them. */
  sources(): string[] {
    return this.#ordered().map((mapping) => mapping.subject);
  }

  /**
   * Adds a mapping, or replaces that of the same source in its place.
   * @returns whether the source is new
   * @throws SubjectTransformError for a bad source or destination
   * @throws MappingError for duplicate destinations or bad weights
   */
  add(source: string, targets: readonly MappingTarget[]): boolean {
    checkTargets(source, targets, this.#random);
    const present = this.#mappings.get(source);
    const place = present?.place ?? this.#nextPlace;
    const mapping = new Mapping(source, targets, place, this.#random);
    if (present === undefined) this.#nextPlace++;
    else this.#index.remove(present);
    this.#mappings.set(source, mapping);
    this.#index.insert(mapping);
    return present === undefined;
  }

  /**
   * Removes the mapping of a source; the last one takes its place in order, as
   * in the Go server.
   * @returns whether there was one
   */
  remove(source: string): boolean {
    const mapping = this.#mappings.get(source);
    if (mapping === undefined) return false;
    const last = this.#ordered().at(-1);
    if (last !== undefined) last.place = mapping.place;
    this.#mappings.delete(source);
    this.#index.remove(mapping);
    return true;
  }

  /**
   * What the literal subject `buffer[start, end)` becomes, or `null` when no
   * mapping matches it, which costs a look into a cache. The empty subject
   * means that the message is to get lost.
   */
  map(buffer: Uint8Array, start: number, end: number): string | null {
    const candidates = this.#index.match(buffer, start, end).plain;
    if (candidates.length === 0) return null;
    return this.#mapWith(candidates, bytesToSubject(buffer, start, end));
  }

  /** The same for a byte string. */
  mapSubject(subject: string): string | null {
    return this.#mapWith(this.#index.matchSubject(subject).plain, subject);
  }

  /** The destinations of every source, for monitoring. */
  *describe(): Generator<{ source: string; shares: MappingShare[] }> {
    for (const mapping of this.#ordered()) {
      const shares: MappingShare[] = [];
      const all = [["", mapping.choices] as const, ...mapping.clusterChoices];
      for (const [cluster, choices] of all) {
        for (const { transform, limit } of choices) {
          const subject = transform?.destination ?? "";
          shares.push({ subject, weight: limit, cluster });
        }
      }
      yield { source: mapping.subject, shares };
    }
  }

  #mapWith(candidates: readonly Mapping[], subject: string): string | null {
    const mapping = firstMatch(candidates, subject);
    if (mapping === undefined) return null;
    const choices = mapping.choicesIn(this.#clusterName());
    const transform = this.#draw(choices)?.transform;
    if (transform === undefined || transform === null) return "";
    // The Go server does not split a subject that is the source itself, so
    // `partition` without token numbers hashes nothing there.
    return mapping.subject === subject && !hasWildcard(subject)
      ? transform.applyTokens([])
      : transform.apply(subject);
  }

  #draw(choices: readonly Choice[]): Choice | undefined {
    const only = choices[0];
    if (choices.length === 1 && only?.limit === 100) return only;
    const ticket = this.#random.below(100);
    return choices.find(({ limit }) => ticket < limit);
  }

  #ordered(): Mapping[] {
    return [...this.#mappings.values()].sort((a, b) => a.place - b.place);
  }
}

/**
 * The mapping to use among those that the index found. A client may publish to
 * a subject with wildcards in it, which a mapping must cover as a pattern.
 */
function firstMatch(
  candidates: readonly Mapping[],
  subject: string,
): Mapping | undefined {
  const pattern = candidates.length > 0 && hasWildcard(subject);
  let first: Mapping | undefined;
  for (const mapping of candidates) {
    if (pattern && !isSubsetMatch(subject, mapping.subject)) continue;
    if (first === undefined || mapping.place < first.place) first = mapping;
  }
  return first;
}

function checkTargets(
  source: string,
  targets: readonly MappingTarget[],
  random: Random,
): void {
  if (!isValidSubject(source)) {
    throw new SubjectTransformError("invalid subject");
  }
  const seen = new Set<string>();
  const totals = new Map<string, number>();
  for (const { subject, weight, cluster } of targets) {
    if (seen.has(subject)) {
      const quoted = quoteBytes(subjectToBytes(subject));
      throw new MappingError(`duplicate entry for ${quoted}`);
    }
    seen.add(subject);
    if (weight > 100) {
      throw new MappingError("individual weights need to be <= 100");
    }
    const total = (totals.get(cluster) ?? 0) + weight;
    if (total > 100) throw new MappingError("total weight needs to be <= 100");
    totals.set(cluster, total);
    validateMapping(source, subject, random);
  }
}
