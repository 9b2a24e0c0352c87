/**
 * The vocabulary of differential scenarios: a server configuration and steps
 * on named raw connections. Scenarios are data; `play.ts` carries them out.
 *
 * @module
 */

import type { Claims } from "../../tools/capability.ts";

/** A server configuration that scenarios share; `{{dir}}` is a folder of the process's own. */
export interface Fixture {
  readonly config: string;
  /** Text of further files, by their path in `{{dir}}`. */
  readonly files?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

/** One exchange with a server, to be the same with Go's and ours. */
export interface Scenario {
  readonly name: string;
  /** Registry rows that equal transcripts prove. */
  readonly proves: Claims;
  readonly fixture: Fixture;
  readonly steps: readonly Step[];
  /** Set when the server must not be shared: signals, reloads, connection limits. */
  readonly alone?: boolean;
}

/** Client side of a TLS handshake. PEM text throughout. */
export interface TlsChoice {
  /** Authorities by which the client judges the server (none: not judged). */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly serverName?: string;
  readonly minVersion?: "TLSv1.2" | "TLSv1.3";
  readonly maxVersion?: "TLSv1.2" | "TLSv1.3";
}

/** How `send` hands its bytes to the socket. */
export interface Chunking {
  /** Offsets at which to cut; `"every byte"` cuts between all bytes. */
  readonly cuts?: readonly number[] | "every byte";
  /** Milliseconds between the pieces (default 2). */
  readonly pause?: number;
}

/** What a service makes of a request. */
export interface Consulted {
  /** What the transcript shows of the request. */
  readonly seen: readonly string[];
  /** Body of the answer; null: there is none. */
  readonly answer: Uint8Array | null;
}

/** A service behind a connection. @param request header (empty: none) and body, one char per byte */
export type Service = (
  request: { readonly header: string; readonly body: string },
) => Promise<Consulted>;

/** One action, or one observation that ends up in the transcript. */
export type Step =
  | { readonly kind: "open"; readonly on: string; readonly host?: string }
  | {
    readonly kind: "send";
    readonly on: string;
    readonly bytes: Uint8Array;
    readonly chunking: Chunking;
  }
  | {
    readonly kind: "answer";
    readonly on: string;
    readonly fields: (nonce: string) => Readonly<Record<string, unknown>>;
  }
  | {
    readonly kind: "respond";
    readonly on: string;
    readonly seenBy: string;
    readonly text: string;
  }
  | { readonly kind: "consult"; readonly on: string; readonly service: Service }
  | { readonly kind: "sync"; readonly on: string }
  | {
    readonly kind: "expect";
    readonly on: string;
    readonly text: string;
    readonly within: number;
  }
  | { readonly kind: "gather"; readonly on: string; readonly count: number }
  | { readonly kind: "quiet"; readonly on: string; readonly during: number }
  | {
    readonly kind: "tls";
    readonly on: string;
    readonly choice: TlsChoice;
    readonly refused: boolean;
  }
  | { readonly kind: "stall"; readonly on: string }
  | { readonly kind: "finish"; readonly on: string }
  | {
    readonly kind: "closed";
    readonly on: string;
    readonly after: number;
    readonly within: number;
  }
  | { readonly kind: "pause"; readonly during: number }
  | { readonly kind: "signal"; readonly name: Deno.Signal }
  | { readonly kind: "reload"; readonly config: string; readonly log: RegExp }
  | { readonly kind: "reloadLog"; readonly config: string }
  | { readonly kind: "logged"; readonly pattern: RegExp }
  | {
    readonly kind: "monitor";
    readonly path: string;
    readonly select: (body: unknown) => unknown;
  };

/** Opens a connection. */
export function open(on: string, host?: string): Step {
  return { kind: "open", on, ...(host === undefined ? {} : { host }) };
}

/** Sends bytes; text goes out as UTF-8. */
export function send(
  on: string,
  data: string | Uint8Array,
  chunking: Chunking = {},
): Step {
  const bytes = typeof data === "string"
    ? new TextEncoder().encode(data)
    : data;
  return { kind: "send", on, bytes, chunking };
}

/** Sends lines, each ended with CRLF. */
export function lines(on: string, ...text: string[]): Step {
  return send(on, text.map((line) => `${line}\r\n`).join(""));
}

/** Sends `CONNECT` with the given fields; quiet ones (not verbose, not pedantic) by default. */
export function connect(
  on: string,
  fields: Readonly<Record<string, unknown>> = {},
): Step {
  return lines(
    on,
    `CONNECT ${JSON.stringify({ verbose: false, pedantic: false, ...fields })}`,
  );
}

/** Waits for INFO and sends a `CONNECT` with fields that follow from its nonce. */
export function answer(
  on: string,
  fields: (nonce: string) => Readonly<Record<string, unknown>>,
): Step {
  return { kind: "answer", on, fields };
}

/**
 * Sends lines in which `{{reply}}` stands for the reply subject of the last
 * message that `seenBy` got.
 */
export function respond(
  on: string,
  seenBy: string,
  ...text: string[]
): Step {
  const all = text.map((line) => `${line}\r\n`).join("");
  return { kind: "respond", on, seenBy, text: all };
}

/** Takes the next message that `on` gets to the service, and sends what it answers. */
export function consult(on: string, service: Service): Step {
  return { kind: "consult", on, service };
}

/** Sends `PING` and records everything up to its `PONG`. Settle other pings first. */
export function sync(...names: string[]): Step[] {
  return names.map((on) => ({ kind: "sync", on }));
}

/** Records everything up to the first operation that contains `text`. */
export function expect(on: string, text: string, within = 4_000): Step {
  return { kind: "expect", on, text, within };
}

/** Records the next `count` operations, sorted: their order is no part of the contract. */
export function gather(on: string, count: number): Step {
  return { kind: "gather", on, count };
}

/** Records whatever arrives during some milliseconds: normally nothing. */
export function quiet(on: string, during = 150): Step {
  return { kind: "quiet", on, during };
}

/** Upgrades to TLS; a handshake that fails shows in the transcript. */
export function tls(on: string, choice: TlsChoice = {}): Step {
  return { kind: "tls", on, choice, refused: false };
}

/** Tries to upgrade to TLS and records that the server refused, then or right afterwards. */
export function refusedTls(on: string, choice: TlsChoice = {}): Step {
  return { kind: "tls", on, choice, refused: true };
}

/** From here on the client reads nothing any more. */
export function stall(on: string): Step {
  return { kind: "stall", on };
}

/** Ends the client's direction and records what comes until the server closes too. */
export function finish(on: string): Step {
  return { kind: "finish", on };
}

/** Records everything until the server closes, and whether that was in the window (milliseconds). */
export function closed(
  on: string,
  window: { after?: number; within?: number } = {},
): Step {
  return {
    kind: "closed",
    on,
    after: window.after ?? 0,
    within: window.within ?? 3_000,
  };
}

/** Lets time pass. */
export function pause(during: number): Step {
  return { kind: "pause", during };
}

/** Sends a signal to the server; needs `alone`. */
export function signal(name: Deno.Signal): Step {
  return { kind: "signal", name };
}

/** Replaces the configuration file, sends SIGHUP and waits for `log`; needs `alone`. */
export function reload(
  config: string,
  log = /Reloaded server configuration/,
): Step {
  return { kind: "reload", config, log };
}

/**
 * Replaces the configuration file, sends SIGHUP and records what the server
 * logs from there to the end of the reload; needs `alone`.
 */
export function reloadLog(config: string): Step {
  return { kind: "reloadLog", config };
}

/** Records that the server logged a line since the scenario began. */
export function logged(pattern: RegExp): Step {
  return { kind: "logged", pattern };
}

/** Records a part of a monitoring endpoint's JSON; needs a monitoring port. */
export function monitor(
  path: string,
  select: (body: unknown) => unknown,
): Step {
  return { kind: "monitor", path, select };
}

/** Opens a connection and completes `CONNECT`, up to the first `PONG`. */
export function client(
  on: string,
  fields: Readonly<Record<string, unknown>> = {},
): Step[] {
  return [open(on), connect(on, fields), ...sync(on)];
}

/** Sends the same bytes once per possible cut in two, each time followed by a `sync`. */
export function everyCut(on: string, text: string): Step[] {
  const length = new TextEncoder().encode(text).length;
  return Array.from({ length: length - 1 }, (_, i) => [
    send(on, text, { cuts: [i + 1] }),
    ...sync(on),
  ]).flat();
}

/** Steps, possibly grouped by the helpers that made them. */
export type Steps = Step | readonly Steps[];

function flatten(steps: Steps): Step[] {
  return "kind" in steps ? [steps] : steps.flatMap(flatten);
}

/** A scenario on a shared fixture. */
export function scenario(
  fixture: Fixture,
  name: string,
  proves: Claims,
  ...steps: Steps[]
): Scenario {
  return { fixture, name, proves, steps: flatten(steps) };
}

/** A scenario that gets servers of its own. */
export function aloneScenario(
  fixture: Fixture,
  name: string,
  proves: Claims,
  ...steps: Steps[]
): Scenario {
  return { ...scenario(fixture, name, proves, ...steps), alone: true };
}
