/**
 * Answers in pages.
 *
 * @module
 */

import { sorting, type Work } from "../../connection/mod.ts";
import { encodeGoJson } from "../../protocol/mod.ts";
import { compareBytes, int, string } from "../json/kind.ts";
import { extend, omit, struct, type StructKind } from "../json/struct.ts";

/** Names in one answer. */
const NAMES_LIMIT = 1024;
/** Detailed entries in one answer. */
const LIST_LIMIT = 256;

/** Where a page begins. */
export interface PagedRequest {
  offset: number;
}

export const PAGED_REQUEST: StructKind<PagedRequest> = struct(
  "ApiPagedRequest",
  { offset: int },
);

/** Which streams are wanted. */
export interface StreamsRequest extends PagedRequest {
  /** Only those with subjects that have something in common with it. */
  subject: string;
}

/** @param name of the structure, which errors tell */
export function streamsRequest(name: string): StructKind<StreamsRequest> {
  return extend(name, PAGED_REQUEST, { subject: omit(string) });
}

/** Which part of how much is in an answer. */
export interface Page {
  readonly total: number;
  readonly offset: number;
  readonly limit: number;
}

/** What a list shows: a stream or a consumer. */
interface Listed {
  readonly name: string;
  /** Why it can't be shown in detail; empty: it can. */
  readonly offlineReason: string;
}

/** Sorts by name, step by step. */
export function byName<T extends { readonly name: string }>(
  entries: readonly T[],
): Work<readonly T[]> {
  return sorting(entries, (a, b) => compareBytes(a.name, b.name));
}

/** Where a page begins, within what there is. */
function startOf(offset: number, total: number): number {
  return Math.min(Math.max(offset, 0), total);
}

/** Fields as JSON without braces. */
export function pageFields({ total, offset, limit }: Page): string {
  return `"total":${total},"offset":${offset},"limit":${limit}`;
}

/** A page of an error. */
export const NO_PAGE: string = pageFields({ total: 0, offset: 0, limit: 0 });

/**
 * A page of names, as fields of JSON.
 * @param field its name
 * @param none what stands for no names: JSON
 */
export function namesPage(
  field: string,
  all: readonly string[],
  from: number,
  none: string,
): string {
  const offset = startOf(from, all.length);
  const names = all.slice(offset, offset + NAMES_LIMIT);
  const shown = names.length === 0 ? none : encodeGoJson(names);
  const page = { total: all.length, offset, limit: NAMES_LIMIT };
  return `${pageFields(page)},"${field}":${shown}`;
}

/**
 * A page of details, and what is offline among them, as fields of JSON, written
 * step by step.
 * @param field its name
 * @param write gives an entry as JSON
 */
export function* listPage<T extends Listed>(
  field: string,
  all: readonly T[],
  from: number,
  write: (entry: T) => string,
): Work<string> {
  const offset = startOf(from, all.length);
  const shown: string[] = [];
  const offline = new Map<string, string>();
  for (const entry of all.slice(offset)) {
    if (entry.offlineReason !== "") {
      offline.set(entry.name, entry.offlineReason);
      continue;
    }
    shown.push(write(entry));
    if (shown.length >= LIST_LIMIT) break;
    yield;
  }
  const page = { total: all.length, offset, limit: LIST_LIMIT };
  return `${pageFields(page)},"${field}":[${shown.join(",")}]` +
    offlineFields(offline);
}

/** What of a list is missing, and why; nothing when all is there. */
function offlineFields(offline: ReadonlyMap<string, string>): string {
  if (offline.size === 0) return "";
  const sorted = [...offline].sort(([a], [b]) => compareBytes(a, b));
  const missing = encodeGoJson([...offline.keys()]);
  const reasons = encodeGoJson(Object.fromEntries(sorted));
  return `,"missing":${missing},"offline":${reasons}`;
}
