import { assertEquals } from "@std/assert";
import {
  accountClaims,
  operatorClaims,
} from "../../../src/monitor/decoded_claims.ts";
import { documentText } from "../../../src/monitor/mod.ts";

/** A token with these claims and no signature worth checking. */
function token(claims: unknown): string {
  const bytes = new TextEncoder().encode(JSON.stringify(claims));
  const body = btoa(String.fromCharCode(...bytes)).replaceAll("+", "-")
    .replaceAll("/", "_").replaceAll("=", "");
  return `header.${body}.signature`;
}

Deno.test("accountClaims - structures are there, everything else only if it is not empty", () => {
  assertEquals(
    documentText(accountClaims(token({ sub: "A", name: "ä", exp: 0 }))),
    '{"name":"ä","sub":"A","nats":{"limits":{},' +
      '"default_permissions":{"pub":{},"sub":{}},"authorization":{}}}',
  );
});

Deno.test("accountClaims - fields are in the Go server's order, keys of maps sorted", () => {
  const claims = {
    sub: "A",
    nats: {
      version: 2,
      type: "account",
      revocations: { b: 2, a: 1 },
      limits: { leaf: -1, subs: 5, disallow_bearer: false },
      default_permissions: { resp: { max: 1, ttl: 0 }, pub: { deny: ["x"] } },
      unknown: true,
    },
    iss: "O",
  };
  assertEquals(
    documentText(accountClaims(token(claims))),
    '{"iss":"O","sub":"A","nats":{"limits":{"subs":5,"leaf":-1},' +
      '"revocations":{"a":1,"b":2},"default_permissions":{' +
      '"pub":{"deny":["x"]},"sub":{},"resp":{"max":1,"ttl":0}},' +
      '"authorization":{},"type":"account","version":2}}',
  );
});

Deno.test("operatorClaims - what is false is left out", () => {
  const claims = {
    jti: "id",
    nats: { strict_signing_key_usage: false, signing_keys: ["k"], tags: [] },
  };
  assertEquals(
    documentText(operatorClaims(token(claims))),
    '{"jti":"id","nats":{"signing_keys":["k"]}}',
  );
});
