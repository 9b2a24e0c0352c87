/** What requests say, and how answers are encoded. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { acceptedEncoding, compressed } from "../../../src/events/encoding.ts";
import { RequestBody, RequestError } from "../../../src/events/request_body.ts";
import { S2Decoder } from "../../../src/protocol/mod.ts";
import { capability } from "../../tools/capability.ts";

const encoder = new TextEncoder();

const SHAPE = {
  name: "ConnzEventOptions",
  part: "ConnzOptions",
  fields: { limit: "int", auth: "bool", cid: "uint64", acc: "string" },
} as const;

function read(text: string): RequestBody {
  return RequestBody.read(encoder.encode(text), SHAPE);
}

capability(
  "options are read whatever the case of their names; others are passed over",
  { positive: ["system-events/options"] },
  () => {
    const body = read(
      '{"LIMIT":3,"auth":true,"other":{},"acc":null,"tags":["a"]}',
    );
    assertEquals(
      [body.count("limit"), body.flag("auth"), body.text("acc")],
      [3, true, ""],
    );
    assertEquals(body.list("tags"), ["a"]);
    assertEquals(read("").count("limit"), 0);
    assertEquals(read("null").flag("auth"), false);
  },
);

capability(
  "options of wrong types and texts that are no JSON are refused in Go's words",
  { edge: ["system-events/options"] },
  () => {
    const field = "into Go struct field ConnzEventOptions";
    const cases: readonly [string, string][] = [
      [
        '{"limit":1.5}',
        `json: cannot unmarshal number 1.5 ${field}.ConnzOptions.limit of type int`,
      ],
      [
        '{"cid":-1}',
        `json: cannot unmarshal number -1 ${field}.ConnzOptions.cid of type uint64`,
      ],
      [
        '{"acc":[]}',
        `json: cannot unmarshal array ${field}.ConnzOptions.acc of type string`,
      ],
      [
        '{"tags":true}',
        `json: cannot unmarshal bool ${field}.EventFilterOptions.tags of type []string`,
      ],
      [
        "7",
        "json: cannot unmarshal number into Go value of type server.ConnzEventOptions",
      ],
      ["x", "invalid character 'x' looking for beginning of value"],
      ['{"limit":', "unexpected end of JSON input"],
    ];
    for (const [text, message] of cases) {
      assertThrows(() => read(text), RequestError, message);
    }
  },
);

/** The header block of a request. */
function accept(header: string): Uint8Array {
  return encoder.encode(`NATS/1.0\r\n${header}\r\n\r\n`);
}

capability(
  "the best encoding that is asked for is chosen",
  { positive: ["system-events/compression"] },
  async () => {
    assertEquals(
      acceptedEncoding(accept("Accept-Encoding: S2, gzip")),
      "snappy",
    );
    assertEquals(acceptedEncoding(accept("Accept-Encoding:gzip")), "gzip");
    const data = encoder.encode("hello ".repeat(100));
    const packed = await compressed(data, "gzip");
    const stream = new Response(new Uint8Array(packed)).body
      ?.pipeThrough(new DecompressionStream("gzip"));
    assertEquals(await new Response(stream ?? null).bytes(), data);
  },
);

capability(
  "what is unknown stays as it is, and the header's name is exact",
  { edge: ["system-events/compression"] },
  async () => {
    assertEquals(acceptedEncoding(accept("accept-encoding: gzip")), "none");
    assertEquals(acceptedEncoding(accept("Accept-Encoding: br")), "identity");
    assertEquals(acceptedEncoding(new Uint8Array()), "none");
    const data = encoder.encode("as it is");
    assertEquals(await compressed(data, "identity"), data);
  },
);

Deno.test("snappy shortens, and gives back the same", async () => {
  const data = encoder.encode("hello ".repeat(100));
  const packed = await compressed(data, "snappy");
  assert(packed.length < 100);
  assertEquals(new S2Decoder().decode(packed), [data]);
});
