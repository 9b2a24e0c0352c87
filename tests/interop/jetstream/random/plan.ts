/**
 * What a client does to a server, as data: it can be played to several, and
 * cut down.
 *
 * @module
 */

/** Fields of a JSON object. */
export type Fields = Record<string, unknown>;

/** A message that is sent. `~A` and the like stand for streams of the run. */
export interface Step {
  readonly subject: string;
  readonly body: string | Fields;
  /** Lines. */
  readonly headers: readonly string[];
  /** What comes back: one message, several up to a status, or maybe nothing. */
  readonly answers: "one" | "several" | "any";
  /** Reply subject, where it means something. */
  readonly reply?: string;
  /** Acknowledges what comes. */
  readonly acks?: boolean;
  /** Milliseconds to wait afterwards. */
  readonly pause?: number;
}

/** A client's work with streams of its own. */
export interface Plan {
  readonly seed: number;
  readonly steps: readonly Step[];
}

/** A request to the API. */
export function api(
  name: string,
  body: Step["body"],
  headers: readonly string[] = [],
): Step {
  return { subject: `$JS.API.${name}`, body, headers, answers: "one" };
}

/** JSON; texts of 16 to 20 digits become numbers, which would not be exact. */
export function jsonOf(body: Step["body"]): string {
  return typeof body === "string"
    ? body
    : JSON.stringify(body).replace(/"(\d{16,20})"/g, "$1");
}

/** One line for each step. */
export function showPlan({ seed, steps }: Plan): string {
  const lines = steps.map(({ subject, reply = "", headers, body }, i) =>
    [i, subject, reply, JSON.stringify(headers), jsonOf(body)].join(" ")
  );
  return `seed ${seed}\n${lines.join("\n")}`;
}
