/**
 * `/accountz`: the accounts, or one of them in full.
 *
 * @module
 */

import type { Account } from "../account/mod.ts";
import { formatLocalTime, formatNanos, formatTime } from "../protocol/mod.ts";
import type { Clock } from "../runtime/mod.ts";
import { subjectFromText } from "../subject/mod.ts";
import { exportInfo, importInfo } from "./account_links.ts";
import { accountClaims } from "./decoded_claims.ts";
import { orOmit } from "./document.ts";
import { type MonitoredServer, MonitorError } from "./monitored_server.ts";

/** @param name of the account to show; empty: their names only. @throws MonitorError */
export function accountz(server: MonitoredServer, name: string): object {
  return {
    server_id: server.id,
    now: formatNanos(server.clock.nowNanos()),
    system_account: server.accounts.system?.name,
    accounts: name === ""
      ? [...server.accounts].map((account) => account.name)
      : undefined,
    account_detail: name === "" ? undefined : accountInfo(server, name),
  };
}

/** One account in full. @throws MonitorError when there is none of that name */
export function accountInfo(server: MonitoredServer, name: string): object {
  const account = server.accounts.get(name);
  if (account === null) {
    throw new MonitorError(`Account ${name} does not exist`);
  }
  const { title } = account;
  const claimed = server.claimedAccounts?.get(name);
  const links = server.accounts.links(name);
  return {
    account_name: name,
    update_time: formatTime(claimed?.updated || server.configured),
    is_system: orOmit(account === server.accounts.system),
    expired: claimed?.expired ?? false,
    complete: true,
    jetstream_enabled: server.jetstream.service?.accounts.has(name) ?? false,
    leafnode_connections: 0,
    client_connections: account.clients,
    subscriptions: account.subscriptions.count,
    mappings: orOmit(mappingsOf(account)),
    exports: orOmit(links.exports.map(exportInfo)),
    imports: orOmit(links.imports.map((each) =>
      importInfo(
        each,
        server.accounts.get(each.account)?.exports
          .service(subjectFromText(each.subject), {
            account: name,
            activation: each.activation,
            now: server.clock.now(),
          })?.latency,
      )
    )),
    jwt: claimed?.token,
    issuer_key: claimed?.issuer,
    name_tag: title === "" ? name : title,
    tags: claimed && orOmit(claimed.claims.tags),
    decoded_jwt: claimed && accountClaims(claimed.token),
    revoked_user: claimed &&
      orOmit(revocations(claimed.claims.revocations, server.clock)),
    sublist_stats: account.subscriptions.stats(),
  };
}

/** Times until which what was issued is revoked, by the user's key. */
function revocations(
  revoked: ReadonlyMap<string, number>,
  clock: Clock,
): Map<string, string> {
  return new Map(
    [...revoked].map((
      [user, seconds],
    ) => [user, formatLocalTime(seconds * 1000, clock)]),
  );
}

function mappingsOf({ mappings }: Account): Map<string, unknown> {
  return new Map(
    [...mappings?.describe() ?? []].map(({ source, shares }) => [
      source,
      shares.map(({ subject, weight, cluster }) => ({
        subject,
        weight,
        cluster: orOmit(cluster),
      })),
    ]),
  );
}
