/**
 * Requests for upgrades, good and bad.
 *
 * @module
 */

import { upgradeRequest } from "../../tools/raw_websocket.ts";
import {
  COMPRESSED,
  CONNECT,
  text,
  UPGRADE,
  websocket,
  type WebsocketScenario,
} from "./websocket_support.ts";

const PLAIN = websocket();
const COMPRESSING = websocket("compression: true");
const SAME = websocket("same_origin: true");
const LISTED = websocket(
  'allowed_origins: ["http://a.example", "https://b.example:8443"]',
);
const HEADERS = websocket('headers { X-Extra: "one two" }');

const VALIDATION = { edge: ["websocket/validation"] };
const RESPONSE = { positive: ["websocket/response"] };
const ORIGIN = {
  positive: ["websocket/origin-check"],
  edge: ["websocket/origin-check"],
};

function upgrade(
  name: string,
  proves: WebsocketScenario["proves"],
  request: string,
  config = PLAIN,
): WebsocketScenario {
  return { name, proves, config, request, steps: [] };
}

/** A request that lacks or changes one header. */
function without(
  name: string,
  headers: Readonly<Record<string, string | null>>,
): WebsocketScenario {
  return upgrade(name, VALIDATION, upgradeRequest(headers));
}

function from(
  name: string,
  config: string,
  origin: string,
  host = "nats.example",
): WebsocketScenario {
  return upgrade(
    name,
    ORIGIN,
    upgradeRequest({ Host: host, Origin: origin }),
    config,
  );
}

const REQUESTS: readonly WebsocketScenario[] = [
  upgrade("an upgrade", RESPONSE, UPGRADE),
  upgrade("without compression where it is off", RESPONSE, COMPRESSED),
  upgrade("with compression", RESPONSE, COMPRESSED, COMPRESSING),
  upgrade(
    "compression among other offers",
    RESPONSE,
    upgradeRequest({
      "Sec-WebSocket-Extensions": "other; a=1, Permessage-Deflate ; x",
    }),
    COMPRESSING,
  ),
  upgrade(
    "without masking",
    RESPONSE,
    upgradeRequest({ "Nats-No-Masking": "true" }),
  ),
  upgrade(
    "headers of the configuration",
    { positive: ["websocket/custom-headers"] },
    UPGRADE,
    HEADERS,
  ),
  upgrade(
    "lists of tokens, in any case",
    RESPONSE,
    upgradeRequest({
      Connection: "keep-alive, uPGRADE",
      Upgrade: "h2c,\tWebSocket",
    }),
  ),
  upgrade("POST", VALIDATION, upgradeRequest({}, "POST / HTTP/1.1")),
  upgrade("HEAD", VALIDATION, upgradeRequest({}, "HEAD / HTTP/1.1")),
  without("no host", { Host: null }),
  without("an empty host", { Host: "" }),
  without("a malformed host", { Host: "a b" }),
  without("no Upgrade", { Upgrade: null }),
  without("another Upgrade", { Upgrade: "websockets" }),
  without("no Connection", { Connection: null }),
  without("Connection: close", { Connection: "close" }),
  without("no key", { "Sec-WebSocket-Key": null }),
  without("a key that is no base64", { "Sec-WebSocket-Key": "?" }),
  without("a key of 15 bytes", { "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAA" }),
  without("no version", { "Sec-WebSocket-Version": null }),
  without("another version", { "Sec-WebSocket-Version": "8" }),
  without("a list of versions", { "Sec-WebSocket-Version": "8, 13" }),
  without("a closing connection", {
    Connection: "Upgrade, close",
    "Sec-WebSocket-Key": null,
  }),
  upgrade(
    "HTTP/1.0 without host",
    VALIDATION,
    upgradeRequest({ Host: null }, "GET / HTTP/1.0"),
  ),
  upgrade("HTTP/3.0", VALIDATION, upgradeRequest({}, "GET / HTTP/3.0")),
  upgrade("no HTTP at all", VALIDATION, "CONNECT {}\r\nPING\r\n\r\n"),
  upgrade("a header without colon", VALIDATION, "GET / HTTP/1.1\r\nx\r\n\r\n"),
  upgrade(
    "two hosts",
    VALIDATION,
    "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
  ),
  upgrade(
    "the path of MQTT, which is not served",
    { edge: ["websocket/path-routing", "websocket/validation"] },
    upgradeRequest({}, "GET /x/mqtt?y HTTP/1.1"),
  ),
  upgrade(
    "any path",
    { positive: ["websocket/path-routing"] },
    upgradeRequest({}, "GET /some/where?else=1 HTTP/1.1"),
  ),
  upgrade(
    "data before the answer",
    VALIDATION,
    UPGRADE + String.fromCharCode(...text(CONNECT)),
  ),
];

const ORIGINS: readonly WebsocketScenario[] = [
  from("the same origin", SAME, "http://nats.example"),
  from("the same origin in other case", SAME, "HTTP://NATS.example:80"),
  from("another scheme", SAME, "https://nats.example"),
  from("another host", SAME, "http://nats.example.org"),
  from("another port", SAME, "http://nats.example:8080"),
  from("the same port", SAME, "http://nats.example:81", "nats.example:81"),
  from("no origin that can be read", SAME, "null"),
  from("too many colons", SAME, "http://a", "a:b:c"),
  from("an origin of the list", LISTED, "http://a.example"),
  from("another origin of the list", LISTED, "https://b.example:8443"),
  from("the right host on another port", LISTED, "https://b.example"),
  from("the right host by another scheme", LISTED, "https://a.example"),
  from("an origin that is not listed", LISTED, "http://c.example"),
  upgrade("no origin", ORIGIN, UPGRADE, LISTED),
  upgrade(
    "the origin of old browsers",
    ORIGIN,
    upgradeRequest({ "Sec-WebSocket-Origin": "http://c.example" }),
    LISTED,
  ),
];

export const UPGRADES: readonly WebsocketScenario[] = [...REQUESTS, ...ORIGINS];
