/**
 * Reading permissions of users, accounts and routes.
 *
 * @module
 */

import {
  attempt,
  durationOf,
  type Field,
  isList,
  isMap,
  readBlock,
  schema,
} from "./field.ts";
import { formatValue, quote } from "./go_text.ts";
import type {
  Permissions,
  ResponsePermission,
  SubjectPermission,
} from "./options_accounts.ts";
import { FieldError } from "./report.ts";
import { isValidSubject } from "./subjects.ts";

const DEFAULT_RESPONSES: ResponsePermission = { max: 1, expires: 120_000 };

/** Allows everything. */
export const UNRESTRICTED: SubjectPermission = { allow: undefined, deny: [] };

interface PermissionsDraft {
  publish: SubjectPermission | undefined;
  subscribe: SubjectPermission | undefined;
  responses: ResponsePermission | undefined;
}

const PERMISSIONS = schema<PermissionsDraft>({
  "pub publish import": (field, draft) => {
    draft.publish = subjectPermission(field, false);
  },
  "sub subscribe export": (field, draft) => {
    draft.subscribe = subjectPermission(field, true);
  },
  "publish_allow_responses allow_responses": (field, draft) => {
    if (field.value === false) return;
    draft.responses = field.value === true
      ? DEFAULT_RESPONSES
      : responsePermission(field);
  },
});

/** Reads a permissions block, telling which directions it names. */
export function permissionsDraft(field: Field): PermissionsDraft {
  if (!isMap(field.value)) {
    return field.fail(
      `Expected permissions to be a map/struct, got ${
        formatValue(field.value)
      }`,
    );
  }
  const draft: PermissionsDraft = {
    publish: undefined,
    subscribe: undefined,
    responses: undefined,
  };
  readBlock(field, PERMISSIONS, draft, {
    unknown: (key) => `Unknown field ${quote(key)} parsing permissions`,
  });
  // Leave to respond replaces the leave to publish anywhere.
  if (draft.responses !== undefined && draft.publish?.allow === undefined) {
    draft.publish = { allow: [], deny: draft.publish?.deny ?? [] };
  }
  return draft;
}

/** Reads a permissions block. */
export function permissions(field: Field): Permissions {
  const { publish, subscribe, responses } = permissionsDraft(field);
  return {
    publish: publish ?? UNRESTRICTED,
    subscribe: subscribe ?? UNRESTRICTED,
    ...(responses === undefined ? {} : { responses }),
  };
}

/** Reads subjects, or a block that allows and denies. */
function subjectPermission(
  field: Field,
  allowQueue: boolean,
): SubjectPermission | undefined {
  if (!isMap(field.value)) {
    // Go reports errors in this form without their place in the file.
    return { allow: subjects(field, allowQueue, false), deny: [] };
  }
  if (field.value.size === 0) return undefined;
  const draft: { allow: string[] | undefined; deny: string[] | undefined } = {
    allow: undefined,
    deny: undefined,
  };
  const rows = schema<typeof draft>({
    allow: (entry, target) => {
      target.allow = subjects(entry, allowQueue);
    },
    deny: (entry, target) => {
      target.deny = subjects(entry, allowQueue);
    },
  });
  readBlock(field, rows, draft, {
    unknown: (key) =>
      `Unknown field name ${
        quote(key)
      } parsing subject permissions, only 'allow' or 'deny' are permitted`,
  });
  return { allow: draft.allow, deny: draft.deny ?? [] };
}

/**
 * Reads a subject or a list of them; subscriptions may name a queue group.
 * @returns undefined for an empty list, which restricts nothing
 */
function subjects(
  field: Field,
  allowQueue: boolean,
  placed = true,
): string[] | undefined {
  const found: string[] = [];
  const fail = (reason: string): never => {
    throw new FieldError(placed ? field.node : undefined, reason);
  };
  if (typeof field.value === "string") found.push(field.value);
  else if (isList(field.value)) {
    for (const node of field.value) {
      if (typeof node.value === "string") found.push(node.value);
      else {field.at(node).fail(
          "Subject in permissions array cannot be cast to string",
        );}
    }
  } else {
    fail(
      `Expected subject permissions to be a subject, or array of subjects, got ${field.typeName}`,
    );
  }
  const problem = subjectsProblem(found, allowQueue);
  if (problem !== undefined) fail(problem);
  return found.length === 0 ? undefined : found;
}

/** Reads a subject or a list of them, without queue groups. */
export function subjectList(field: Field): string[] {
  return subjects(field, false) ?? [];
}

/** What is wrong with permission subjects, or undefined. */
export function subjectsProblem(
  subjects: readonly string[],
  allowQueue: boolean,
): string | undefined {
  for (const subject of subjects) {
    if (isValidSubject(subject)) continue;
    const [name = "", queue = "", ...rest] = subject.trim().split(/\s+/);
    if (!allowQueue || queue === "" || rest.length > 0) {
      return `subject ${quote(subject)} is not a valid subject`;
    }
    if (!isValidSubject(name)) {
      return `subject ${quote(name)} is not a valid subject`;
    }
    if (!isValidSubject(queue)) {
      return `queue ${quote(queue)} is not a valid queue`;
    }
  }
  return undefined;
}

interface ResponseDraft {
  max: number;
  expires: number;
}

const RESPONSES = schema<ResponseDraft>({
  "max max_msgs max_messages max_responses": (field, draft) => {
    // Zero means the default, negative no limit.
    draft.max = field.integer() || draft.max;
  },
  "expires expiration ttl": (field, draft) => {
    if (typeof field.value !== "string") {
      return field.fail("error parsing expires, not a duration string");
    }
    const describe = (message: string) => `error parsing expires: ${message}`;
    draft.expires = durationOf(field, field.value, describe) || draft.expires;
  },
});

/** Reads a block of response permissions; a bad one is reported and grants nothing. */
function responsePermission(field: Field): ResponsePermission | undefined {
  return attempt(field, () => {
    if (!isMap(field.value)) {
      return field.fail(
        "error parsing response permissions, expected a boolean or a map",
      );
    }
    const draft: ResponseDraft = { ...DEFAULT_RESPONSES };
    readBlock(field, RESPONSES, draft, {
      stopAtError: true,
      unknown: (key) => `Unknown field ${quote(key)} parsing permissions`,
    });
    return draft;
  });
}

/** What is wrong with the permissions of a cluster, or undefined. */
export function routePermissionsProblem(
  imports: SubjectPermission | undefined,
  exports: SubjectPermission | undefined,
): string | undefined {
  const lists: [string, readonly string[]][] = [
    ["cluster import allow", imports?.allow ?? []],
    ["cluster import deny", imports?.deny ?? []],
    ["cluster export allow", exports?.allow ?? []],
    ["cluster export deny", exports?.deny ?? []],
  ];
  return firstProblem(lists, false);
}

/** The first bad subject among named lists, or undefined. */
export function firstProblem(
  lists: readonly [name: string, subjects: readonly string[]][],
  allowQueue: boolean,
): string | undefined {
  for (const [name, subjects] of lists) {
    const problem = subjectsProblem(subjects, allowQueue);
    if (problem !== undefined) return `${name}: ${problem}`;
  }
  return undefined;
}
