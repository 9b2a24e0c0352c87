import { assert, assertEquals } from "@std/assert";
import {
  headEnd,
  parseHead,
  type RequestHead,
} from "../../../src/websocket/request.ts";
import { readCookies } from "../../../src/websocket/cookies.ts";
import { negotiate } from "../../../src/websocket/negotiate.ts";
import { originProblem, parseOrigin } from "../../../src/websocket/origin.ts";
import { capability } from "../../tools/capability.ts";
import { bytesOf, upgradeRequest } from "../../tools/raw_websocket.ts";

const TERMS = {
  compression: true,
  headers: new Map([["X-One", "1"]]),
  cookies: {
    jwtCookie: "j",
    usernameCookie: "u",
    passwordCookie: "p",
    tokenCookie: "",
  },
  secure: false,
  mqtt: false,
  sameOrigin: false,
  allowedOrigins: [],
};

function parsed(text: string): RequestHead {
  const head = parseHead(text);
  assert("method" in head, JSON.stringify(head));
  return head;
}

function agreed(headers: Record<string, string>, terms = TERMS) {
  const outcome = negotiate(parsed(upgradeRequest(headers)), terms);
  assert("answer" in outcome, JSON.stringify(outcome));
  return outcome;
}

capability("headEnd - finds the blank line", {
  positive: ["websocket/validation"],
}, () => {
  const text = "GET / HTTP/1.1\r\nA: b\r\n\r\nrest";
  for (let at = 0; at <= text.length; at++) {
    const expected = at < 24 ? -1 : 24;
    assertEquals(headEnd(bytesOf(text.slice(0, at)), 0), expected);
    assertEquals(headEnd(bytesOf(text), Math.min(at, 24)), 24);
  }
  assertEquals(headEnd(bytesOf("GET / HTTP/1.1\n\nx"), 0), 16);
});

capability("parseHead - refuses what is no request", {
  edge: ["websocket/validation"],
}, () => {
  const refused = (text: string) => {
    const head = parseHead(text);
    assert("status" in head, text);
    return head.detail === "" ? head.status : `${head.status}: ${head.detail}`;
  };
  for (
    const line of [
      "",
      "GET",
      "GET /",
      "GET / HTTP/1.1 x",
      "G@T / HTTP/1.1",
      "GET x HTTP/1.1",
      "GET /%zz HTTP/1.1",
      "GET / HTTP/11",
      "GET / http/1.1",
    ]
  ) {
    assertEquals(
      refused(`${line}\r\nHost: h\r\n\r\n`),
      "400 Bad Request",
      line,
    );
  }
  for (const header of ["a b: c", ": c", "abc", " folded"]) {
    assertEquals(
      refused(`GET / HTTP/1.1\r\nHost: h\r\n${header}\r\n\r\n`),
      "400 Bad Request",
      header,
    );
  }
  assertEquals(
    refused("GET / HTTP/2.0\r\nHost: h\r\n\r\n"),
    "505 HTTP Version Not Supported: unsupported protocol version",
  );
  assertEquals(
    refused("GET / HTTP/1.1\r\n\r\n"),
    "400 Bad Request: missing required Host header",
  );
  assertEquals(
    refused("GET / HTTP/1.1\r\nHost: h\r\nA: \x01\r\n\r\n"),
    "400 Bad Request: invalid header value",
  );
});

capability("parseHead - absolute targets name the host", {
  positive: ["websocket/path-routing"],
}, () => {
  const { host, path } = parsed(
    "GET http://user@other:1/a/b?c HTTP/1.1\r\nHost: h\r\n\r\n",
  );
  assertEquals([host, path], ["other:1", "/a/b"]);
});

capability("negotiate - answers as RFC 6455 shows it", {
  positive: ["websocket/response", "websocket/custom-headers"],
}, () => {
  const { answer, masked, compression } = agreed({
    "Nats-No-Masking": "true",
    "Sec-WebSocket-Extensions": "permessage-deflate",
  });
  assertEquals(
    answer,
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n" +
      "Connection: Upgrade\r\n" +
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" +
      "Sec-WebSocket-Extensions: permessage-deflate; " +
      "server_no_context_takeover; client_no_context_takeover\r\n" +
      "Nats-No-Masking: true\r\nX-One: 1\r\n\r\n",
  );
  assertEquals([masked, compression], [false, true]);
});

capability("negotiate - knows browsers, and Safari among them", {
  positive: ["websocket/outbound"],
  edge: ["websocket/response"],
}, () => {
  const kinds = (agent: string, extensions = "permessage-deflate") => {
    const { browser, wholeCompressed } = agreed({
      "User-Agent": agent,
      "Sec-WebSocket-Extensions": extensions,
    });
    return [browser, wholeCompressed];
  };
  const safari = "Mozilla/5.0 AppleWebKit/1 Version/14 Safari/1";
  assertEquals(kinds("nats.go"), [false, false]);
  assertEquals(kinds("Mozilla/5.0 Chrome/1 Safari/1"), [true, false]);
  assertEquals(kinds(safari), [true, true]);
  assertEquals(kinds(safari, "other"), [true, false]);
});

capability("negotiate - paths", {
  positive: ["websocket/path-routing"],
  edge: ["websocket/path-routing"],
}, () => {
  const kind = (path: string, mqtt = true) => {
    const request = parsed(upgradeRequest({}, `GET ${path} HTTP/1.1`));
    const outcome = negotiate(request, { ...TERMS, mqtt });
    return "answer" in outcome ? outcome.kind : outcome;
  };
  assertEquals(kind("/"), "client");
  assertEquals(kind("/a/leafnode?x"), "leafnode");
  assertEquals(kind("/leafnode/"), "client");
  assertEquals(kind("/mqtt"), "mqtt");
  assertEquals(kind("/mqtt", false), {
    status: 404,
    reason: "mqtt websocket endpoint not enabled",
  });
});

capability("readCookies - the named ones, well-formed", {
  positive: ["websocket/cookies"],
  edge: ["websocket/cookies"],
}, () => {
  const read = (...cookie: string[]) =>
    readCookies({ headers: new Map([["cookie", cookie]]) }, TERMS.cookies);
  const none = { jwt: "", user: "", pass: "", token: "" };
  assertEquals(read(), none);
  assertEquals(read('u="a b"; p = x', "j=1; j=2;;"), {
    ...none,
    user: "a b",
    pass: " x",
    jwt: "2",
  });
  assertEquals(read('u=a"b; p=\\; U=x; =t; j'), none);
});

capability("originProblem - same origin and lists", {
  positive: ["websocket/origin-check", "websocket/origins"],
  edge: ["websocket/origin-check", "websocket/origins"],
}, () => {
  const check = (
    origin: string,
    secure: boolean,
    sameOrigin: boolean,
    ...allowed: string[]
  ) =>
    originProblem(
      { host: "Nats.example", headers: new Map([["origin", [origin]]]) },
      secure,
      {
        sameOrigin,
        allowedOrigins: allowed.map(parseOrigin).filter((each) =>
          typeof each !== "string"
        ),
      },
    );
  assertEquals(check("null", false, false), undefined);
  assertEquals(check("http://nats.EXAMPLE", false, true), undefined);
  assertEquals(check("https://nats.example:443", true, true), undefined);
  assertEquals(check("http://nats.example", true, true), "not same origin");
  assertEquals(check("http://[::1]:80", false, true), "not same origin");
  assertEquals(
    check("null", false, true),
    'parse "null": invalid URI for request',
  );
  assertEquals(check("http://a", false, false, "http://a:80"), undefined);
  assertEquals(
    check("http://a", false, false, "https://a:80"),
    "not in the allowed list",
  );
  assertEquals(
    check("http://nats.example", false, true, "http://a"),
    "not in the allowed list",
  );
});
