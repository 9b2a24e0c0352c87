/**
 * One request to the API.
 *
 * @module
 */

import type { Account, ClientInfo } from "../../account/mod.ts";
import { subjectToText, tokenize } from "../../subject/mod.ts";
import type { Advised } from "../advisories.ts";
import type { JetStreamAccount } from "../account.ts";
import { ApiError } from "../errors.ts";
import type { Kind } from "../json/kind.ts";
import { readLeniently, readStrictly } from "../json/read.ts";
import { JsonError } from "../json/reading.ts";
import { JsonScanner } from "../json/scanner.ts";
import { headerValue } from "../stream/header_block.ts";
import { isSupportedLevel } from "../versioning.ts";

const REQUIRED_LEVEL_HEADER = "Nats-Required-Api-Level";

/** What came in. */
export interface CallFacts {
  /** Byte string. */
  readonly subject: string;
  /** Byte string; empty: nobody waits for an answer. */
  readonly reply: string;
  /** Header block, byte string. */
  readonly headers: string;
  readonly body: Uint8Array;
  /** Account on whose behalf the request is. */
  readonly account: Account;
  /** Null when JetStream is not enabled for the account. */
  readonly jetstream: JetStreamAccount | null;
  /** Who asks, as the request tells. */
  readonly client: ClientInfo;
  /** Whether unknown fields are errors. */
  readonly strict: boolean;
  /** Told of requests that can't be read. */
  readonly warn: (reason: string) => void;
}

/** Checks and reads requests. */
export class Call {
  readonly #tokens: readonly string[];

  constructor(readonly facts: CallFacts) {
    this.#tokens = tokenize(facts.subject);
  }

  /** Number of tokens of the subject. */
  get size(): number {
    return this.#tokens.length;
  }

  /** Text of the subject's token; the first is 1. */
  token(position: number): string {
    return subjectToText(this.#tokens[position - 1] ?? "");
  }

  /** Text of the subject from that token on. */
  tail(position: number): string {
    return subjectToText(this.#tokens.slice(position - 1).join("."));
  }

  /** Who asks, as others may know. */
  get advised(): Advised {
    const { jwt: _, ...advised } = this.facts.client;
    return advised;
  }

  header(name: string): string | null {
    return headerValue(this.facts.headers, name);
  }

  /** @throws ApiError when the client needs more than this server has */
  checkLevel(): void {
    const level = this.header(REQUIRED_LEVEL_HEADER) ?? "";
    if (level !== "" && !isSupportedLevel(level)) {
      throw new ApiError("requiredApiLevel");
    }
  }

  /** JetStream of the account. @throws ApiError */
  get jetstream(): JetStreamAccount {
    const { jetstream } = this.facts;
    if (jetstream === null) throw new ApiError("notEnabledForAccount");
    return jetstream;
  }

  /** What most requests begin with. @throws ApiError */
  enter(): JetStreamAccount {
    this.checkLevel();
    return this.jetstream;
  }

  /** Whether nothing, or an object without fields, was sent. */
  get isEmpty(): boolean {
    const { body } = this.facts;
    if (body.length === 0) return true;
    try {
      const node = new JsonScanner(body).whole();
      return node.type === "object" && node.entries.length === 0;
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      return false;
    }
  }

  /** @throws ApiError */
  checkEmpty(): void {
    if (!this.isEmpty) throw new ApiError("notEmptyRequest");
  }

  /** The body, which must be there. @throws ApiError */
  readRequired<T>(kind: Kind<T>): T {
    if (this.isEmpty) throw new ApiError("badRequest");
    return this.read(kind);
  }

  /** The body if it is an object or a list; the zero value if not. @throws ApiError */
  readOptional<T>(kind: Kind<T>): T {
    const { body } = this.facts;
    const first = body.find((byte) => !isSpace(byte));
    const isJson = first === 0x7b || first === 0x5b;
    return isJson ? this.read(kind) : kind.zero();
  }

  /** @throws ApiError */
  read<T>(kind: Kind<T>): T {
    const { body, strict, warn } = this.facts;
    try {
      try {
        return readStrictly(kind, body);
      } catch (error) {
        if (!(error instanceof JsonError)) throw error;
        warn(error.message);
        if (strict) throw error;
        return readLeniently(kind, body);
      }
    } catch (error) {
      throw asInvalidJson(error);
    }
  }

  /** The body as plain clients write it. @throws ApiError */
  readPlain<T>(kind: Kind<T>): T {
    try {
      return readLeniently(kind, this.facts.body);
    } catch (error) {
      throw asInvalidJson(error);
    }
  }
}

function asInvalidJson(error: unknown): unknown {
  return error instanceof JsonError
    ? new ApiError("invalidJSON", { err: error.message })
    : error;
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}
