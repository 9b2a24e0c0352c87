/**
 * Parameters of requests by HTTP.
 *
 * @module
 */

import { quoteText } from "../log/mod.ts";
import { MonitorError } from "./monitored_server.ts";

const TRUE: ReadonlySet<string> = new Set([
  "1",
  "t",
  "T",
  "TRUE",
  "true",
  "True",
]);
const FALSE: ReadonlySet<string> = new Set([
  "0",
  "f",
  "F",
  "FALSE",
  "false",
  "False",
]);

/** A count; more than 2^53 - 1 is held as a bigint. */
export type Count = number | bigint;

/** How subscriptions are wanted. */
export interface SubscriptionsWanted {
  readonly subscriptions: boolean;
  readonly detail: boolean;
}

/** Reads parameters; those that are absent or empty have their zero value. */
export class Query {
  readonly #parameters: URLSearchParams;

  constructor(parameters: URLSearchParams) {
    this.#parameters = parameters;
  }

  text(name: string): string {
    return this.#parameters.get(name) ?? "";
  }

  /** @throws MonitorError */
  flag(name: string): boolean {
    const text = this.text(name);
    if (text === "" || FALSE.has(text)) return false;
    if (TRUE.has(text)) return true;
    throw decoding("boolean", name, "ParseBool", text, "invalid syntax");
  }

  /** A signed integer. @throws MonitorError */
  integer(name: string): Count {
    return this.#integer(
      name,
      "int",
      "Atoi",
      /^[-+]?[0-9]+$/,
      [-(2n ** 63n), 2n ** 63n - 1n],
    );
  }

  /** An unsigned integer. @throws MonitorError */
  unsigned(name: string): Count {
    const range = [0n, 2n ** 64n - 1n] as const;
    return this.#integer(name, "uint64", "ParseUint", /^[0-9]+$/, range);
  }

  /** `subs`, which may be a flag or `detail`. @throws MonitorError */
  subscriptions(): SubscriptionsWanted {
    const detail = this.text("subs").toLowerCase() === "detail";
    return { subscriptions: detail ? false : this.flag("subs"), detail };
  }

  #integer(
    name: string,
    type: string,
    parser: string,
    syntax: RegExp,
    [min, max]: readonly [bigint, bigint],
  ): Count {
    const text = this.text(name);
    if (text === "") return 0;
    if (!syntax.test(text)) {
      throw decoding(type, name, parser, text, "invalid syntax");
    }
    const value = BigInt(text.replace(/^\+/, ""));
    if (value < min || value > max) {
      throw decoding(type, name, parser, text, "value out of range");
    }
    const small = Number(value);
    return Number.isSafeInteger(small) ? small : value;
  }
}

function decoding(
  type: string,
  name: string,
  parser: string,
  text: string,
  reason: string,
): MonitorError {
  return new MonitorError(
    `Error decoding ${type} for '${name}': strconv.${parser}: parsing ${
      quoteText(text)
    }: ${reason}`,
  );
}
