/**
 * Checks of leafnode options before a server starts.
 *
 * @module
 */

import { checkPins, refuse } from "./checks.ts";
import { normalCompression } from "./compression_rules.ts";
import { quote, quoteAll } from "./go_text.ts";
import {
  leafUsersProblem,
  minVersionProblem,
  proxyProblem,
  remoteName,
  safeRemoteName,
} from "./leafnode_rules.ts";
import { isPublicKey } from "./nkeys.ts";
import type { Options } from "./options.ts";
import type { RemoteLeafOptions } from "./options_network.ts";
import { subjectsProblem } from "./permission_fields.ts";
import { redactedUrl } from "./url.ts";

/** @throws OptionsError */
export function checkLeafnodes(options: Options): void {
  const { leafnodes, gateway, systemAccount } = options;
  refuse(leafUsersProblem(leafnodes));
  checkRemoteSubjects(leafnodes.remotes);
  if (options.trustedOperators.length === 0) checkAccountsExist(options);
  else checkOperatorAccounts(options);
  normalCompression(leafnodes.compression, "s2_auto");
  for (const remote of leafnodes.remotes) {
    refuse(proxyProblem(remote));
    checkSchemes(remote);
    normalCompression(remote.compression, "s2_auto");
  }
  if (leafnodes.port === 0) return;
  if (leafnodes.minVersion !== "") {
    refuse(minVersionProblem(leafnodes.minVersion));
  }
  if (gateway.name === "" && gateway.port === 0) return;
  if (systemAccount === "") {
    refuse(
      "leaf nodes and gateways (both being defined) require a system account " +
        "to also be configured",
    );
  }
  checkPins(leafnodes.tlsPinnedCerts, "leafnode: ");
}

function checkRemoteSubjects(remotes: readonly RemoteLeafOptions[]): void {
  const names = new Set<string>();
  for (const remote of remotes) {
    const lists: [string, readonly string[]][] = [
      ["deny_imports", remote.denyImports],
      ["deny_exports", remote.denyExports],
    ];
    for (const [name, subjects] of lists) {
      const problem = subjectsProblem(subjects, false);
      if (problem !== undefined) {
        refuse(
          `invalid ${name} for remote ${safeRemoteName(remote)}: ${problem}`,
        );
      }
    }
    const name = remoteName(remote);
    if (names.has(name)) refuse(`duplicate remote ${safeRemoteName(remote)}`);
    names.add(name);
  }
}

/** Without operators, leafnodes refer to accounts of the configuration. */
function checkAccountsExist(options: Options): void {
  const { leafnodes, accounts, systemAccount, noSystemAccount } = options;
  const names = new Set([...accounts.map((account) => account.name), "$G", ""]);
  if (systemAccount === "" && !noSystemAccount) names.add("$SYS");
  const check = (name: string, place: string) => {
    if (names.has(name)) return;
    refuse(
      `cannot find local account ${quote(name)} specified in leafnode ${place}`,
    );
  };
  check(leafnodes.account, "authorization");
  for (const user of leafnodes.users) {
    check(user.account ?? "", "authorization");
  }
  for (const remote of leafnodes.remotes) check(remote.account, "remote");
}

function checkOperatorAccounts({ leafnodes }: Options): void {
  if (leafnodes.users.length > 0) {
    refuse("operator mode does not allow specifying users in leafnode config");
  }
  if (
    leafnodes.remotes.some((remote) => !isPublicKey(remote.account, "account"))
  ) {
    refuse(
      "operator mode requires account nkeys in remotes. " +
        "Please add an `account` key to each remote in your `leafnodes` section, " +
        "to assign it to an account. Each account value should be a 56 character public key, " +
        "starting with the letter 'A'",
    );
  }
  const { port, account } = leafnodes;
  if (port !== 0 && account !== "" && !isPublicKey(account, "account")) {
    refuse("operator mode and non account nkeys are incompatible");
  }
}

/** A remote is reached by websocket with all of its URLs or with none. */
function checkSchemes({ urls }: RemoteLeafOptions): void {
  const websockets = urls.filter(({ scheme }) => scheme.startsWith("ws"));
  if (websockets.length === 0 || websockets.length === urls.length) return;
  refuse(
    "remote leaf node configuration cannot have a mix of websocket and " +
      `non-websocket urls: ${quoteAll(urls.map(redactedUrl))}`,
  );
}
