import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  ackPrefixes,
  AckReference,
  AckSubjectWriter,
} from "../../../../src/jetstream/consumer/ack_subject.ts";
import {
  AckVerb,
  ackVerb,
} from "../../../../src/jetstream/consumer/ack_verb.ts";
import {
  Chunk,
  decodeByteString,
  encodeByteString,
  Message,
} from "../../../../src/protocol/mod.ts";

const NAMES = {
  stream: "S%d",
  consumer: "C%s",
  domain: "",
  accountHash: "LGUKBYvX",
};

/** A time in two words. */
function words(nanos: bigint): [number, number] {
  return [Number(nanos >> 32n), Number(nanos & 0xffff_ffffn)];
}

function named(subject: string): Message {
  const message = new Message();
  message.setSubject(subject);
  return message;
}

function saying(text: string, headers = ""): Message {
  const message = new Message();
  message.chunk = Chunk.of(encodeByteString(headers + text));
  message.bodyEnd = message.chunk.size;
  message.headerSize = headers === "" ? -1 : headers.length;
  return message;
}

Deno.test("subjects of both kinds, names with percent signs as they are", () => {
  const { short, long } = ackPrefixes("ACK", NAMES);
  const write = (prefix: string) => {
    const writer = new AckSubjectWriter(prefix);
    const nanos = 1_700_000_000_000_000_007n;
    const size = writer.write(1, 22, 333, ...words(nanos), 4444);
    return decodeByteString(writer.chunk.bytes, 0, size);
  };
  assertEquals(
    write(short),
    "$JS.ACK.S%d.C%s.1.22.333.1700000000000000007.4444",
  );
  assertEquals(
    write(long),
    "$JS.ACK._.LGUKBYvX.S%d.C%s.1.22.333.1700000000000000007.4444",
  );
  const scoped = ackPrefixes("FC", { ...NAMES, domain: "hub" });
  assertEquals(scoped.long, "$JS.FC.hub.LGUKBYvX.S%d.C%s.");
});

Deno.test("what is written is read again", () => {
  const number = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
  const time = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
  const { short } = ackPrefixes("ACK", NAMES);
  const writer = new AckSubjectWriter(short);
  const reference = new AckReference();
  fc.assert(fc.property(
    number,
    number,
    number,
    time,
    number,
    (deliveries, sequence, consumerSequence, nanos, pending) => {
      const size = writer.write(
        deliveries,
        sequence,
        consumerSequence,
        ...words(nanos),
        pending,
      );
      const subject = decodeByteString(writer.chunk.bytes, 0, size);
      assertEquals(
        subject,
        `${short}${deliveries}.${sequence}.${consumerSequence}.${nanos}.${pending}`,
      );
      assertEquals(reference.read(named(subject), short.length, false), true);
      assertEquals(
        [
          reference.deliveries,
          reference.streamSequence,
          reference.consumerSequence,
        ],
        [deliveries, sequence, consumerSequence],
      );
    },
  ));
});

Deno.test("one after the other, whatever follows what", () => {
  const near = fc.integer({ min: 1, max: 12 });
  const start = fc.oneof(
    fc.nat(20_000),
    near.map((n) => 10 ** n),
    fc.integer({ min: 0, max: 2 ** 52 }),
  );
  const nanos = fc.oneof(
    fc.bigInt({ min: 0n, max: 10n ** 19n / 2n }),
    fc.constant(1_700_000_000_999_999_000n),
  );
  fc.assert(fc.property(
    start,
    start,
    start,
    nanos,
    fc.array(fc.constantFrom(0, 0, 0, 0, 1, 2, 3, 4, 5), { maxLength: 40 }),
    (sequence, consumerSequence, pending, time, steps) => {
      const writer = new AckSubjectWriter("P.");
      let deliveries = 1;
      for (const step of [...steps, ...new Array(30).fill(0)]) {
        if (step === 1) sequence += 3;
        if (step === 2) deliveries = 3 - deliveries;
        if (step === 3) pending += 100;
        if (step === 4) time += 700_000_000n;
        if (step === 5) consumerSequence = Math.max(0, consumerSequence - 7);
        const size = writer.write(
          deliveries,
          sequence,
          consumerSequence,
          ...words(time),
          pending,
        );
        assertEquals(
          decodeByteString(writer.chunk.bytes, 0, size),
          `P.${deliveries}.${sequence}.${consumerSequence}.${time}.${pending}`,
        );
        sequence++;
        consumerSequence++;
        pending = Math.max(0, pending - 1);
        time += 77n;
      }
    },
  ));
});

Deno.test("subjects that no delivery has are told apart", () => {
  const reference = new AckReference();
  const read = (rest: string, more = false) =>
    reference.read(named(`P.${rest}`), 2, more);
  assertEquals(read("1.2.3.4.5"), true);
  assertEquals(read("1.2.3.4"), false);
  assertEquals(read("1.2.3.4.5.6"), false);
  assertEquals(read("1.2.3.4.5.6", true), true);
  assertEquals(read("1.x.3.4.5"), true);
  assertEquals(reference.streamSequence, Infinity);
});

Deno.test("any bytes behind the prefix do no harm", () => {
  const reference = new AckReference();
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
    const subject = "P." + decodeByteString(bytes);
    const tokens = subject.split(".").length - 1;
    assertEquals(reference.read(named(subject), 2, false), tokens === 5);
    assertEquals(reference.read(named(subject), 2, true), tokens >= 5);
  }));
});

Deno.test("verbs are exact but for those with arguments", () => {
  const verbs: readonly (readonly [string, AckVerb])[] = [
    ["", AckVerb.ack],
    ["+ACK", AckVerb.ack],
    ["+OK", AckVerb.ack],
    ["+ACK ", AckVerb.unknown],
    ["+AC", AckVerb.unknown],
    ["ok!", AckVerb.unknown],
    ["-NAK", AckVerb.nak],
    ["-NAK 5s", AckVerb.nak],
    ["+WPI", AckVerb.progress],
    ["+WPI ", AckVerb.unknown],
    ["+NXT", AckVerb.next],
    ["+NXT 5", AckVerb.next],
    ["+TERM", AckVerb.term],
    ["+TERM why", AckVerb.term],
    ["+TER", AckVerb.unknown],
    ["+TERx", AckVerb.unknown],
    ["x", AckVerb.unknown],
  ];
  for (const [text, verb] of verbs) {
    assertEquals(ackVerb(saying(text)), verb, text);
    assertEquals(ackVerb(saying(text, "NATS/1.0\r\n\r\n")), verb, text);
  }
});
