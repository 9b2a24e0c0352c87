import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  Chunk,
  decodeByteString,
  encodeByteString,
  type LineVerb,
  Parser,
  type ParserHandler,
  type PayloadVerb,
  type UnknownOperation,
  VerbTable,
} from "../../../src/protocol/mod.ts";
import { parseSize } from "../../../src/protocol/bytes.ts";
import { capability } from "../../tools/capability.ts";

/** Writes down what a parser reports. */
class Recorder implements ParserHandler {
  readonly events: string[] = [];
  admits = true;

  admit(firstByte: number): boolean {
    this.events.push(`admit ${String.fromCharCode(firstByte)}`);
    return this.admits;
  }

  onUnknownOperation({ state, snippet }: UnknownOperation): void {
    this.events.push(`unknown ${state} ${decodeByteString(snippet)}`);
  }

  onControlLineExceeded(): void {
    this.events.push("line too long");
  }
}

function line(
  name: string,
  gap: LineVerb<Recorder>["gap"],
): LineVerb<Recorder> {
  return {
    name,
    gap,
    run(recorder, { buffer, argsStart, argsEnd, count }) {
      recorder.events.push(
        gap === "bare"
          ? name
          : `${name} ${count} <${
            decodeByteString(buffer, argsStart, argsEnd)
          }>`,
      );
    },
  };
}

/** A PUB that tells ranges apart in both of its ways. */
const publish: PayloadVerb<Recorder> = {
  name: "PUB",
  gap: "required",
  open(_recorder, args) {
    const last = args.count - 1;
    return parseSize(args.buffer, args.start(last), args.end(last));
  },
  run(recorder, args, start, end) {
    const subject = decodeByteString(
      args.buffer,
      args.start(0),
      args.end(0),
    );
    const reply = args.count > 2
      ? ` ${decodeByteString(args.buffer, args.start(1), args.end(1))}`
      : "";
    const body = decodeByteString(args.buffer, start, end);
    recorder.events.push(`PUB ${subject}${reply} <${body}>`);
  },
  runPlain(recorder, op) {
    const { bytes } = op.chunk;
    const subject = decodeByteString(bytes, op.subjectStart, op.subjectEnd);
    const reply = op.replyEnd > 0
      ? ` ${decodeByteString(bytes, op.replyStart, op.replyEnd)}`
      : "";
    const body = decodeByteString(bytes, op.payloadStart, op.payloadEnd);
    const size = decodeByteString(bytes, op.sizeStart, op.payloadStart - 2);
    assertEquals(Number(size), body.length);
    recorder.events.push(`PUB ${subject}${reply} <${body}>`);
    return true;
  },
};

const tableWith = (publishing: PayloadVerb<Recorder>) =>
  new VerbTable<Recorder>([
    publishing,
    line("SUB", "required"),
    line("UNSUB", "required"),
    line("PING", "bare"),
    line("PONG", "bare"),
    line("CONNECT", "optional"),
    line("INFO", "optional"),
  ]);

const VERBS = tableWith(publish);
const { name, gap, open, run } = publish;
const WITHOUT_PLAIN = tableWith({ name, gap, open, run });

const LINE_MAX = 64;

/** Feeds `text` in pieces, the way a connection does; returns the events. */
function parse(
  text: string,
  cuts: readonly number[],
  prepare: (parser: Parser<Recorder>, recorder: Recorder) => void = () => {},
  verbs = VERBS,
): string[] {
  const recorder = new Recorder();
  const parser = new Parser(verbs, recorder, LINE_MAX);
  prepare(parser, recorder);
  const bytes = encodeByteString(text);
  let rest: Uint8Array = new Uint8Array(0);
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    const joined = new Uint8Array(rest.length + to - from);
    joined.set(rest);
    joined.set(bytes.subarray(from, to), rest.length);
    const consumed = parser.parse(Chunk.of(joined), joined.length);
    if (parser.halted) break;
    rest = joined.slice(consumed);
    from = to;
  }
  return recorder.events;
}

const TRANSCRIPT = 'CONNECT {"verbose":false}\r\nPING\r\nSUB foo 1\r\n' +
  "sub\tfoo.*  q\t2\r\nPUB foo 5\r\nhello\r\npub foo reply 3\r\nabc\r\n" +
  "PUB a r.1 2\r\nhi\r\nPUB a 0\r\n\r\nUNSUB 1 5\nPONG ignored\r\nPUB b 4\nx\r\ny\r\nINFO{}\r\n";

const EVENTS = [
  'CONNECT 1 <{"verbose":false}>',
  "PING",
  "SUB 2 <foo 1>",
  "SUB 3 <foo.*  q\t2>",
  "PUB foo <hello>",
  "PUB foo reply <abc>",
  "PUB a r.1 <hi>",
  "PUB a <>",
  "UNSUB 2 <1 5>",
  "PONG",
  "PUB b <x\r\ny>",
  "INFO 1 <{}>",
];

capability(
  "parser - a transcript yields the same ops wherever it is cut",
  {
    positive: [
      "client-protocol/byte-state-machine",
      "client-protocol/split-buffers",
    ],
    edge: ["client-protocol/split-buffers"],
  },
  () => {
    assertEquals(parse(TRANSCRIPT, []), EVENTS);
    for (let cut = 1; cut < TRANSCRIPT.length; cut++) {
      assertEquals(parse(TRANSCRIPT, [cut]), EVENTS, `cut at ${cut}`);
    }
    const everywhere = Array.from(TRANSCRIPT, (_, i) => i).slice(1);
    assertEquals(parse(TRANSCRIPT, everywhere), EVENTS);
  },
);

capability(
  "parser - a wrong byte is an unknown operation at once, without a line end",
  {
    edge: [
      "client-protocol/byte-state-machine",
      "client-protocol/client-verbs",
    ],
    positive: ["client-protocol/parse-error"],
  },
  () => {
    // [input, state and snippet that the Go server logs]
    const cases: [string, number, string][] = [
      ["X", 0, ""],
      ["\r\n", 0, "\r"],
      ["PX!", 29, "X"],
      ["PUX!", 30, "X"],
      ["PUBX!", 31, "X"],
      ["PIX!", 34, "X"],
      ["POX!", 37, "X"],
      ["SUBfoo!", 45, "foo"],
      ["UNSX!", 61, "X"],
      ["RMSG!", 0, "RMSG"],
      ["A+!", 0, "A+"],
      ["CONX!", 12, "X"],
      ["X".repeat(40), 0, "X".repeat(32)],
    ];
    for (const [input, state, snippet] of cases) {
      assertEquals(parse(input, []), [`unknown ${state} ${snippet}`], input);
    }
  },
);

capability(
  "parser - what follows a payload must be CR LF",
  {
    positive: ["client-protocol/payload-terminator"],
    edge: [
      "client-protocol/payload-terminator",
      "client-protocol/oversized-remainder",
      "client-protocol/parse-error",
    ],
  },
  () => {
    assertEquals(parse("PUB foo 2\r\nok\r\n", []), ["PUB foo <ok>"]);
    assertEquals(parse("PUB foo 2\r\nokX", []), ["unknown 41 "]);
    assertEquals(parse("PUB foo 2\r\nok\rX", []), ["unknown 42 "]);
    assertEquals(parse("PUB foo 2\r\nokay\r\n", [12]), ["unknown 41 ay\r"]);
  },
);

Deno.test("parser - the short way of a message shows nothing that the long one does not", () => {
  const part = fc.constantFrom("a", "r.1", "1r", "2", "10", "-", "\xff", "\r");
  const blank = fc.constantFrom(" ", " ", " ", "  ", "\t", "");
  const op = fc.tuple(
    fc.array(fc.tuple(part, blank), { minLength: 1, maxLength: 3 }),
    fc.constantFrom("2", "2", "2", "02", "1", "x"),
    fc.constantFrom("\r\n", "\r\n", "\n", " \r\n"),
  ).map(([parts, size, end]) =>
    `PUB ${parts.flat().join("")} ${size}${end}hi\r\n`
  );
  fc.assert(
    fc.property(fc.array(op, { maxLength: 4 }), fc.nat(40), (ops, cut) => {
      const text = ops.join("");
      const cuts = cut < text.length ? [cut] : [];
      assertEquals(
        parse(text, cuts),
        parse(text, cuts, undefined, WITHOUT_PLAIN),
      );
    }),
    { numRuns: 2000 },
  );
});

capability(
  "parser - arguments may be as long as the limit and no longer",
  {
    positive: ["client-protocol/max-control-line"],
    edge: ["client-protocol/max-control-line"],
  },
  () => {
    const longest = `${"s".repeat(LINE_MAX - 2)} 1`;
    assertEquals(parse(`SUB ${longest}\r\n`, []), [`SUB 2 <${longest}>`]);
    assertEquals(parse(`SUB s${longest}\r\n`, []), ["line too long"]);
    // Caught before the line ends, so that nobody can fill memory.
    assertEquals(parse(`SUB s${longest}s`, []), ["line too long"]);
    assertEquals(parse(`PUB ${"s".repeat(LINE_MAX)} 1\r\na\r\n`, []), [
      "line too long",
    ]);
  },
);

capability(
  "parser - a guarded parser asks before any op but CONNECT",
  {
    positive: ["client-protocol/first-op-must-be-connect-when-auth-required"],
  },
  () => {
    const guard = (parser: Parser<Recorder>) => parser.guarded = true;
    assertEquals(parse("connect {}\r\n", [], guard), ["CONNECT 1 <{}>"]);
    assertEquals(
      parse("PING\r\nPING\r\n", [], (parser, recorder) => {
        guard(parser);
        recorder.admits = false;
      }),
      ["admit P"],
    );
  },
);

Deno.test("parser - stops after the op in which the handler halts it", () => {
  const recorder = new Recorder();
  const halting: LineVerb<Recorder> = {
    name: "PING",
    gap: "bare",
    run() {
      recorder.events.push("PING");
      parser.halted = true;
    },
  };
  const parser: Parser<Recorder> = new Parser(
    new VerbTable([halting]),
    recorder,
    LINE_MAX,
  );
  const chunk = Chunk.of(encodeByteString("PING\r\nPING\r\n"));
  assertEquals(parser.parse(chunk, chunk.size), 6);
  assertEquals(recorder.events, ["PING"]);
});

capability(
  "parser - sizes are up to nine decimal digits",
  {
    positive: ["client-protocol/size-parsing"],
    edge: ["client-protocol/size-parsing"],
  },
  () => {
    const size = (text: string) => {
      const bytes = encodeByteString(text);
      return parseSize(bytes, 0, bytes.length);
    };
    assertEquals(size("0"), 0);
    assertEquals(size("007"), 7);
    assertEquals(size("999999999"), 999_999_999);
    for (const bad of ["", "1000000000", "-1", "+1", "1a", "0x1", " 1"]) {
      assert(size(bad) < 0, bad);
    }
  },
);
