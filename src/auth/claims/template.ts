/**
 * Fills in what a scoped key leaves open in the permissions of its users:
 * `{{name()}}`, `{{subject()}}`, `{{account-name()}}`, `{{account-subject()}}`,
 * `{{tag(x)}}` and `{{account-tag(x)}}`.
 *
 * @module
 */

import { isValidSubject } from "../../subject/mod.ts";
import type { PermissionsClaim } from "./permission_claims.ts";

/** What the blanks are filled in with. */
export interface TemplateValues {
  readonly name: string;
  readonly subject: string;
  readonly accountName: string;
  readonly accountSubject: string;
  /** `name:value` each. */
  readonly tags: readonly string[];
  readonly accountTags: readonly string[];
}

/** A template that can't be filled in; the user must not get in. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
}

const BLANK = /\{\{([^}]+)\}\}/g;
const TAG = /^(account-)?tag\((.*)\)$/i;
/** A list never grows longer than this, however many tags there are. */
const MAX_SUBJECTS = 4096;
/** Stands for a tag without value; no subject has it. */
const UNDEFINED_TAG = " ";

/** Fills in all lists. @throws TemplateError */
export function fillTemplate(
  { pub, sub, resp }: PermissionsClaim,
  values: TemplateValues,
): PermissionsClaim {
  const fill = ({ allow, deny }: PermissionsClaim["pub"]) => {
    const allowed = fillList(allow, values, false);
    const denied = fillList(deny, values, true);
    // What allowed something must not end up allowing everything.
    const emptied = allow.length > 0 && allowed.length === 0 &&
      !denied.includes(">");
    return { allow: allowed, deny: emptied ? [...denied, ">"] : denied };
  };
  const filledSub = fill(sub);
  return { pub: fill(pub), sub: filledSub, resp };
}

/** @param strict whether what can't be filled in is an error, instead of left out */
function fillList(
  list: readonly string[],
  values: TemplateValues,
  strict: boolean,
): readonly string[] {
  if (!list.some((text) => text.search(BLANK) >= 0)) return list;
  const filled: string[] = [];
  for (const text of list) {
    const blanks = [...text.matchAll(BLANK)].map(([blank, operation = ""]) => ({
      blank,
      options: optionsFor(operation.trim(), text, values, strict),
    }));
    const count = blanks.reduce((n, { options }) => n * options.length, 1);
    if (filled.length + count > MAX_SUBJECTS) {
      throw new TemplateError(
        `template expansion exceeds limit: ${MAX_SUBJECTS}`,
      );
    }
    for (const subject of combinations(text, blanks)) {
      if (isValidSubject(subject)) filled.push(subject);
      else if (strict) throw new TemplateError("generated invalid subject");
    }
  }
  return filled;
}

function optionsFor(
  operation: string,
  text: string,
  values: TemplateValues,
  strict: boolean,
): string[] {
  switch (operation.toLowerCase()) {
    case "name()":
      return [values.name];
    case "subject()":
      return [values.subject];
    case "account-name()":
      return [values.accountName];
    case "account-subject()":
      return [values.accountSubject];
  }
  const [, ofAccount, tag = ""] = TAG.exec(operation) ?? [];
  if (!TAG.test(operation)) {
    throw new TemplateError(
      `template operation in "${text}": "${operation}" is not defined`,
    );
  }
  const prefix = `${tag.toLowerCase()}:`;
  const tags = ofAccount === undefined ? values.tags : values.accountTags;
  const options = tags.filter((each) => each.startsWith(prefix))
    .map((each) => each.slice(prefix.length));
  if (options.length > 0) return options;
  if (strict) {
    throw new TemplateError(
      `generated invalid subject "${text}": "${tag}" is not defined`,
    );
  }
  return [UNDEFINED_TAG];
}

/** Every way to fill in the blanks; the last blank changes fastest. */
function combinations(
  text: string,
  blanks: readonly { blank: string; options: readonly string[] }[],
): string[] {
  const [first, ...rest] = blanks;
  if (first === undefined) return [text];
  return first.options.flatMap((option) =>
    combinations(text.replaceAll(first.blank, () => option), rest)
  );
}
