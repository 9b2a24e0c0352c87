/**
 * Servers with JetStream.
 *
 * @module
 */

import {
  api,
  type Fixture,
  jetStreamClient,
  type Scenario,
  scenario,
  type Step,
  type Steps,
} from "../../harness/mod.ts";
import { server } from "../fixtures.ts";

/** A server of which nothing but JetStream is configured. */
export const PLAIN: Fixture = jetStreamServer("");

/** @param more of the configuration */
export function jetStreamServer(more: string, jetstream = ""): Fixture {
  return server(
    `server_name: js
    http: 127.0.0.1:-1
    jetstream { store_dir: "{{dir}}/js", max_mem: 1G, max_file: 1G, ${jetstream} }
    ${more}`,
  );
}

/** Names of registry rows, without their area. */
type Rows = readonly string[];

/** One client of a plain server, and what it does. */
export function plain(
  name: string,
  positive: Rows,
  edge: Rows,
  ...steps: Steps[]
): Scenario {
  return scenario(
    PLAIN,
    `JetStream API - ${name}`,
    { positive: rows(positive), edge: rows(edge) },
    jetStreamClient("a"),
    ...steps,
  );
}

/** Ids of registry rows; those of another area come with it. */
export function rows(names: Rows): string[] {
  return names.map((name) =>
    name.includes("/") ? name : `jetstream-api/${name}`
  );
}

/** Creates a stream in memory of all subjects that begin with its name. */
export function stream(
  name: string,
  more: Readonly<Record<string, unknown>> = {},
): Step[] {
  return api("a", `STREAM.CREATE.${name}`, {
    name,
    subjects: [`${name}.>`],
    storage: "memory",
    ...more,
  });
}

/** Deletes streams. */
export function removed(...names: string[]): Step[] {
  return names.flatMap((name) => api("a", `STREAM.DELETE.${name}`));
}
