import { assertEquals, assertThrows } from "@std/assert";
import { CloseReason } from "../../../src/connection/mod.ts";
import {
  closeAnswer,
  closePayload,
  closeStatus,
} from "../../../src/websocket/close_status.ts";
import { FrameError } from "../../../src/websocket/frame.ts";
import { capability } from "../../tools/capability.ts";
import { bytesOf, textOf } from "../../tools/raw_websocket.ts";

const CODES = "websocket/close-codes";
const CLOSE = "websocket/ping-pong-close";

capability("closeStatus - a number for every reason", {
  positive: [CODES],
  edge: [CODES],
}, () => {
  const byStatus = Map.groupBy(Object.values(CloseReason), closeStatus);
  assertEquals(byStatus.get(1000), ["Client Closed"]);
  assertEquals(byStatus.get(1001), [
    "Write Error",
    "Read Error",
    "Stale Connection",
    "Server Shutdown",
  ]);
  assertEquals(byStatus.get(1002), [
    "Parse Error",
    "Protocol Violation",
    "Bad Client Protocol Version",
  ]);
  assertEquals(byStatus.get(1008)?.length, 11);
  assertEquals(byStatus.get(1009), ["Maximum Message Payload Exceeded"]);
  assertEquals(byStatus.get(1015), ["TLS Handshake Failure"]);
  assertEquals(byStatus.get(1011)?.includes("Kicked"), true);
});

capability("closePayload - cuts long words", { edge: [CODES] }, () => {
  assertEquals(textOf(closePayload(1000, "bye")), "\x03\xe8bye");
  assertEquals(closePayload(1000, "x".repeat(123)).length, 125);
  assertEquals(
    textOf(closePayload(1000, "x".repeat(124))),
    `\x03\xe8${"x".repeat(120)}...`,
  );
});

capability("closeAnswer - echoes", { positive: [CLOSE] }, () => {
  assertEquals(textOf(closeAnswer(bytesOf(""))), "");
  assertEquals(textOf(closeAnswer(bytesOf("\x0b\xb8bye"))), "\x0b\xb8bye");
});

capability("closeAnswer - refuses what makes no sense", {
  edge: [CLOSE],
}, () => {
  const of = (status: number) => Uint8Array.of(status >> 8, status & 255);
  for (
    const status of [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535]
  ) {
    assertThrows(
      () => closeAnswer(of(status)),
      FrameError,
      `invalid close status code ${status}`,
    );
  }
  for (const status of [1000, 1003, 1007, 1014, 3000, 4999]) {
    assertEquals(closeAnswer(of(status)), of(status));
  }
  assertThrows(
    () => closeAnswer(Uint8Array.of(3)),
    FrameError,
    "close frame payload cannot be 1 byte",
  );
  assertEquals(
    textOf(closeAnswer(bytesOf("\x03\xe8\xff"))),
    "\x03\xefinvalid utf8 body in close frame",
  );
});
