/**
 * A certificate's subject as text in the order of Go's `pkix.Name`, which user
 * names in configurations are written in.
 *
 * @module
 */

import type { SubjectAttribute } from "./names.ts";

/** Attributes of which all values count, each type as one multi-valued part. */
const LISTED = [
  ["C", "2.5.4.6"],
  ["O", "2.5.4.10"],
  ["OU", "2.5.4.11"],
  ["L", "2.5.4.7"],
  ["ST", "2.5.4.8"],
  ["STREET", "2.5.4.9"],
  ["POSTALCODE", "2.5.4.17"],
] as const;

/** Attributes of which the last value counts. */
const SINGLE = [
  ["CN", "2.5.4.3"],
  ["SERIALNUMBER", "2.5.4.5"],
] as const;

const DOMAIN_COMPONENT = "0.9.2342.19200300.100.1.25";

type Subject = readonly (readonly SubjectAttribute[])[];

/** `CN=…,OU=…+OU=…,O=…`: types in a fixed order, others left out. */
export function subjectText(subject: Subject): string {
  const valuesOf = (oid: string) => textsOf(subject, oid);
  const listed = LISTED.map(([type, oid]) =>
    valuesOf(oid).map((value) => `${type}=${escape(value)}`).join("+")
  );
  const single = SINGLE.map(([type, oid]) => {
    const value = valuesOf(oid).at(-1) ?? "";
    return value === "" ? "" : `${type}=${escape(value)}`;
  });
  return [...listed, ...single].filter((part) => part !== "").reverse()
    .join(",");
}

/** `DC=…,DC=…` in the order of the certificate; empty without any. */
export function domainComponents(subject: Subject): string {
  return textsOf(subject, DOMAIN_COMPONENT).map((value) => `DC=${value}`)
    .join(",");
}

function textsOf(subject: Subject, oid: string): string[] {
  return subject.flat().filter((attribute) => attribute.oid === oid)
    .flatMap(({ value }) => value === undefined ? [] : [value]);
}

function escape(value: string): string {
  return value.replace(/[,+"\\<>;]|^[ #]| $/g, "\\$&");
}
