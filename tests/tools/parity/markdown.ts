/**
 * Small pieces of Markdown that the generated documents share.
 *
 * @module
 */

/** Stands under the title of every generated document. */
export const GENERATED = "<!-- Written by `deno task parity`. Do not edit. -->";

/** A table; cells may hold any text. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string[] {
  return [
    tableRow(head),
    tableRow(head.map(() => "---")),
    ...rows.map(tableRow),
  ];
}

function tableRow(cells: readonly string[]): string {
  return `| ${
    cells.map((cell) => cell.replaceAll("|", "\\|").replace(/\s+/g, " ")).join(
      " | ",
    )
  } |`;
}

/** Lines of a document, ended with one line break. */
export function document(lines: readonly string[]): string {
  return `${lines.join("\n").trimEnd()}\n`;
}
