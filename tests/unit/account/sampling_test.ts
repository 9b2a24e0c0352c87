import { assertEquals } from "@std/assert";
import { sampleRequest } from "../../../src/account/sampling.ts";
import { SeededRandom } from "../../sim/ports/random.ts";
import { capability } from "../../tools/capability.ts";
import { message } from "./world.ts";

const random = new SeededRandom(5n);

function byHeaders(...lines: string[]) {
  const block = ["NATS/1.0", ...lines, "", ""].join("\r\n");
  return sampleRequest(0, message("svc", "r", "x", block), random);
}

const TRACE = "80f198ee56343ba864fe8b2a57d3eff7";

capability(
  "sampleRequest - echoes the headers that made it sample, and no others",
  { positive: ["accounts/sampling-by-header"] },
  () => {
    const uber = "479fefe9525eddb:5adb976bfc1f95c1:479fefe9525eddb:1";
    assertEquals(byHeaders(`uber-trace-id: ${uber}`, "uberctx-a: 1", "B: 2"), {
      "Uber-Trace-Id": [uber],
      "Uberctx-A": ["1"],
    });
    assertEquals(byHeaders(`X-B3-TraceId: ${TRACE}`, "X-B3-SpanId: 1"), {
      "X-B3-Spanid": ["1"],
      "X-B3-Traceid": [TRACE],
    });
    assertEquals(byHeaders(`b3: ${TRACE}-1`), { B3: [`${TRACE}-1`] });
    const parent = `00-${TRACE}-00f067aa0ba902b7-01`;
    assertEquals(byHeaders(`traceparent: ${parent}`, "tracestate: a=b"), {
      Traceparent: [parent],
      Tracestate: ["a=b"],
    });
  },
);

capability(
  "sampleRequest - flags decide, and a denial counts more than a trace",
  { edge: ["accounts/sampling-by-header"] },
  () => {
    const denied = [
      [],
      ["Uber-Trace-Id: a:b:c:0"],
      ["Uber-Trace-Id: a:b:c:1f1"],
      ["Uber-Trace-Id: a:b:c:x"],
      ["Uber-Trace-Id: a:b:1", `X-B3-TraceId: ${TRACE}`],
      ["X-B3-Sampled: 0", `X-B3-TraceId: ${TRACE}`],
      ["B3: 0"],
      [`B3: ${TRACE}-span-0`],
      [`Traceparent: 00-${TRACE}-00f067aa0ba902b7-00`],
      [`Traceparent: 00-${TRACE}-00f067aa0ba902b7-81`],
      [`Traceparent: 00-${TRACE}-00f067aa0ba902b7-1`],
      ["X-B3-Sampled: 1", "not a header"],
      ["X-B3-Sampled: 1", ": no name"],
    ];
    for (const lines of denied) {
      assertEquals(byHeaders(...lines), null, lines.join(" | "));
    }
  },
);

capability(
  "sampleRequest - takes its share by chance",
  { positive: ["accounts/config-3"], edge: ["accounts/config-3"] },
  () => {
    const request = message("svc", "r", "x");
    const share = (percent: number) => {
      let sampled = 0;
      for (let i = 0; i < 10_000; i++) {
        if (sampleRequest(percent, request, random) !== null) sampled++;
      }
      return sampled / 100;
    };
    assertEquals(share(100), 100);
    assertEquals(share(0), 0);
    // As the Go server draws: one percent more than was asked for.
    assertEquals(Math.abs(share(50) - 51) < 2, true);
    assertEquals(Math.abs(share(1) - 2) < 0.6, true);
  },
);
