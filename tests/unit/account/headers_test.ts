import { assertEquals } from "@std/assert";
import { readHeaders } from "../../../src/account/headers.ts";
import { Envelope } from "../../../src/account/envelope.ts";
import { capability } from "../../tools/capability.ts";
import { bodyOf, message } from "./world.ts";

function withHeader(headers: string, body = "payload") {
  const changed = new Envelope().fill(message("s", "", body, headers), {
    subject: "s",
    reply: "",
    header: { name: "Key", value: "välue" },
  });
  return { body: bodyOf(changed), size: changed.headerSize };
}

const VALUE = "v\xc3\xa4lue";

capability(
  "Envelope - adds a header to messages with and without others",
  { positive: ["accounts/client-info-header"] },
  () => {
    const alone = `NATS/1.0\r\nKey: ${VALUE}\r\n\r\n`;
    assertEquals(withHeader(""), {
      body: alone + "payload",
      size: alone.length,
    });
    const both = `NATS/1.0\r\nA: b\r\nKey: ${VALUE}\r\n\r\n`;
    assertEquals(withHeader("NATS/1.0\r\nA: b\r\n\r\n"), {
      body: both + "payload",
      size: both.length,
    });
    assertEquals(withHeader("NATS/1.0\r\n\r\n", "").body, alone);
  },
);

capability(
  "Envelope - replaces all that have its name, and keeps a status",
  { edge: ["accounts/client-info-header"] },
  () => {
    const headers =
      "NATS/1.0 503\r\nKey: 1\r\nKeys: 2\r\nKey:3\r\nkey: 4\r\n\r\n";
    assertEquals(
      withHeader(headers).body,
      `NATS/1.0 503\r\nKeys: 2\r\nkey: 4\r\nKey: ${VALUE}\r\n\r\npayload`,
    );
    assertEquals(
      withHeader("NATS/1.0\r\nKey: 1\r\n\r\n").body,
      `NATS/1.0\r\nKey: ${VALUE}\r\n\r\npayload`,
    );
    assertEquals(
      withHeader("ab").body,
      `NATS/1.0\r\nKey: ${VALUE}\r\n\r\nabpayload`,
    );
    const large = "x".repeat(10_000);
    assertEquals(
      withHeader("", large).body,
      `NATS/1.0\r\nKey: ${VALUE}\r\n\r\n${large}`,
    );
    assertEquals(
      withHeader("no headers at all").body,
      `no headers at aKey: ${VALUE}\r\n\r\npayload`,
    );
  },
);

capability(
  "readHeaders - reads names without regard to case, and nothing of bad blocks",
  { edge: ["accounts/sampling-by-header"] },
  () => {
    const read = (...lines: string[]) =>
      Object.fromEntries(
        readHeaders(
          message("s", "", "", ["NATS/1.0", ...lines, "", ""].join("\r\n")),
        ),
      );
    assertEquals(read("a-bC: 1", "A-Bc:  2 ", "X:"), {
      "A-Bc": ["1", "2"],
      X: [""],
    });
    assertEquals(read("good: 1", "bad name: 2"), {});
    assertEquals(Object.fromEntries(readHeaders(message("s"))), {});
  },
);
