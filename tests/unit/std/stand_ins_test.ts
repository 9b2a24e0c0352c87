import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { parseArgs } from "@std/cli/parse-args";
import { TextLineStream, toBytes, toText } from "@std/streams";
import { FakeTime } from "@std/testing/time";
import { parse, stringify } from "@std/toml";

Deno.test("parseArgs reads declared options in every spelling", () => {
  const args = parseArgs(
    ["-DV", "-p", "4222", "--routes=a", "--routes", "b", "rest", "--", "-x"],
    {
      boolean: ["debug", "trace", "jetstream"],
      string: ["port", "routes", "name"],
      collect: ["routes"],
      alias: { debug: "D", trace: "V", port: ["p"] },
      default: { name: "n" },
    },
  );
  assertEquals(args.debug, true);
  assertEquals(args.trace, true);
  assertEquals(args.jetstream, false);
  assertEquals(args.port, "4222");
  assertEquals(args.routes, ["a", "b"]);
  assertEquals(args.name, "n");
  assertEquals(args._, ["rest", "-x"]);
});

Deno.test("parseArgs reports options that are not declared", () => {
  const unknown: string[] = [];
  parseArgs(["--what", "-q"], {
    unknown: (arg) => {
      unknown.push(arg);
      return false;
    },
  });
  assertEquals(unknown, ["--what", "-q"]);
});

Deno.test("parseArgs with stopEarly leaves what follows alone", () => {
  const args = parseArgs(["-D", "run", "-V"], {
    boolean: ["D", "V"],
    stopEarly: true,
  });
  assertEquals([args.D, args.V, args._], [true, false, ["run", "-V"]]);
});

Deno.test("streams are gathered and split into lines", async () => {
  const bytes = new TextEncoder().encode("a\r\nbé\nc");
  const source = () => ReadableStream.from([bytes.slice(0, 5), bytes.slice(5)]);
  assertEquals(await toText(source()), "a\r\nbé\nc");
  assertEquals(await toBytes(source()), bytes);
  const lines = ReadableStream.from(["a\r", "\nb", "\n\nc"])
    .pipeThrough(new TextLineStream());
  assertEquals(await Array.fromAsync(lines), ["a", "b", "", "c"]);
});

Deno.test("TOML round-trips and mistakes throw", () => {
  const value = { title: "x", table: { list: [1, 2] } };
  assertEquals(parse(stringify(value)), value);
  assertThrows(() => parse("a = "), Error);
});

Deno.test("FakeTime moves Date and timers together", () => {
  let fired = 0;
  {
    using time = new FakeTime(1000);
    setTimeout(() => fired++, 50);
    time.tick(49);
    assertEquals([fired, Date.now()], [0, 1049]);
    time.tick(1);
    assertEquals(fired, 1);
    assertFalse(time.next());
  }
  assert(Date.now() > 1e12);
});
