import { assert, assertEquals } from "@std/assert";
import {
  normaliseText,
  showOperation,
} from "../../interop/harness/normalise.ts";
import { OperationSplitter } from "../../interop/harness/operations.ts";
import {
  client,
  everyCut,
  lines,
  scenario,
  send,
} from "../../interop/harness/scenario.ts";
import { Wire } from "../../interop/harness/wire.ts";

const encoder = new TextEncoder();
const NOTHING = new Map<string, string>();

const STREAM = 'INFO {"a":1} \r\nMSG a 1 12\r\nPING\r\n+OK\r\n \r\n' +
  "HMSG a 1 r 12 14\r\nNATS/1.0\r\n\r\nhi\r\nPONG\r\n-ERR 'x'\r\n";
const OPERATIONS = [
  'INFO {"a":1} \r\n',
  "MSG a 1 12\r\nPING\r\n+OK\r\n \r\n",
  "HMSG a 1 r 12 14\r\nNATS/1.0\r\n\r\nhi\r\n",
  "PONG\r\n",
  "-ERR 'x'\r\n",
];

Deno.test("interop harness - a stream is cut into the same operations wherever it is split", () => {
  const bytes = encoder.encode(STREAM);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const splitter = new OperationSplitter();
    const operations = [
      ...splitter.push(bytes.subarray(0, cut)),
      ...splitter.push(bytes.subarray(cut)),
    ];
    assertEquals(operations, OPERATIONS);
    assertEquals(splitter.remainder, "");
  }
});

Deno.test("interop harness - half an operation is kept back", () => {
  const splitter = new OperationSplitter();
  assertEquals(splitter.push(encoder.encode("MSG a 1 5\r\nhel")), []);
  assertEquals(splitter.remainder, "MSG a 1 5\r\nhel");
});

Deno.test("interop harness - INFO is compared field by field, what varies by its type", () => {
  const id = `N${"A".repeat(55)}`;
  const one = showOperation(
    `INFO {"server_id":"${id}","server_name":"${id}","port":4222,"go":"go1.26","git_commit":"abc"} \r\n`,
    NOTHING,
  );
  const other = showOperation(
    `INFO {"go":"deno","port":1,"server_name":"${id}","server_id":"${id}"} \r\n`,
    NOTHING,
  );
  assertEquals(one, other);
  for (
    const different of [
      `INFO {"go":"deno","port":"1","server_name":"${id}","server_id":"${id}"} \r\n`,
      `INFO {"go":"deno","port":1,"server_name":"north","server_id":"${id}"} \r\n`,
      `INFO {"go":"deno","port":1,"server_name":"${id}","server_id":"${id}"}\r\n`,
      `INFO {"go":"deno","port":1,"server_name":"${id}","server_id":"${id}","headers":true} \r\n`,
    ]
  ) {
    assert(showOperation(different, NOTHING) !== one, different);
  }
});

Deno.test("interop harness - a nonce of the wrong form shows", () => {
  assertEquals(
    showOperation('INFO {"nonce":"0123456789abcde"} \r\n', NOTHING),
    'INFO {"nonce":"<nonce>"}" \\r\\n"',
  );
  assertEquals(
    showOperation('INFO {"nonce":"short"} \r\n', NOTHING),
    'INFO {"nonce":"short"}" \\r\\n"',
  );
});

Deno.test("interop harness - messages stay as they came, JSON payloads are normalised", () => {
  assertEquals(
    showOperation("MSG a 1 2\r\nhi\r\n", NOTHING),
    '"MSG a 1 2\\r\\nhi\\r\\n"',
  );
  assertEquals(
    showOperation('MSG a 1 27\r\n{"seq":7,"b":[1],"a":"x"}\r\n', NOTHING),
    'MSG a 1 <size> {"a":"x","b":[1],"seq":"<seq: number>"}',
  );
});

Deno.test("interop harness - keys, times and this run's ports become placeholders", () => {
  const text = `U${
    "B".repeat(55)
  } at 2026-01-02T03:04:05.6Z from 127.0.0.1:40001, not 40001`;
  assertEquals(
    normaliseText(text, new Map([[":40001", ":<a port>"]])),
    "<U key> at <time> from 127.0.0.1:<a port>, not 40001",
  );
});

Deno.test("interop harness - steps are data, whatever helper made them", () => {
  const fixture = { config: "" };
  const { steps } = scenario(fixture, "name", {}, client("a"), [
    lines("a", "PING"),
    [send("a", "x")],
  ]);
  assertEquals(steps.map(({ kind }) => kind), [
    "open",
    "send",
    "sync",
    "send",
    "send",
  ]);
  const cuts = everyCut("a", "abc").flatMap((step) =>
    step.kind === "send" ? [step.chunking.cuts] : []
  );
  assertEquals(cuts, [[1], [2]]);
});

Deno.test("interop harness - a wire takes operations up to the one waited for, and sees the close", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  const wire = await Wire.connect("127.0.0.1", listener.addr.port);
  const conn = await accepted;
  await conn.write(encoder.encode("+OK\r\nPONG\r\nMSG a 1 1\r\n"));
  const taken = await wire.take((operation) => operation === "PONG\r\n", 2_000);
  assertEquals(taken, { operations: ["+OK\r\n", "PONG\r\n"], found: true });
  assertEquals(await wire.take(() => true, 30), {
    operations: [],
    found: false,
  });
  await wire.send(encoder.encode("hello"), { cuts: "every byte", pause: 0 });
  const buffer = new Uint8Array(16);
  let received = "";
  while (received.length < 5) {
    const n = await conn.read(buffer) ?? 0;
    received += new TextDecoder().decode(buffer.subarray(0, n));
  }
  assertEquals(received, "hello");
  conn.close();
  assertEquals(await wire.takeUntilClosed(2_000), ["MSG a 1 1\r\n"]);
  assert(wire.closed);
  wire.destroy();
});
