import { assertEquals } from "@std/assert";
import { Outbox } from "../../../../src/jetstream/stream/outbox.ts";
import { SubjectCache } from "../../../../src/jetstream/stream/subject_cache.ts";
import {
  Chunk,
  decodeByteString,
  encodeByteString,
  type Message,
} from "../../../../src/protocol/mod.ts";
import { messageOf } from "./world.ts";

const PREFIX = '{"stream":"S","seq":';

/** What a subscriber would get. */
function frame(message: Message): string {
  const chunk = new Chunk(message.frameSizeMax("9"));
  const end = message.writeFrame(chunk, 0, "9", true);
  return decodeByteString(chunk.bytes, 0, end);
}

function frames(outbox: Outbox, instead?: string): string[] {
  const seen: string[] = [];
  outbox.deliver((message) => seen.push(frame(message)) > 0, instead);
  return seen;
}

Deno.test("outbox - acknowledgements of any number of digits", () => {
  const outbox = new Outbox(PREFIX);
  const sequences = [1, 9, 10, 99, 100, 5, 12_345, 2 ** 53 - 1];
  for (const sequence of sequences) {
    outbox.acknowledge(messageOf("a", "", {}, `r.${sequence}`), sequence);
  }
  assertEquals(
    frames(outbox),
    sequences.map((sequence) => {
      const body = `${PREFIX}${sequence}}`;
      return `MSG r.${sequence} 9 ${body.length}\r\n${body}\r\n`;
    }),
  );
  assertEquals(outbox.isEmpty, true);
});

Deno.test("outbox - messages and acknowledgements keep their order, in a buffer that grows", () => {
  const outbox = new Outbox(PREFIX);
  const long = "x".repeat(9000);
  outbox.send({ subject: "a", reply: "b", body: long });
  outbox.acknowledge(messageOf("s", "", {}, "r"), 7);
  outbox.send({ subject: "c", headers: "NATS/1.0 204\r\n\r\n" });
  outbox.send({
    subject: "d",
    headers: "NATS/1.0\r\nA: 1\r\n\r\n",
    body: new Uint8Array([65]),
  });
  assertEquals(frames(outbox), [
    `MSG a 9 b 9000\r\n${long}\r\n`,
    'MSG r 9 22\r\n{"stream":"S","seq":7}\r\n',
    "HMSG c 9 16 16\r\nNATS/1.0 204\r\n\r\n\r\n",
    "HMSG d 9 18 19\r\nNATS/1.0\r\nA: 1\r\n\r\nA\r\n",
  ]);
});

Deno.test("outbox - what is said meanwhile waits for the next time", () => {
  const outbox = new Outbox(PREFIX);
  outbox.send({ subject: "a" });
  const seen: string[] = [];
  outbox.deliver((message) => {
    seen.push(message.subject());
    outbox.send({ subject: "b" });
    return true;
  });
  assertEquals(seen, ["a"]);
  assertEquals(frames(outbox), ["MSG b 9 0\r\n\r\n"]);
});

Deno.test("outbox - acknowledgements that must not be given are refusals", () => {
  const outbox = new Outbox(PREFIX);
  outbox.acknowledge(messageOf("s", "", {}, "r"), 7);
  outbox.send({ subject: "other", body: "kept" });
  assertEquals(frames(outbox, "no"), [
    "MSG r 9 2\r\nno\r\n",
    "MSG other 9 4\r\nkept\r\n",
  ]);
});

Deno.test("subject cache - gives what the bytes say, however often", () => {
  const cache = new SubjectCache();
  const subjects = Array.from({ length: 10_000 }, (_, i) => `s.${i * 7}.x`);
  subjects.push("y".repeat(300), "", "\xff.\x80");
  for (const subject of [...subjects, ...subjects.reverse()]) {
    const bytes = encodeByteString(`__${subject}__`);
    assertEquals(cache.get(bytes, 2, 2 + subject.length), subject);
  }
});

Deno.test("outbox - what was not stored is neither claimed nor has sequels", () => {
  const outbox = new Outbox(PREFIX);
  const fill = () => {
    outbox.acknowledge(messageOf("s", "", {}, "a"), 7);
    outbox.send({ subject: "b", body: "batch", kind: "claim" });
    outbox.send({ subject: "c", reply: "x", body: "copy", kind: "sequel" });
    outbox.send({ subject: "d", body: "refused" });
  };
  fill();
  assertEquals(frames(outbox, "no"), [
    "MSG a 9 2\r\nno\r\n",
    "MSG b 9 2\r\nno\r\n",
    "MSG d 9 7\r\nrefused\r\n",
  ]);
  fill();
  assertEquals(frames(outbox), [
    'MSG a 9 22\r\n{"stream":"S","seq":7}\r\n',
    "MSG b 9 5\r\nbatch\r\n",
    "MSG c 9 x 4\r\ncopy\r\n",
    "MSG d 9 7\r\nrefused\r\n",
  ]);
});
