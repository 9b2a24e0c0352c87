/**
 * Monitoring by request: `$SYS.REQ.SERVER.<id>.<name>` to one server,
 * `$SYS.REQ.SERVER.PING.<name>` to all.
 *
 * @module
 */

import {
  accountz,
  type ConnectionState,
  connz,
  type ConnzOptions,
  debugVariables,
  gatewayz,
  healthz,
  jsz,
  type JszDetails,
  leafz,
  profilez,
  routez,
  subsz,
  varz,
} from "../monitor/mod.ts";
import type { RequestDefinition } from "./request.ts";
import type { FieldType, RequestBody } from "./request_body.ts";

const STATES: readonly ConnectionState[] = ["open", "closed", "all"];

type Fields = Readonly<Record<string, FieldType>>;

const CONNZ_FIELDS: Fields = {
  sort: "string",
  auth: "bool",
  subscriptions: "bool",
  subscriptions_detail: "bool",
  offset: "int",
  limit: "int",
  cid: "uint64",
  mqtt_client: "string",
  state: "int",
  user: "string",
  acc: "string",
  filter_subject: "string",
};

const SUBSZ_FIELDS: Fields = {
  offset: "int",
  limit: "int",
  subscriptions: "bool",
  account: "string",
  test: "string",
};

export const JSZ_FIELDS: Fields = {
  account: "string",
  accounts: "bool",
  streams: "bool",
  consumer: "bool",
  direct_consumer: "bool",
  config: "bool",
  leader_only: "bool",
  offset: "int",
  limit: "int",
  raft: "bool",
  stream_leader_only: "bool",
};

/** How much of JetStream a request asks for. */
export function jszDetails(body: RequestBody): JszDetails {
  return {
    streams: body.flag("streams"),
    consumers: body.flag("consumer"),
    directConsumers: body.flag("direct_consumer"),
    config: body.flag("config"),
    raft: body.flag("raft"),
  };
}

/** Go names options after the endpoint. */
function shape(name: string, fields: Fields) {
  return { name: `${name}EventOptions`, part: `${name}Options`, fields };
}

/** @param account if given, the only one to look at */
function connzOptions(body: RequestBody, account: string): ConnzOptions {
  return {
    sort: body.text("sort"),
    auth: body.flag("auth"),
    subscriptions: body.flag("subscriptions"),
    subscriptionsDetail: body.flag("subscriptions_detail"),
    offset: body.count("offset"),
    limit: body.count("limit"),
    cid: body.count("cid"),
    mqttClient: body.text("mqtt_client"),
    state: STATES[body.count("state")] ?? "open",
    user: body.text("user"),
    account: account || body.text("acc"),
    filterSubject: body.text("filter_subject"),
  };
}

export const CONNZ: RequestDefinition = {
  shape: shape("Connz", CONNZ_FIELDS),
  make: (server, body, pacer, account) =>
    connz(server, connzOptions(body, account), pacer),
};

/** Of one account, subscriptions are always listed. */
export const SUBSZ: RequestDefinition = {
  shape: shape("Subsz", SUBSZ_FIELDS),
  make: (server, body, pacer, account) =>
    subsz(server, {
      offset: body.count("offset"),
      limit: body.count("limit"),
      subscriptions: account !== "" || body.flag("subscriptions"),
      account: account || body.text("account"),
      test: body.text("test"),
    }, pacer),
};

export const LEAFZ: RequestDefinition = {
  shape: shape("Leafz", { subscriptions: "bool", account: "string" }),
  make: (server) => leafz(server),
};

/** By name, but for those that are answered in a form of their own. */
export const MONITOR_REQUESTS: ReadonlyMap<string, RequestDefinition> = new Map(
  [
    ["CONNZ", CONNZ],
    ["SUBSZ", SUBSZ],
    ["LEAFZ", LEAFZ],
    ["VARZ", { shape: shape("Varz", {}), make: (server) => varz(server) }],
    [
      "ROUTEZ",
      {
        shape: shape("Routez", {
          subscriptions: "bool",
          subscriptions_detail: "bool",
        }),
        make: (server) => routez(server),
      },
    ],
    [
      "GATEWAYZ",
      {
        shape: shape("Gatewayz", {
          name: "string",
          accounts: "bool",
          account_name: "string",
          subscriptions: "bool",
          subscriptions_detail: "bool",
        }),
        make: (server) => gatewayz(server),
      },
    ],
    [
      "ACCOUNTZ",
      {
        shape: shape("Accountz", { account: "string" }),
        make: (server, body) => accountz(server, body.text("account")),
      },
    ],
    ["JSZ", {
      shape: shape("Jsz", JSZ_FIELDS),
      make: (server, body) =>
        jsz(server, {
          ...jszDetails(body),
          account: body.text("account"),
          accounts: body.flag("accounts"),
          leaderOnly: body.flag("leader_only"),
          offset: body.count("offset"),
          limit: body.count("limit"),
        }),
    }],
    ["HEALTHZ", {
      shape: shape("Healthz", {
        "js-enabled": "bool",
        "js-enabled-only": "bool",
        "js-server-only": "bool",
        "js-meta-only": "bool",
        account: "string",
        stream: "string",
        consumer: "string",
        details: "bool",
      }),
      make: (server, body) => {
        const { code, body: { status, error, errors } } = healthz(server, {
          account: body.text("account"),
          stream: body.text("stream"),
          consumer: body.text("consumer"),
          details: body.flag("details"),
          jsEnabled: body.flag("js-enabled"),
          jsEnabledOnly: body.flag("js-enabled-only"),
          jsServerOnly: body.flag("js-server-only"),
        });
        return { status, status_code: code, error, errors };
      },
    }],
    ["PROFILEZ", {
      shape: shape("Profilez", {
        name: "string",
        debug: "int",
        duration: "time.Duration",
      }),
      make: (server, body) =>
        profilez(server, {
          name: body.text("name"),
          debug: body.count("debug"),
          duration: body.count("duration"),
        }),
    }],
    ["EXPVARZ", {
      shape: shape("Expvarz", {}),
      make: (server) => debugVariables(server),
    }],
    ["IPQUEUESZ", {
      shape: shape("Ipqueuesz", { all: "bool", filter: "string" }),
      make: () => ({}),
    }],
    ["RAFTZ", {
      shape: shape("Raftz", { account: "string", group: "string" }),
      make: () => ({}),
    }],
  ],
);
