import { assertEquals, assertStrictEquals } from "@std/assert";
import { capability } from "../../tools/capability.ts";
import { World } from "./world.ts";

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
    assertEquals(exports.allowsStream("open.x", "B"), true);
    assertEquals(exports.allowsStream("private", "B"), true);
    assertEquals(exports.service("svc.x", "B")?.subject, "svc.*");
    assertEquals(exports.service("secret.x", "C")?.subject, "secret.*");
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
      assertEquals(exports.allowsStream(subject, "B"), false, subject);
    }
    assertEquals(exports.allowsStream("private", "C"), false);
    for (const subject of ["svc", "svc.>", ">", "svc.a.b", "open.a"]) {
      assertEquals(exports.service(subject, "B"), null, subject);
    }
    assertEquals(exports.service("secret.x", "B"), null);
  },
);

capability(
  "Exports - an exact subject decides before one that covers it",
  { edge: ["accounts/authorization-order"] },
  () => {
    const { exports } = exporter(
      "{stream: 'a.*'}, {stream: 'a.b', accounts: [C]}",
    );
    assertEquals(exports.allowsStream("a.c", "B"), true);
    assertEquals(exports.allowsStream("a.b", "B"), false);
    assertEquals(exports.allowsStream("a.b", "C"), true);
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
    assertEquals(exports.allowsStream("of.B.data", "B"), true);
    assertEquals(exports.allowsStream("of.C.data", "B"), false);
    assertEquals(exports.allowsStream("of.*.data", "B"), false);
    assertEquals(exports.allowsStream("of.*.data", "*"), false);
    assertEquals(exports.service("B.svc.x", "B")?.subject, "*.svc.>");
    assertEquals(exports.service("*.svc.x", "B"), null);
  },
);

capability(
  "Exports - services stay who they are when their options change",
  { positive: ["accounts/update-removal"] },
  () => {
    const { world, exports } = exporter("{service: svc}");
    const before = exports.service("svc", "B");
    world.configure(
      "accounts { A: { exports: [{service: svc, response: stream, threshold: 5s}] }, B: {}, C: {} }",
    );
    const after = exports.service("svc", "B");
    assertStrictEquals(after, before);
    assertEquals(after?.responseType, "stream");
    assertEquals(after?.responseThreshold, 5000);
    world.configure("accounts { A: {}, B: {}, C: {} }");
    assertEquals(exports.service("svc", "B"), null);
  },
);
