/**
 * Figures about subscription indexes, as monitoring reports them.
 *
 * @module
 */

/** JSON form of the figures, with the field names of the Go server. */
export interface IndexStatsJson {
  num_subscriptions: number;
  num_cache: number;
  num_inserts: number;
  num_removes: number;
  num_matches: number;
  cache_hit_rate: number;
  max_fanout: number;
  avg_fanout: number;
}

/** Figures of one index, or the sum over several. */
export class IndexStats {
  subscriptions = 0;
  inserts = 0;
  removes = 0;
  matches = 0;
  cacheHits = 0;
  /** Results in the cache; the two fan-out figures are about those. */
  cached = 0;
  /** Plain subscriptions and queue groups in the largest result. */
  maxFanout = 0;
  /** The same summed over all results. */
  totalFanout = 0;

  /** Adds the figures of another index. */
  add(other: IndexStats): void {
    this.subscriptions += other.subscriptions;
    this.inserts += other.inserts;
    this.removes += other.removes;
    this.matches += other.matches;
    this.cacheHits += other.cacheHits;
    this.cached += other.cached;
    this.maxFanout = Math.max(this.maxFanout, other.maxFanout);
    this.totalFanout += other.totalFanout;
  }

  toJSON(): IndexStatsJson {
    return {
      num_subscriptions: this.subscriptions,
      num_cache: this.cached,
      num_inserts: this.inserts,
      num_removes: this.removes,
      num_matches: this.matches,
      cache_hit_rate: ratio(this.cacheHits, this.matches),
      max_fanout: this.maxFanout,
      avg_fanout: ratio(this.totalFanout, this.cached),
    };
  }
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
