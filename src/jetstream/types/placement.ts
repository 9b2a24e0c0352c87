/**
 * Where replicas are to be.
 *
 * @module
 */

import { list, string } from "../json/kind.ts";
import { omit, struct, type StructKind } from "../json/struct.ts";

/** Wishes for the servers that keep a stream. */
export interface Placement {
  cluster: string;
  tags: string[];
  preferred: string;
}

export const PLACEMENT: StructKind<Placement> = struct("Placement", {
  cluster: omit(string),
  tags: omit(list(string)),
  preferred: omit(string),
});
