// Line charts of the last looks.

import { HISTORY } from "./looks.js";
import { drawing, element } from "./nodes.js";
import { bytes, count, milliseconds } from "./texts.js";

export const CHARTS = [
  {
    title: "Messages per second",
    format: count,
    lines: [
      { name: "in", color: "--in", read: (figures) => figures.messagesIn },
      { name: "out", color: "--out", read: (figures) => figures.messagesOut },
    ],
  },
  {
    title: "Bytes per second",
    format: bytes,
    lines: [
      { name: "in", color: "--in", read: (figures) => figures.bytesIn },
      { name: "out", color: "--out", read: (figures) => figures.bytesOut },
    ],
  },
  {
    title: "Event loop delay",
    format: milliseconds,
    lines: [
      { name: "mean", color: "--in", read: (figures) => figures.meanDelay },
      { name: "worst", color: "--warn", read: (figures) => figures.worstDelay },
    ],
  },
];

/** A card with a chart of the history. */
export function chart({ title, format, lines }, history) {
  const series = lines.map((line) => ({
    ...line,
    values: history.map(line.read),
  }));
  const all = series.flatMap(({ values }) => values);
  const highest = Math.max(0, ...all.filter((value) => value !== undefined));
  const told = series.map(({ name, values }) =>
    `${name} ${format(values.at(-1))}`
  );
  const picture = drawing(
    "svg",
    {
      viewBox: `0 0 ${HISTORY - 1} 100`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": `${title}: ${told.join(", ")}`,
    },
    ...[0, 50, 100].map((y) =>
      drawing("line", { x1: 0, x2: HISTORY - 1, y1: y, y2: y })
    ),
    ...series.map(({ values, color }) =>
      drawing("path", {
        d: path(values, highest),
        style: `stroke: var(${color})`,
      })
    ),
  );
  return element(
    "div",
    { className: "card chart" },
    element(
      "header",
      {},
      element("h2", {}, title),
      ...series.map(key),
      element("span", { className: "soft top" }, `top ${format(highest)}`),
    ),
    picture,
  );
}

function key({ name, color }) {
  const made = element("span", { className: "key soft" }, name);
  made.style.setProperty("--color", `var(${color})`);
  return made;
}

/** The newest stands at the right; gaps where nothing is known. */
function path(values, highest) {
  let drawn = "";
  values.forEach((value, index) => {
    if (value === undefined) return;
    const begins = index === 0 || values[index - 1] === undefined;
    const x = HISTORY - values.length + index;
    const y = 100 - value / (highest || 1) * 100;
    drawn += `${begins ? "M" : "L"}${x} ${y.toFixed(1)}`;
  });
  return drawn;
}
