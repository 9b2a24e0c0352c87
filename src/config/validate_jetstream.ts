/**
 * Checks of JetStream options before a server starts.
 *
 * @module
 */

import { refuse } from "./checks.ts";
import { quote } from "./go_text.ts";
import { isPublicKey } from "./nkeys.ts";
import type { Options } from "./options.ts";
import { isValidSubject } from "./subjects.ts";

/** @throws OptionsError */
export function checkJetStream(options: Options): void {
  checkDefaultDomains(options);
  const { jetstream, cluster, serverName } = options;
  const { domain, extensionHint } = jetstream;
  if (domain !== "") {
    const subject = domainSubject(domain);
    if (!isValidSubject(subject)) {
      refuse(
        `invalid domain name: derived ${quote(subject)} is not a valid subject`,
      );
    }
    if (/[ \t\r\n\f.*>]/.test(domain)) {
      refuse("invalid domain name: may not contain ., * or >");
    }
  }
  if (!jetstream.enabled || cluster.port === 0) return;
  if (serverName === "") {
    refuse("jetstream cluster requires `server_name` to be set");
  }
  if (cluster.name === "") {
    refuse("jetstream cluster requires `cluster.name` to be set");
  }
  if (!["", "will_extend", "no_extend"].includes(extensionHint)) {
    refuse(`expected 'no_extend' for string value, got '${extensionHint}'`);
  }
  if (jetstream.maxOutstandingCatchup < 0) {
    refuse("jetstream max catchup cannot be negative");
  }
}

function domainSubject(domain: string): string {
  return `$JS.${domain}.API.>`;
}

function checkDefaultDomains(options: Options): void {
  const { defaultJsDomain, accounts, trustedOperators } = options;
  const system = options.systemAccount || "$SYS";
  for (const [name, domain] of defaultJsDomain) {
    const account = accounts.find((one) => one.name === name);
    if (trustedOperators.length > 0) {
      if (!isPublicKey(name, "account")) {
        refuse(
          `default_js_domain contains account name ${quote(name)}, ` +
            "which is not a valid public account nkey",
        );
      }
    } else if (account?.jetstream !== undefined && domain !== "") {
      refuse(
        `default_js_domain contains account name ${
          quote(name)
        } with enabled JetStream`,
      );
    } else if (account === undefined && name !== "$G") {
      refuse(
        "in non operator mode, `default_js_domain` references non existing account " +
          quote(name),
      );
    }
  }
  for (const [name, domain] of defaultJsDomain) {
    if (name === system) {
      refuse(`system account ${quote(name)} can not be in default_js_domain`);
    }
    if (domain !== "" && !isValidSubject(domainSubject(domain))) {
      refuse(
        `default_js_domain contains account ${quote(name)} ` +
          `with invalid domain name ${quote(domain)}`,
      );
    }
  }
}
