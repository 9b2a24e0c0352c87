/**
 * The dashboard: one page that holds all it needs and asks nobody but the
 * server that it came from.
 *
 * Its parts stand beside this file: a page, a style, and modules that run in
 * the browser. They are embedded as texts and put together once.
 *
 * @module
 */

import chart from "./chart.js" with { type: "text" };
import looks from "./looks.js" with { type: "text" };
import main from "./main.js" with { type: "text" };
import nodes from "./nodes.js" with { type: "text" };
import page from "./page.html" with { type: "text" };
import style from "./style.css" with { type: "text" };
import tables from "./tables.js" with { type: "text" };
import texts from "./texts.js" with { type: "text" };

/** Each behind those that it imports. */
const MODULES: readonly string[] = [texts, nodes, looks, chart, tables, main];

/** HTML. */
export const DASHBOARD_PAGE: string = page
  .replace("<style></style>", () => `<style>\n${style}</style>`)
  .replace(
    "<script></script>",
    () => `<script type="module">\n${oneModule(MODULES)}</script>`,
  );

/** Nothing is loaded, and nothing is asked of others than the server. */
export const DASHBOARD_HEADERS: Readonly<Record<string, string>> = {
  "Content-Type": "text/html; charset=utf-8",
  "Cache-Control": "no-cache",
  "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; " +
    "script-src 'unsafe-inline'; connect-src 'self'; img-src data:; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
};

/** Modules that import only each other, as one: names are the same in all. */
function oneModule(modules: readonly string[]): string {
  return modules.join("\n")
    .replace(/^import [^;]*;\n/gm, "")
    .replace(/^export /gm, "");
}
