/**
 * Results of all runs, and what is to be read from them.
 *
 * @module
 */

import type { Measurement, Table } from "./scenario.ts";
import { median } from "./statistics.ts";

/** One line of a table: what every server reached. */
export interface Row extends Omit<Measurement, "value"> {
  /** Values of all runs by the server's name. */
  readonly values: ReadonlyMap<string, readonly number[]>;
}

/** Collects measurements into rows, in the order of their arrival. */
export class Results {
  readonly #rows = new Map<string, Row & { values: Map<string, number[]> }>();

  /** Takes in what one run on one server gave. */
  add(server: string, measurements: readonly Measurement[]): void {
    for (const { value, ...what } of measurements) {
      const key = `${what.table} ${what.label}`;
      const row = this.#rows.get(key) ?? { ...what, values: new Map() };
      this.#rows.set(key, row);
      row.values.set(server, [...row.values.get(server) ?? [], value]);
    }
  }

  /** The rows of one table. */
  rows(table: Table): Row[] {
    return [...this.#rows.values()].filter((row) => row.table === table);
  }

  get all(): Row[] {
    return [...this.#rows.values()];
  }
}

/** The median of a server's runs; NaN when it did not run. */
export function medianOf(row: Row, server: string): number {
  return median(row.values.get(server) ?? []);
}

/** Median of ours to median of the Go server's. */
export function ratioOf(row: Row): number {
  return medianOf(row, "ours") / medianOf(row, "Go");
}
