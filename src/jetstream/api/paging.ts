/**
 * Answers in pages.
 *
 * @module
 */

import { int, string } from "../json/kind.ts";
import { extend, omit, struct, type StructKind } from "../json/struct.ts";

/** Names in one answer. */
export const NAMES_LIMIT = 1024;
/** Detailed entries in one answer. */
export const LIST_LIMIT = 256;

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

/** Where a page begins, within what there is. */
export function startOf(offset: number, total: number): number {
  return Math.min(Math.max(offset, 0), total);
}

/** Fields as JSON without braces. */
export function pageFields({ total, offset, limit }: Page): string {
  return `"total":${total},"offset":${offset},"limit":${limit}`;
}

/** A page of an error. */
export const NO_PAGE: string = pageFields({ total: 0, offset: 0, limit: 0 });
