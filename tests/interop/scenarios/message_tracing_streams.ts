/**
 * Traced messages to subjects of streams.
 *
 * @module
 */

import {
  aloneScenario,
  client,
  lines,
  pause,
  type Scenario,
  type Steps,
  sync,
} from "../harness/mod.ts";
import { headed } from "./accounts_services.ts";
import { server } from "./fixtures.ts";

const STREAMS = server('jetstream { store_dir: "{{dir}}/js" }');

/** A request to the API, whose answer is not looked at. */
function api(subject: string, body: unknown): Steps {
  const text = JSON.stringify(body);
  return [
    lines("a", `PUB $JS.API.${subject} ignored ${text.length}`, text),
    pause(300),
    ...sync("a"),
  ];
}

function publish(address: string, ...headers: string[]): Steps {
  return [
    lines("a", ...headed(address, headers, "payload")),
    pause(200),
    ...sync("a"),
  ];
}

const DEST = "Nats-Trace-Dest: traces";
const ONLY = "Nats-Trace-Only: 1";

function traced(name: string, stream: object, ...steps: Steps[]): Scenario {
  return aloneScenario(
    STREAMS,
    `trace - ${name}`,
    { positive: ["system-events/event"], edge: ["system-events/event"] },
    client("a", { headers: true, no_responders: true }),
    api("STREAM.CREATE.S", {
      name: "S",
      subjects: ["s.*"],
      storage: "memory",
      ...stream,
    }),
    lines("a", "SUB traces 1", "SUB inbox 2"),
    ...sync("a"),
    ...steps,
  );
}

/** Asks for the message with that sequence. */
function get(sequence: number): Steps {
  const text = `{"seq":${sequence}}`;
  return [
    lines("a", `PUB $JS.API.DIRECT.GET.S inbox ${text.length}`, text),
    pause(100),
    ...sync("a"),
  ];
}

export const MESSAGE_TRACING_STREAMS: readonly Scenario[] = [
  traced(
    "a message that a stream stores, without the wish",
    { allow_direct: true },
    publish("s.1", DEST, "Other: x"),
    get(1),
  ),
  traced(
    "a message that a stream does not store",
    { allow_direct: true },
    publish("s.1", DEST, ONLY),
    get(1),
  ),
  traced(
    "a message that a stream stores under another subject",
    { subject_transform: { src: "s.*", dest: "t.$1" } },
    publish("s.1", DEST),
  ),
  traced(
    "a message that nobody is interested in",
    { retention: "interest" },
    publish("s.1", DEST),
    publish("s.1", DEST, ONLY),
  ),
];
