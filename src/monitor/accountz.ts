/**
 * `/accountz`: the accounts, or one of them in full.
 *
 * @module
 */

import type { Account, ImportState } from "../account/mod.ts";
import { type ClaimedAccount, validateAccountClaims } from "../auth/mod.ts";
import { formatLocalTime, formatNanos, formatTime } from "../protocol/mod.ts";
import type { Clock } from "../runtime/mod.ts";
import { subjectFromText, subjectToText } from "../subject/mod.ts";
import { exportInfo, importInfo, responseInfo } from "./account_links.ts";
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
  const states = server.accounts.importStates(name);
  return {
    account_name: name,
    update_time: formatTime(claimed?.updated || server.configured),
    is_system: orOmit(account === server.accounts.system),
    expired: claimed?.expired ?? false,
    complete: !states.includes("refused"),
    jetstream_enabled: server.jetstream.service?.accounts.has(name) ?? false,
    leafnode_connections: 0,
    client_connections: account.clients,
    subscriptions: account.subscriptions.count,
    mappings: orOmit(mappingsOf(account)),
    exports: orOmit(links.exports.map(exportInfo)),
    imports: orOmit(importsOf(server, name, states)),
    jwt: claimed?.token,
    issuer_key: claimed?.issuer,
    name_tag: title === "" ? name : title,
    tags: claimed && orOmit(claimed.claims.tags),
    decoded_jwt: claimed && accountClaims(claimed.token),
    validation_result_jwt: claimed && orOmit(issuesOf(claimed, server.clock)),
    revoked_user: claimed &&
      orOmit(revocations(claimed.claims.revocations, server.clock)),
    sublist_stats: account.subscriptions.stats(),
    responses: orOmit(responsesOf(server, account)),
  };
}

/** The imports that are tied, or were. */
function importsOf(
  { accounts, clock }: MonitoredServer,
  account: string,
  states: readonly ImportState[],
): object[] {
  return accounts.links(account).imports.flatMap((each, index) => {
    const state = states[index] ?? "refused";
    if (state === "refused") return [];
    const exporter = accounts.get(each.account)?.exports;
    const service = exporter?.service(subjectFromText(each.subject), {
      account,
      activation: each.activation,
      now: clock.now(),
    });
    return [importInfo(each, service?.latency, state === "withdrawn")];
  });
}

/** What can be said against the account's JWT, though it is valid or was. */
function issuesOf({ claims }: ClaimedAccount, clock: Clock): object[] {
  return validateAccountClaims(claims, clock.now()).all
    .map(({ description, kind }) => ({
      description,
      blocking: kind === "error",
      time_check: kind === "time",
    }));
}

function responsesOf(
  { accounts }: MonitoredServer,
  account: Account,
): Map<string, object> {
  return new Map(
    [...accounts.pendingResponses(account)].map((response) => [
      subjectToText(response.subject),
      responseInfo(response),
    ]),
  );
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
