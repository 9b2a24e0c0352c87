/**
 * Streams must not copy from themselves, not even by way of others.
 *
 * @module
 */

import { subjectsCollide } from "../../../subject/mod.ts";
import type { StreamConfig } from "../../types/stream_config.ts";
import { type ConfigContext, invalidConfig } from "./context.ts";

/** Follows mirrors and sources as far as they can be seen from here. */
export function checkCycles(
  config: StreamConfig,
  context: ConfigContext,
): void {
  const visited = new Set<string>();
  const pending: StreamConfig[] = [config];
  for (const each of pending) {
    visited.add(each.name);
    for (const { name, external, filter_subject } of each.sources) {
      if (external !== null) continue;
      if (visited.has(name)) {
        if (overlaps(each.subjects, filter_subject)) throw cycle();
      } else visit(name, context, pending);
    }
    const { mirror } = each;
    if (mirror === null || mirror.external !== null) continue;
    if (visited.has(mirror.name)) throw cycle();
    visit(mirror.name, context, pending);
  }
}

function visit(
  name: string,
  context: ConfigContext,
  pending: StreamConfig[],
): void {
  const found = context.streamConfig(name);
  if (found !== undefined) pending.push(found);
}

function overlaps(subjects: readonly string[], filter: string): boolean {
  return filter === "" ||
    subjects.some((each) => subjectsCollide(each, filter));
}

function cycle(): Error {
  return invalidConfig("detected cycle");
}
