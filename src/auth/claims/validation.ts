/**
 * What is wrong with claims that could be read and were signed.
 *
 * @module
 */

import type { Claims } from "../../config/mod.ts";
import { quoteText } from "../../log/mod.ts";

/** One complaint. */
export interface Issue {
  readonly description: string;
  /** Time issues pass with time; warnings do no harm. */
  readonly kind: "error" | "time" | "warning";
}

/** Collects complaints. */
export class Issues {
  readonly all: Issue[] = [];

  error(description: string): void {
    this.all.push({ description, kind: "error" });
  }

  time(description: string): void {
    this.all.push({ description, kind: "time" });
  }

  warning(description: string): void {
    this.all.push({ description, kind: "warning" });
  }

  /** Whether there is more than warnings; times are left out on request. */
  isBlocking({ withTimes = true } = {}): boolean {
    return this.all.some(({ kind }) =>
      kind === "error" || (withTimes && kind === "time")
    );
  }
}

/** Checks that claims are valid at `now` (milliseconds). */
export function checkTimes(
  { expires, notBefore }: Claims,
  now: number,
  issues: Issues,
): void {
  const seconds = Math.floor(now / 1000);
  if (expires > 0 && seconds > expires) issues.time("claim is expired");
  if (notBefore > 0 && notBefore > seconds) {
    issues.time("claim is not yet valid");
  }
}

/** Checks the form of a subject, less strictly than the server does. */
export function checkSubject(subject: string, issues: Issues): void {
  if (subject === "") {
    issues.error("subject cannot be empty");
    return;
  }
  const quoted = quoteText(subject);
  if (subject.includes(" ")) {
    issues.error(`subject ${quoted} cannot have spaces`);
  }
  if (subject.startsWith(".") || subject.endsWith(".")) {
    issues.error(`subject ${quoted} cannot start or end with a \`.\``);
  }
  if (subject.includes("..")) {
    issues.error(`subject ${quoted} cannot contain consecutive \`.\``);
  }
}
