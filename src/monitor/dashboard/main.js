// The page: looks at the server, shows what it saw, and waits.

import { chart, CHARTS } from "./chart.js";
import { look, Looks } from "./looks.js";
import { byId, element } from "./nodes.js";
import { showTables } from "./tables.js";
import { byteRate, bytes, count, countRate, milliseconds } from "./texts.js";

/** Milliseconds from which on a delay is worth a look. */
const LONG_DELAY = 20;
/** A server for which a look is hard work is left alone for so many times as long. */
const REST = 10;

const looks = new Looks();
let timer;
let paused = false;
let busy = false;

function showIdentity({ varz, healthz }) {
  document.title = varz.server_name;
  byId("name").textContent = varz.server_name;
  byId("identity").textContent =
    `NATS ${varz.version} · up ${varz.uptime} · port ${varz.port}`;
  if (healthz.status === "ok") say("healthy", "good");
  else say(healthz.error ?? healthz.status, "bad");
}

/** Said aloud by screen readers, hence only when it changes. */
function say(text, kind) {
  const pill = byId("health");
  if (pill.textContent === text) return;
  pill.textContent = text;
  pill.className = `pill ${kind}`;
}

function showTiles({ varz, subsz, vars }, figures) {
  const slow = varz.slow_consumers;
  const hits = Math.round((subsz.cache_hit_rate ?? 0) * 100);
  const longest = milliseconds(vars.eventloop.delay_max_ms);
  const isLate = figures.meanDelay > LONG_DELAY;
  const inAll = (text) => `${text} in all`;
  const tiles = [
    ["Messages in", countRate(figures.messagesIn), inAll(count(varz.in_msgs))],
    [
      "Messages out",
      countRate(figures.messagesOut),
      inAll(count(varz.out_msgs)),
    ],
    ["Data in", byteRate(figures.bytesIn), inAll(bytes(varz.in_bytes))],
    ["Data out", byteRate(figures.bytesOut), inAll(bytes(varz.out_bytes))],
    [
      "Connections",
      count(varz.connections),
      `${count(varz.total_connections)} since the start`,
    ],
    ["Subscriptions", count(varz.subscriptions), `${hits} % cache hits`],
    [
      "Slow consumers",
      count(slow),
      "since the start",
      slow > 0 ? "warn" : "",
    ],
    [
      "Event loop delay",
      milliseconds(figures.meanDelay),
      `longest ${longest}`,
      isLate ? "bad" : "",
    ],
    ["Processor", `${varz.cpu.toFixed(1)} %`, "of one core"],
    ["Memory", bytes(varz.mem), "resident"],
  ];
  byId("tiles").replaceChildren(...tiles.map(tile));
}

function tile([title, value, note, kind = ""]) {
  return element(
    "div",
    { className: "card" },
    element("dt", {}, title),
    element("dd", { className: `value ${kind}` }, value),
    element("dd", { className: "soft" }, note),
  );
}

/** Nobody looks at a page that is hidden or paused. */
async function turn() {
  clearTimeout(timer);
  if (busy || paused || document.hidden) return;
  busy = true;
  const began = performance.now();
  try {
    looks.take(await look(byId("sort").value), performance.now());
    showIdentity(looks.current);
    showTiles(looks.current, looks.history.at(-1));
    const charts = CHARTS.map((each) => chart(each, looks.history));
    byId("charts").replaceChildren(...charts);
    showTables(looks);
  } catch (error) {
    say(error instanceof TypeError ? "not reachable" : error.message, "bad");
  } finally {
    busy = false;
  }
  const rest = (performance.now() - began) * REST;
  timer = setTimeout(turn, Math.max(rest, Number(byId("interval").value)));
}

byId("pause").addEventListener("click", ({ currentTarget }) => {
  paused = !paused;
  currentTarget.textContent = paused ? "Go on" : "Pause";
  turn();
});
byId("interval").addEventListener("change", turn);
byId("sort").addEventListener("change", turn);
document.addEventListener("visibilitychange", turn);
turn();
