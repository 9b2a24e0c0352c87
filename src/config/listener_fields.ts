/**
 * Reading the `websocket` and `mqtt` blocks.
 *
 * @module
 */

import { simpleAuthorization } from "./authorization_fields.ts";
import {
  boolean,
  duration,
  durationOf,
  type Field,
  integer,
  isMap,
  listen,
  readBlock,
  schema,
  setter,
  string,
  textOrTexts,
} from "./field.ts";
import type {
  ExtraListenerOptions,
  MqttOptions,
  WebsocketOptions,
} from "./options_network.ts";
import { tlsBlock } from "./tls_fields.ts";
import { goTypeName } from "./value.ts";

function credentials(field: Field, listener: ExtraListenerOptions): void {
  const auth = simpleAuthorization(field);
  listener.username = auth.user;
  listener.password = auth.password;
  listener.token = auth.token;
  listener.authTimeout = auth.timeout;
}

function listenerTls(field: Field, listener: ExtraListenerOptions): void {
  listener.tls = tlsBlock(field);
  listener.tlsMap = listener.tls.map;
  listener.tlsPinnedCerts = listener.tls.pinnedCerts;
}

const setWebsocket = setter<WebsocketOptions>();

const WEBSOCKET = schema<WebsocketOptions>({
  listen,
  port: setWebsocket("port", integer),
  "host net": setWebsocket("host", string),
  advertise: setWebsocket("advertise", string),
  no_tls: setWebsocket("noTls", boolean),
  tls: listenerTls,
  same_origin: setWebsocket("sameOrigin", boolean),
  "allowed_origins allowed_origin allow_origins allow_origin origins origin":
    setWebsocket(
      "allowedOrigins",
      textOrTexts("allowed origins"),
    ),
  handshake_timeout: setWebsocket("handshakeTimeout", (field) => {
    if (typeof field.value === "bigint") return field.integer() * 1000;
    if (typeof field.value === "string") return durationOf(field, field.value);
    field.error(
      `error parsing handshake timeout: unsupported type ${field.typeName}`,
    );
    return 0;
  }),
  "compress compression": setWebsocket("compression", boolean),
  "authorization authentication": credentials,
  jwt_cookie: setWebsocket("jwtCookie", string),
  user_cookie: setWebsocket("usernameCookie", string),
  pass_cookie: setWebsocket("passwordCookie", string),
  token_cookie: setWebsocket("tokenCookie", string),
  no_auth_user: setWebsocket("noAuthUser", string),
  headers: setWebsocket("headers", headers),
  ping_interval: setWebsocket("pingInterval", duration("ping_interval")),
});

function headers(field: Field): ReadonlyMap<string, string> {
  if (!isMap(field.value)) {
    return field.fail(
      `error parsing headers: unsupported type ${field.typeName}`,
    );
  }
  const found = new Map<string, string>();
  for (const [name, node] of field.value) {
    if (typeof node.value === "string") found.set(name, node.value);
    else {
      field.at(node).error(
        `error parsing header key ${name}: unsupported type ${
          goTypeName(node.value)
        }`,
      );
    }
  }
  return found;
}

/** Reads the `websocket` block into `websocket`. */
export function readWebsocket(field: Field, websocket: WebsocketOptions): void {
  if (!isMap(field.value)) {
    field.fail(`Expected websocket to be a map, got ${field.typeName}`);
  }
  readBlock(field, WEBSOCKET, websocket);
}

const MAX_ACK_PENDING = 0xffff;

const setMqtt = setter<MqttOptions>();

const MQTT = schema<MqttOptions>({
  listen,
  port: setMqtt("port", integer),
  "host net": setMqtt("host", string),
  tls: (field, mqtt) => {
    listenerTls(field, mqtt);
    mqtt.tlsTimeout = mqtt.tls?.timeout ?? 0;
  },
  "authorization authentication": credentials,
  no_auth_user: setMqtt("noAuthUser", string),
  "ack_wait ackwait": setMqtt("ackWait", duration("ack_wait")),
  "js_api_timeout api_timeout": setMqtt(
    "jsApiTimeout",
    duration("js_api_timeout"),
  ),
  "max_ack_pending max_pending max_inflight": setMqtt(
    "maxAckPending",
    (field) => {
      const value = field.integer();
      if (value >= 0 && value <= MAX_ACK_PENDING) return value;
      return field.fail(
        `invalid value ${value}, should in [0..${MAX_ACK_PENDING}] range`,
      );
    },
  ),
  js_domain: setMqtt("jsDomain", string),
  stream_replicas: setMqtt("streamReplicas", integer),
  consumer_replicas: (field) => {
    field.scope.report.misuse(
      field.node,
      field.key,
      "consumer replicas setting ignored in this server version",
    );
  },
  consumer_memory_storage: setMqtt("consumerMemoryStorage", boolean),
  "consumer_inactive_threshold consumer_auto_cleanup": setMqtt(
    "consumerInactiveThreshold",
    duration("consumer_inactive_threshold"),
  ),
  reject_qos2_publish: setMqtt("rejectQos2Publish", boolean),
  downgrade_qos2_subscribe: setMqtt("downgradeQos2Subscribe", boolean),
});

/** Reads the `mqtt` block into `mqtt`. */
export function readMqtt(field: Field, mqtt: MqttOptions): void {
  if (!isMap(field.value)) {
    field.fail(`Expected mqtt to be a map, got ${field.typeName}`);
  }
  readBlock(field, MQTT, mqtt);
}
