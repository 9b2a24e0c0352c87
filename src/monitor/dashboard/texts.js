// Numbers as people read them. `undefined` is what is not known.

const UNKNOWN = "–";
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat("en", {
  notation: "compact",
  maximumSignificantDigits: 3,
});

/** @param {number | undefined} value */
export function count(value) {
  if (value === undefined) return UNKNOWN;
  return (value < 10_000 ? WHOLE : SHORT).format(value);
}

/** @param {number | undefined} value */
export function bytes(value) {
  if (value === undefined) return UNKNOWN;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value.toFixed(unit === 0 || value >= 100 ? 0 : 1)} ${UNITS[unit]}`;
}

/** @param {number | undefined} value */
export function milliseconds(value) {
  if (value === undefined) return UNKNOWN;
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}

/** @param {number | undefined} value */
export function countRate(value) {
  return value === undefined ? UNKNOWN : `${count(value)}/s`;
}

/** @param {number | undefined} value */
export function byteRate(value) {
  return value === undefined ? UNKNOWN : `${bytes(value)}/s`;
}
