/**
 * Compression modes of links, in normal form.
 *
 * @module
 */

import { refuse } from "./checks.ts";
import { formatDuration } from "./duration.ts";
import { quote } from "./go_text.ts";
import type { CompressionOptions } from "./options_network.ts";

/** Milliseconds of round trip time at which `s2_auto` changes level, unless configured. */
export const AUTO_THRESHOLDS: readonly number[] = [10, 50, 100];

/** Levels of `s2_auto`: none, fast, better, best. */
const LEVELS = 4;

/** Ways to write a mode. */
const MODES: ReadonlyMap<string, string> = new Map([
  ["not supported", "not supported"],
  ["not_supported", "not supported"],
  ["disabled", "off"],
  ["off", "off"],
  ["false", "off"],
  ["accept", "accept"],
  ["auto", "s2_auto"],
  ["s2_auto", "s2_auto"],
  ["fast", "s2_fast"],
  ["s2_fast", "s2_fast"],
  ["better", "s2_better"],
  ["s2_better", "s2_better"],
  ["best", "s2_best"],
  ["s2_best", "s2_best"],
]);

/**
 * The options with the mode's proper name and with thresholds where the mode
 * needs them. An empty mode stays empty.
 * @param modeForOn what `on` stands for
 * @throws OptionsError
 */
export function normalCompression(
  compression: CompressionOptions,
  modeForOn: string,
): CompressionOptions {
  if (compression.mode === "") return compression;
  const word = compression.mode.toLowerCase();
  const mode = MODES.get(
    ["on", "enabled", "true"].includes(word) ? modeForOn : word,
  );
  if (mode === undefined) {
    refuse(`unsupported compression mode ${quote(compression.mode)}`);
    return compression;
  }
  return mode === "s2_auto"
    ? { mode, rttThresholds: autoThresholds(compression) }
    : { ...compression, mode };
}

/** Thresholds in ascending order; 0 skips a level, and zeros at the end say nothing. */
function autoThresholds(
  { mode, rttThresholds }: CompressionOptions,
): readonly number[] {
  if (rttThresholds.length === 0) return AUTO_THRESHOLDS;
  const shown = "[" + rttThresholds.map(formatDuration).join(" ") + "]";
  const times = rttThresholds.map((time) => Math.max(0, time));
  for (const [index, time] of times.entries()) {
    if (time !== 0 && times.slice(0, index).some((earlier) => time < earlier)) {
      refuse(`RTT threshold values ${shown} should be in ascending order`);
    }
  }
  const kept = times.slice(0, times.findLastIndex((time) => time !== 0) + 1);
  if (kept.length > LEVELS) {
    refuse(
      `compression mode ${
        quote(mode)
      } should have no more than 4 RTT thresholds: ${shown}`,
    );
  }
  if (kept.length === 0) {
    refuse(
      `compression mode ${quote(mode)} requires at least one RTT threshold`,
    );
  }
  return kept;
}
