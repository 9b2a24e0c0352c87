/**
 * Permissions and limits in the claims of users, and in the templates that
 * accounts keep for them.
 *
 * @module
 */

import { isObject, JwtError } from "../../config/mod.ts";
import { parseNetwork } from "../networks.ts";
import { isTimeOfDay, isTimeZone, type TimeRange } from "../time_ranges.ts";
import { quoteText } from "../../log/mod.ts";
import type { ClaimReader } from "./reader.ts";
import { checkSubject, type Issues } from "./validation.ts";

/** Subjects of one direction; empty `allow` allows all. */
export interface PermissionClaim {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

/** What may be published and subscribed to. */
export interface PermissionsClaim {
  readonly pub: PermissionClaim;
  readonly sub: PermissionClaim;
  /** Undefined: no leave to respond. */
  readonly resp: ResponseClaim | undefined;
}

/** Leave to answer requests. */
export interface ResponseClaim {
  /** Responses per request. */
  readonly max: number;
  /** Nanoseconds. */
  readonly ttl: number;
}

/** What a user may do, and how; the part that a scoped key can prescribe. */
export interface UserPermissionLimits {
  readonly permissions: PermissionsClaim;
  /** Networks (CIDR) to connect from; empty: any. */
  readonly sources: readonly string[];
  /** Times of day to be connected; empty: always. */
  readonly times: readonly TimeRange[];
  /** IANA time zone of `times`; empty: the server's. */
  readonly timeZone: string;
  /** -1: unlimited. */
  readonly subscriptions: number;
  /** -1: unlimited. */
  readonly data: number;
  /** Bytes; -1: unlimited. */
  readonly payload: number;
  /** The JWT alone is proof enough. */
  readonly bearerToken: boolean;
  readonly proxyRequired: boolean;
  /** As written; empty: all. */
  readonly allowedConnectionTypes: readonly string[];
}

/** Reads permissions. @throws JwtError */
export function readPermissions(reader: ClaimReader): PermissionsClaim {
  const direction = (name: string): PermissionClaim => {
    const permission = reader.object(name);
    return {
      allow: permission.strings("allow"),
      deny: permission.strings("deny"),
    };
  };
  const response = reader.optional("resp");
  return {
    pub: direction("pub"),
    sub: direction("sub"),
    resp: response === undefined
      ? undefined
      : { max: response.integer("max"), ttl: response.integer("ttl") },
  };
}

/**
 * Reads permissions and limits. @throws JwtError
 * @param missing what an absent limit means
 */
export function readUserPermissionLimits(
  reader: ClaimReader,
  missing: 0 | -1,
): UserPermissionLimits {
  return {
    permissions: readPermissions(reader),
    sources: readSources(reader),
    times: reader.objects("times").map((range) => ({
      start: range?.string("start") ?? "",
      end: range?.string("end") ?? "",
    })),
    timeZone: reader.string("times_location"),
    subscriptions: reader.integer("subs", missing),
    data: reader.integer("data", missing),
    payload: reader.integer("payload", missing),
    bearerToken: reader.boolean("bearer_token"),
    proxyRequired: reader.boolean("proxy_required"),
    allowedConnectionTypes: reader.strings("allowed_connection_types"),
  };
}

/** A list, or a text with commas. */
function readSources(reader: ClaimReader): string[] {
  const value = reader.raw("src");
  if (typeof value === "string") {
    const parts = value.toLowerCase().split(",").map((part) => part.trim());
    return [...new Set(parts.filter((part) => part !== ""))];
  }
  if (isObject(value)) throw new JwtError("src is neither list nor text");
  return reader.strings("src");
}

/** Whether nothing at all is set, as users of a scoped key must have it. */
export function isEmptyLimits(limits: UserPermissionLimits): boolean {
  const { permissions: { pub, sub, resp }, sources, times, timeZone } = limits;
  const lists = [pub.allow, pub.deny, sub.allow, sub.deny, sources, times];
  return [...lists, limits.allowedConnectionTypes].every((list) =>
    list.length === 0
  ) && resp === undefined && timeZone === "" && !limits.bearerToken &&
    !limits.proxyRequired &&
    [limits.subscriptions, limits.data, limits.payload].every((limit) =>
      limit === 0
    );
}

export function checkPermissions(
  { pub, sub }: PermissionsClaim,
  issues: Issues,
): void {
  const check = (subjects: readonly string[], allowsQueue: boolean) => {
    for (const subject of subjects) {
      checkPermission(subject, allowsQueue, issues);
    }
  };
  check([...sub.allow, ...sub.deny], true);
  check([...pub.allow, ...pub.deny], false);
}

function checkPermission(
  text: string,
  allowsQueue: boolean,
  issues: Issues,
): void {
  const parts = text.split(" ");
  if (parts.length > 2) {
    issues.error(`Permission Subject "${text}" contains too many spaces`);
    return;
  }
  for (const part of parts) checkSubject(part, issues);
  if (parts.length === 2 && !allowsQueue) {
    issues.error(
      `Permission Subject "${text}" is not allowed to contain queue`,
    );
  }
}

/** Checks networks and times. */
export function checkLimits(
  { sources, times, timeZone }: UserPermissionLimits,
  issues: Issues,
): void {
  for (const source of sources) {
    if (parseNetwork(source) !== undefined) continue;
    issues.error(`invalid cidr ${quoteText(source)} in user src limits`);
  }
  for (const range of times) {
    for (const edge of ["start", "end"] as const) {
      const text = range[edge];
      if (text === "") {
        issues.error(`time ranges ${edge} must contain a ${edge}`);
      } else if (!isTimeOfDay(text)) {
        issues.error(`${edge} in time range is invalid ${quoteText(text)}`);
      }
    }
  }
  if (timeZone !== "" && !isTimeZone(timeZone)) {
    issues.error(
      `could not parse iana time zone by name: unknown time zone ${timeZone}`,
    );
  }
}
