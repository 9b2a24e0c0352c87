/**
 * Scenarios of one connected client that sends one thing.
 *
 * @module
 */

import {
  client,
  closed,
  type Scenario,
  scenario,
  send,
  sync,
} from "../harness/mod.ts";
import { PLAIN } from "./fixtures.ts";

/** A connected client that sends one thing and is closed for it. */
export function fatal(
  name: string,
  proves: Scenario["proves"],
  text: string,
  fields: Readonly<Record<string, unknown>> = {},
): Scenario {
  return scenario(
    PLAIN,
    name,
    proves,
    client("a", fields),
    send("a", text),
    closed("a"),
  );
}

/** A connected client that sends one thing and goes on. */
export function accepted(
  name: string,
  proves: Scenario["proves"],
  text: string,
  fields: Readonly<Record<string, unknown>> = {},
): Scenario {
  return scenario(
    PLAIN,
    name,
    proves,
    client("a", fields),
    send("a", text),
    sync("a"),
  );
}
