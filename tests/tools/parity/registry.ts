/**
 * The registry: one TOML file per area, one `[[capability]]` per row of the
 * inventory of what the Go server does.
 *
 * @module
 */

import { parse } from "@std/toml";

/** How far a row is: proven, done in part, not begun, or put off for a reason. */
export type Status = "closed" | "partial" | "open" | "deferred";

const STATUSES: readonly string[] = [
  "closed",
  "partial",
  "open",
  "deferred",
] satisfies Status[];

/** One row. */
export interface Capability {
  /** `<area>/<row>`. */
  readonly id: string;
  readonly section: string;
  readonly name: string;
  /** What can be observed of the Go server; empty when the name says it all. */
  readonly contract: string;
  readonly status: Status;
  /** For users: what differs, when the row is partial or deferred. */
  readonly difference?: string;
  /** Why it differs; demanded of partial and deferred rows. */
  readonly blocker?: string;
  /** What shows that the blocker is real; demanded of partial and deferred rows. */
  readonly evidence?: string;
}

/** One file of the registry. */
export interface Area {
  /** File name without `.toml`, and first part of its rows' ids. */
  readonly name: string;
  readonly capabilities: readonly Capability[];
}

/** Reads one file of the registry. @throws Error that names file and row */
export function parseArea(name: string, text: string): Area {
  const rows = parse(text)["capability"];
  if (!Array.isArray(rows)) {
    throw new Error(`${name}.toml has no [[capability]]`);
  }
  const seen = new Set<string>();
  const capabilities = rows.map((row: Readonly<Record<string, unknown>>) => {
    const capability = parseCapability(name, row);
    if (seen.has(capability.id)) {
      throw new Error(`${name}.toml: ${capability.id} stands twice`);
    }
    seen.add(capability.id);
    return capability;
  });
  return { name, capabilities };
}

function parseCapability(
  area: string,
  row: Readonly<Record<string, unknown>>,
): Capability {
  const id = requiredText(row, "id", `${area}.toml`);
  const where = `${area}.toml, ${id}`;
  if (!id.startsWith(`${area}/`)) {
    throw new Error(`${where}: the id must begin with ${area}/`);
  }
  const status = requiredText(row, "status", where);
  if (!isStatus(status)) throw new Error(`${where}: unknown status ${status}`);
  return {
    id,
    section: requiredText(row, "section", where),
    name: requiredText(row, "name", where),
    contract: String(row["contract"] ?? ""),
    status,
    ...optionalTexts(row, ["difference", "blocker", "evidence"], where),
  };
}

function isStatus(text: string): text is Status {
  return STATUSES.includes(text);
}

/** A field that must be there. @throws Error */
export function requiredText(
  row: Readonly<Record<string, unknown>>,
  field: string,
  where: string,
): string {
  const value = row[field];
  if (typeof value !== "string" || value === "") {
    throw new Error(`${where}: ${field} is missing`);
  }
  return value;
}

function optionalTexts(
  row: Readonly<Record<string, unknown>>,
  fields: readonly string[],
  where: string,
): Record<string, string> {
  const present = fields.filter((field) => row[field] !== undefined);
  return Object.fromEntries(
    present.map((field) => [field, requiredText(row, field, where)]),
  );
}
