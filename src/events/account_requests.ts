/**
 * Requests about one account: `$SYS.REQ.ACCOUNT.<account>.<name>`.
 *
 * @module
 */

import { accountInfo, accountJsz, accountStatz } from "../monitor/mod.ts";
import {
  CONNZ,
  JSZ_FIELDS,
  jszDetails,
  LEAFZ,
  SUBSZ,
} from "./monitor_requests.ts";
import { type RequestDefinition, SILENCE } from "./request.ts";

/** Stands for an account's name in requests to all servers. */
const ALL_SERVERS = "PING";

const STATZ: RequestDefinition = {
  shape: {
    name: "AccountStatzEventOptions",
    part: "AccountStatzOptions",
    fields: { accounts: "[]string", include_unused: "bool" },
  },
  make: (server, body, _pacer, account) => {
    if (account === ALL_SERVERS) return SILENCE;
    const accounts = account === "" ? body.list("accounts") : [account];
    const unused = body.flag("include_unused");
    const figures = accountStatz(server, { accounts, unused });
    return figures.account_statz.length === 0 && !unused ? SILENCE : figures;
  },
};

/** `$SYS.REQ.ACCOUNT.PING.STATZ`, about any accounts. */
export const ACCOUNTS_STATZ: RequestDefinition = {
  ...STATZ,
  make: (server, body, pacer) => STATZ.make(server, body, pacer, ""),
};

/** By name. */
export const ACCOUNT_REQUESTS: ReadonlyMap<string, RequestDefinition> = new Map(
  [
    ["SUBSZ", SUBSZ],
    ["CONNZ", CONNZ],
    ["LEAFZ", LEAFZ],
    ["STATZ", STATZ],
    ["JSZ", {
      shape: {
        name: "JszEventOptions",
        part: "JSzOptions",
        fields: JSZ_FIELDS,
      },
      make: (server, body, _pacer, account) =>
        accountJsz(server, account, jszDetails(body)),
    }],
    ["INFO", {
      shape: { name: "AccInfoEventOptions", part: "", fields: {} },
      make: (server, _body, _pacer, account) => accountInfo(server, account),
    }],
  ],
);
