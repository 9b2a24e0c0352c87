/**
 * Pages of long lists.
 *
 * @module
 */

import type { Count } from "./query.ts";

/** Elements on a page unless asked otherwise. */
const USUAL_LIMIT = 1024;

/** A part of a list; both numbers are shown as they were asked for. */
export interface Page {
  readonly offset: Count;
  readonly limit: Count;
}

/** Makes sense of what was asked: no page is negative, none without size. */
export function pageOf(offset: Count, limit: Count): Page {
  return {
    offset: offset < 0 ? 0 : offset,
    limit: limit <= 0 ? USUAL_LIMIT : limit,
  };
}

/** The elements on a page. */
export function slicePage<T>(list: readonly T[], page: Page): readonly T[] {
  const start = Math.min(Number(page.offset), list.length);
  const count = Math.min(Number(page.limit), list.length - start);
  return list.slice(start, start + count);
}
