import { assertEquals } from "@std/assert";
import {
  traceDelete,
  traceInbound,
  traceOutbound,
  tracePayload,
} from "../../../src/log/mod.ts";
import { capability } from "../../tools/capability.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const WHOLE = { limit: 0, headersOnly: false };

capability(
  "trace - ops show direction, name and argument",
  { positive: ["cli-signals-logging/trace-ops"] },
  () => {
    assertEquals(traceInbound("PUB", bytes("foo 5")), "<<- [PUB foo 5]");
    assertEquals(traceOutbound("MSG foo 1 5"), "->> [MSG foo 1 5]");
    assertEquals(traceDelete("1"), "<-> [DELSUB 1]");
  },
);

capability(
  "trace - ops without an argument, with an empty one and without a name",
  { edge: ["cli-signals-logging/trace-ops"] },
  () => {
    assertEquals(traceInbound("PING"), "<<- [PING]");
    assertEquals(traceInbound("CONNECT", bytes("")), "<<- [CONNECT ]");
    assertEquals(traceOutbound("", bytes("RS+ $G foo")), "->> [RS+ $G foo]");
  },
);

capability(
  "trace - payloads are quoted and cut at the limit",
  { positive: ["cli-signals-logging/trace-payload"] },
  () => {
    assertEquals(
      tracePayload("<<-", bytes("hello"), 0, WHOLE),
      '<<- MSG_PAYLOAD: ["hello"]',
    );
    assertEquals(
      tracePayload("->>", bytes("hello"), 0, { ...WHOLE, limit: 3 }),
      '->> MSG_PAYLOAD: ["hel..."]',
    );
    assertEquals(
      tracePayload("->>", bytes("hello"), 0, { ...WHOLE, limit: 5 }),
      '->> MSG_PAYLOAD: ["hello"]',
    );
  },
);

capability(
  "trace - empty payloads are not shown, a cut may split a character, headers may stand alone",
  { edge: ["cli-signals-logging/trace-payload", "cli-signals-logging/levels"] },
  () => {
    assertEquals(tracePayload("<<-", bytes(""), 0, WHOLE), undefined);
    assertEquals(
      tracePayload("<<-", bytes("aé"), 0, { ...WHOLE, limit: 2 }),
      String.raw`<<- MSG_PAYLOAD: ["a\xc3..."]`,
    );
    const headers = "NATS/1.0\r\nA: b\r\n\r\n";
    const headersOnly = { limit: 0, headersOnly: true };
    assertEquals(
      tracePayload("<<-", bytes(headers + "body"), headers.length, headersOnly),
      String.raw`<<- MSG_PAYLOAD: ["NATS/1.0\r\nA: b"]`,
    );
    assertEquals(tracePayload("<<-", bytes("body"), 0, headersOnly), undefined);
  },
);
