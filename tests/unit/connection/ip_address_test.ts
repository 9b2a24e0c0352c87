import { assertEquals } from "@std/assert";
import {
  formatIpAddress,
  parseIpAddress,
} from "../../../src/connection/ip_address.ts";

/** What Go's `net.ParseIP(text).String()` gives. */
function canonical(text: string): string | null {
  const address = parseIpAddress(text);
  return address === null ? null : formatIpAddress(address);
}

Deno.test("parseIpAddress() accepts what net.ParseIP accepts", () => {
  const cases: Record<string, string> = {
    "0.0.0.0": "0.0.0.0",
    "255.255.255.255": "255.255.255.255",
    "::": "::",
    "::1": "::1",
    "1::": "1::",
    "2001:DB8::1": "2001:db8::1",
    "2001:db8:0:0:1:0:0:1": "2001:db8::1:0:0:1",
    "1:0:2:3:4:5:6:7": "1:0:2:3:4:5:6:7",
    "0:0:0:0:0:0:0:1": "::1",
    "0001:0002::": "1:2::",
    "::ffff:10.0.0.1": "10.0.0.1",
    "::ffff:a00:1": "10.0.0.1",
    "64:ff9b::192.0.2.33": "64:ff9b::c000:221",
    "1:2:3:4:5:6:1.2.3.4": "1:2:3:4:5:6:102:304",
    "1:2:3:4:5:6:7::": "1:2:3:4:5:6:7:0",
  };
  for (const [text, expected] of Object.entries(cases)) {
    assertEquals(canonical(text), expected, text);
  }
});

Deno.test("parseIpAddress() refuses what net.ParseIP refuses", () => {
  const cases = [
    ..."|1.2.3|1.2.3.4.5|1.2.3.256|01.2.3.4|1.2.3.-4|1..2.3| 1.2.3.4".split(
      "|",
    ),
    ..."1:2|:1|1:|:::|1::2::3|12345::|g::|::1%lo|1:2:3:4:5:6:7".split("|"),
    ..."1:2:3:4:5:6:7:8:9|1:2:3:4::5:6:7:8|1.2.3.4::|::1.2.3.4:1|::1.2.3"
      .split("|"),
  ];
  for (const text of cases) assertEquals(canonical(text), null, text);
});
