import { assertEquals, assertStrictEquals } from "@std/assert";
import { capability } from "../../tools/capability.ts";
import { World } from "./world.ts";

function by(account: string) {
  return { account, now: 0 };
}

function exporter(exports: string) {
  const world = new World(
    `accounts { A: { exports: [${exports}] }, B: {}, C: {} }`,
  );
  return { world, exports: world.join("A").account.exports };
}

capability(
  "Exports - are open to all, or to those whom they name",
  {
    positive: [
      "accounts/stream-export",
      "accounts/service-export",
      "accounts/authorization-order",
    ],
  },
  () => {
    const { exports } = exporter(
      "{stream: 'open.>'}, {stream: 'private', accounts: [B]}, " +
        "{service: 'svc.*'}, {service: 'secret.*', accounts: [C]}",
    );
    assertEquals(exports.allowsStream("open.x", by("B")), true);
    assertEquals(exports.allowsStream("private", by("B")), true);
    assertEquals(exports.service("svc.x", by("B"))?.subject, "svc.*");
    assertEquals(exports.service("secret.x", by("C"))?.subject, "secret.*");
  },
);

capability(
  "Exports - give nobody more than they name",
  {
    edge: [
      "accounts/stream-export",
      "accounts/service-export",
      "accounts/authorization-order",
    ],
  },
  () => {
    const { exports } = exporter(
      "{stream: 'open.*'}, {stream: 'private', accounts: [B]}, " +
        "{service: 'svc.*'}, {service: 'secret.*', accounts: [C]}",
    );
    for (const subject of ["open", "open.>", ">", "*", "open.a.b", "svc.a"]) {
      assertEquals(exports.allowsStream(subject, by("B")), false, subject);
    }
    assertEquals(exports.allowsStream("private", by("C")), false);
    for (const subject of ["svc", "svc.>", ">", "svc.a.b", "open.a"]) {
      assertEquals(exports.service(subject, by("B")), null, subject);
    }
    assertEquals(exports.service("secret.x", by("B")), null);
  },
);

capability(
  "Exports - an exact subject decides before one that covers it",
  { edge: ["accounts/authorization-order"] },
  () => {
    const { exports } = exporter(
      "{stream: 'a.*'}, {stream: 'a.b', accounts: [C]}",
    );
    assertEquals(exports.allowsStream("a.c", by("B")), true);
    assertEquals(exports.allowsStream("a.b", by("B")), false);
    assertEquals(exports.allowsStream("a.b", by("C")), true);
  },
);

capability(
  "Exports - an account token opens only what has the importer's name in it",
  { edge: ["accounts/authorization-order"] },
  () => {
    const { exports } = exporter(
      "{stream: 'of.*.data', account_token_position: 2}, " +
        "{service: '*.svc.>', account_token_position: 1}",
    );
    assertEquals(exports.allowsStream("of.B.data", by("B")), true);
    assertEquals(exports.allowsStream("of.C.data", by("B")), false);
    assertEquals(exports.allowsStream("of.*.data", by("B")), false);
    assertEquals(exports.allowsStream("of.*.data", by("*")), false);
    assertEquals(exports.service("B.svc.x", by("B"))?.subject, "*.svc.>");
    assertEquals(exports.service("*.svc.x", by("B")), null);
  },
);

capability(
  "Exports - services stay who they are when their options change",
  { positive: ["accounts/update-removal"] },
  () => {
    const { world, exports } = exporter("{service: svc}");
    const before = exports.service("svc", by("B"));
    world.configure(
      "accounts { A: { exports: [{service: svc, response: stream, threshold: 5s}] }, B: {}, C: {} }",
    );
    const after = exports.service("svc", by("B"));
    assertStrictEquals(after, before);
    assertEquals(after?.responseType, "stream");
    assertEquals(after?.responseThreshold, 5000);
    world.configure("accounts { A: {}, B: {}, C: {} }");
    assertEquals(exports.service("svc", by("B")), null);
  },
);
