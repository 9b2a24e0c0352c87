// Tables. A column reads a text from a row; what is `wide` is left out on
// narrow screens.

import { ROWS } from "./looks.js";
import { byId, element } from "./nodes.js";
import { bytes, count, countRate } from "./texts.js";

function text(title, read, wide = false) {
  return { title, read, className: wide ? "text wide" : "text" };
}

function number(title, read, wide = false) {
  return { title, read, className: wide ? "number wide" : "number" };
}

function clientName({ name, name_tag, lang, version }) {
  return name || name_tag || [lang, version].filter(Boolean).join(" ") ||
    "unnamed";
}

const ADDRESS = text("Address", ({ ip, port }) => `${ip}:${port}`, true);

const CONNECTIONS = [
  number("Id", ({ cid }) => cid),
  text("Client", clientName),
  text("Account", ({ account }) => account, true),
  ADDRESS,
  text(
    "Kind",
    ({ type, lang, version }) =>
      [type, lang, version].filter(Boolean).join(" "),
    true,
  ),
  number("Subs", ({ subscriptions }) => count(subscriptions)),
  number("From it", ({ in_msgs }) => count(in_msgs)),
  number("To it", ({ out_msgs }) => count(out_msgs)),
  number("Pending", ({ pending_bytes }) => bytes(pending_bytes)),
  number("Round trip", ({ rtt }) => rtt ?? "–", true),
  number("Idle", ({ idle }) => idle, true),
];

const SLOW = [
  number("Id", ({ cid }) => cid),
  text("Client", clientName),
  ADDRESS,
  text("Reason", ({ reason }) => /\((.*)\)/.exec(reason)?.[1] ?? reason),
  text("When", ({ stop }) => new Date(stop).toLocaleTimeString()),
  number("Sent to it", ({ out_msgs }) => count(out_msgs), true),
];

function volume({ msgs, bytes: size }) {
  return `${count(msgs)} / ${bytes(size)}`;
}

const ACCOUNTS = [
  text("Account", ({ name, acc }) => name || acc),
  number("Connections", ({ conns }) => count(conns)),
  number("Subs", ({ num_subscriptions }) => count(num_subscriptions)),
  number("Received", ({ received }) => volume(received), true),
  number("Sent", ({ sent }) => volume(sent), true),
  number("In now", ({ inRate }) => countRate(inRate)),
  number("Out now", ({ outRate }) => countRate(outRate)),
  number("Slow", ({ slow_consumers }) => count(slow_consumers), true),
];

const STREAMS = [
  text("Stream", ({ name }) => name),
  text("Account", ({ account }) => account, true),
  text("Subjects", ({ config }) => config?.subjects?.join(", "), true),
  number("Messages", ({ state }) => count(state.messages)),
  number("Size", ({ state }) => bytes(state.bytes)),
  number("Last", ({ state }) => count(state.last_seq), true),
  number("Consumers", ({ state }) => count(state.consumer_count)),
];

/** Fills all tables. */
export function showTables(looks) {
  const { connz, closed, jsz } = looks.current;
  show("connections", {
    note: shownOf(connz.num_connections, connz.total),
    columns: CONNECTIONS,
    rows: connz.connections ?? [],
    nothing: "Nobody is connected.",
  });
  show("slow", {
    note: slowNote(looks.current.varz),
    columns: SLOW,
    rows: (closed.connections ?? []).filter(wasSlow).slice(0, ROWS),
    nothing: "No connection was closed lately for being slow.",
  });
  const accounts = accountRows(looks);
  show("accounts", {
    note: shownOf(Math.min(ROWS, accounts.length), accounts.length),
    columns: ACCOUNTS,
    rows: accounts.slice(0, ROWS),
    nothing: "There are no accounts.",
  });
  show("streams", {
    note: jsz.disabled ? "" : streamNote(jsz),
    columns: STREAMS,
    rows: streamRows(jsz).slice(0, ROWS),
    nothing: jsz.disabled
      ? "JetStream is not enabled."
      : "There are no streams.",
  });
}

function show(id, { note, columns, rows, nothing }) {
  byId(`${id}-note`).textContent = note;
  byId(id).replaceChildren(
    rows.length === 0
      ? element("p", { className: "soft" }, nothing)
      : table(byId(`${id}-title`).textContent, columns, rows),
  );
}

function table(caption, columns, rows) {
  const head = columns.map(({ title, className }) =>
    element("th", { scope: "col", className }, title)
  );
  const body = rows.map((row) => {
    const cells = columns.map(({ read, className }) => {
      const shown = String(read(row) ?? "");
      return element("td", { className, title: shown }, shown);
    });
    return element("tr", {}, ...cells);
  });
  return element(
    "table",
    {},
    element("caption", { className: "unseen" }, caption),
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...body),
  );
}

function shownOf(shown, total) {
  return shown < total ? `the first ${shown} of ${count(total)}` : count(total);
}

function wasSlow({ reason }) {
  return reason?.startsWith("Slow Consumer") ?? false;
}

function slowNote({ slow_consumer_stats, stalled_clients }) {
  const kinds = Object.entries(slow_consumer_stats ?? {}).map(
    ([kind, times]) => `${count(times)} ${kind}`,
  );
  return `since the start: ${kinds.join(", ")}; producers stalled ${
    count(stalled_clients ?? 0)
  } times`;
}

function accountRows(looks) {
  const rate = (name, direction) =>
    looks.growth(({ accstatz }) =>
      accstatz.account_statz.find(({ acc }) => acc === name)?.[direction].msgs
    );
  const shown = [...looks.current.accstatz.account_statz ?? []]
    .sort((a, b) => b.conns - a.conns);
  return shown.map((account, index) =>
    index >= ROWS ? account : {
      ...account,
      inRate: rate(account.acc, "received"),
      outRate: rate(account.acc, "sent"),
    }
  );
}

function streamNote({ streams, messages, bytes: size, consumers }) {
  return `${count(streams)} with ${count(messages)} messages, ${bytes(size)}; ${
    count(consumers)
  } consumers`;
}

function streamRows({ account_details }) {
  return (account_details ?? [])
    .flatMap(({ name, stream_detail }) =>
      (stream_detail ?? []).map((stream) => ({ account: name, ...stream }))
    )
    .sort((a, b) => b.state.bytes - a.state.bytes);
}
