/**
 * Checks that several parts of the options share.
 *
 * @module
 */

import type { Options } from "./options.ts";
import { OptionsError } from "./report.ts";
import { isPin } from "./tls_fields.ts";

/** @throws OptionsError with `reason` unless it is undefined */
export function refuse(reason: string | undefined): void {
  if (reason !== undefined) throw new OptionsError(reason);
}

/** @throws OptionsError unless the user for connections without credentials exists */
export function checkNoAuthUser(options: Options, name: string): void {
  if (name === "") return;
  const { users, nkeys, trustedOperators } = options;
  if (trustedOperators.length > 0) {
    refuse("no_auth_user not compatible with Trusted Operator");
  }
  if (users.length === 0 && nkeys.length === 0) {
    refuse(`no_auth_user: "${name}" present, but users/nkeys are not defined`);
  }
  const exists = users.some(({ username }) => username === name) ||
    nkeys.some(({ nkey }) => nkey === name);
  if (exists) return;
  refuse(
    `no_auth_user: "${name}" not present as user or nkey in authorization block ` +
      "or account configuration",
  );
}

/** @throws OptionsError when a pinned certificate is no hash */
export function checkPins(pins: ReadonlySet<string>, prefix = ""): void {
  for (const pin of pins) {
    if (isPin(pin.toLowerCase())) continue;
    refuse(
      `${prefix}error parsing 'pinned_certs' key ${pin.toLowerCase()} does not look like ` +
        "lower case hex-encoded sha256 of DER encoded SubjectPublicKeyInfo",
    );
  }
}
