/**
 * Benchmarks of the message path over WebSocket.
 *
 * @module
 */

import type { FlowPlan } from "./flow.ts";
import { messageSize, publishBatch } from "./frames.ts";
import { Link } from "./link.ts";
import type { Scenario } from "./scenario.ts";
import { flowScenario } from "./throughput.ts";

const SUBJECT = "bench.a";
const SID = "1";

/** Of servers that these are run with. */
export const WEBSOCKET_CONFIG =
  `websocket { listen: "127.0.0.1:{{websocket}}", no_tls: true, compression: true }`;

/** Payloads and receivers. */
const LOADS = [
  ["publish 16 B", 16, 0],
  ["publish 1 KiB", 1024, 0],
  ["1→1 16 B", 16, 1],
  ["1→1 128 B", 128, 1],
  ["1→1 1 KiB", 1024, 1],
  ["1→4 128 B", 128, 4],
] as const;

/** All of them, without compression and with. */
export const WEBSOCKET: readonly Scenario[] = [false, true].flatMap(
  (compress) =>
    LOADS.map(([load, size, receivers]) =>
      flowScenario(
        `WebSocket ${compress ? "compressed " : ""}${load}`,
        `1 publisher, ${receivers} receivers over WebSocket${
          compress ? ", JSON that is compressed" : ""
        }`,
        () => websocketFlow(size, receivers, compress),
        () => WEBSOCKET_CONFIG,
      )
    ),
);

function websocketFlow(
  size: number,
  receivers: number,
  compress: boolean,
): FlowPlan {
  const payload = compress ? jsonText(size) : undefined;
  const batch = publishBatch([SUBJECT], size, payload);
  return {
    open: ({ websocketPort }) => Link.openWebsocket(websocketPort, compress),
    publishers: [batch],
    groups: Array.from({ length: receivers }, () => ({
      members: [`SUB ${SUBJECT} ${SID}\r\n`],
      bytesPerBatch: batch.messages * messageSize(SUBJECT, SID, size),
    })),
    deliveries: Math.max(1, receivers),
  };
}

/** Text that can be compressed about as well as what people send. */
function jsonText(size: number): string {
  const item = (i: number) =>
    `{"id":${i * 7919},"name":"item ${i}","price":${(i * 37) % 1000}.5},`;
  let text = "[";
  for (let i = 1; text.length < size; i++) text += item(i);
  return text.slice(0, size);
}
