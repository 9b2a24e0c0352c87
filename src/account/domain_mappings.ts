/**
 * Mappings by which JetStream can be asked under the name of its domain.
 *
 * @module
 */

import type { SubjectMapping } from "../config/mod.ts";

/** Behind `$JS.<domain>.API.`, and what it stands for. */
const TABLE: readonly (readonly [suffix: string, subject: string])[] = [
  ["INFO", "$JS.API.INFO"],
  ["STREAM.>", "$JS.API.STREAM.>"],
  ["CONSUMER.>", "$JS.API.CONSUMER.>"],
  ["DIRECT.>", "$JS.API.DIRECT.>"],
  ["META.>", "$JS.API.META.>"],
  ["SERVER.>", "$JS.API.SERVER.>"],
  ["ACCOUNT.>", "$JS.API.ACCOUNT.>"],
  ["$KV.>", "$KV.>"],
  ["$OBJ.>", "$OBJ.>"],
];

/** @param isSystem for the system account, where there is only the API */
export function domainMappings(
  domain: string,
  isSystem: boolean,
): SubjectMapping[] {
  const prefix = `$JS.${domain}.API.`;
  const table = isSystem ? [[">", "$JS.API.>"] as const] : TABLE;
  return table.map(([suffix, subject]) => mapping(prefix + suffix, subject));
}

/** Those by which what is asked without a domain goes to the JetStream of one. */
export function defaultDomainMappings(domain: string): SubjectMapping[] {
  const prefix = `$JS.${domain}.API.`;
  return TABLE.map(([suffix, subject]) => mapping(subject, prefix + suffix));
}

function mapping(source: string, subject: string): SubjectMapping {
  return { source, destinations: [{ subject, weight: 100, cluster: "" }] };
}
