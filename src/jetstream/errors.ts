/**
 * Errors as the JetStream API tells them.
 *
 * @module
 */

import { API_ERRORS } from "./error_table.ts";

/** Name of an error. */
export type ApiErrorName = keyof typeof API_ERRORS;

/** As it stands in an answer. */
export interface ApiErrorBody {
  readonly code: number;
  readonly err_code: number;
  readonly description: string;
}

/** A request that is refused, or can't be done; for the client to see. */
export class ApiError extends Error implements ApiErrorBody {
  override readonly name = "ApiError";
  readonly code: number;
  readonly err_code: number;
  readonly description: string;

  /**
   * @param values for the placeholders of the text, without their braces
   */
  constructor(
    readonly kind: ApiErrorName,
    values: Readonly<Record<string, string | number>> = {},
    options?: ErrorOptions,
  ) {
    const { code, err_code, template } = entry(kind);
    const description = template.replace(
      /\{(\w+)\}/g,
      (placeholder, name) => String(values[name] ?? placeholder),
    );
    super(`${description} (${err_code})`, options);
    this.code = code;
    this.err_code = err_code;
    this.description = description;
  }

  /**
   * The error itself if it is one for clients, else `kind` with its text as
   * `{err}`.
   */
  static from(error: unknown, kind: ApiErrorName): ApiError {
    if (error instanceof ApiError) return error;
    const err = error instanceof Error ? error.message : String(error);
    return new ApiError(kind, { err }, { cause: error });
  }

  is(...kinds: readonly ApiErrorName[]): boolean {
    return kinds.includes(this.kind);
  }

  toJSON(): ApiErrorBody {
    const { code, err_code, description } = this;
    return { code, err_code, description };
  }
}

/** Status, number and text of an error. */
function entry(kind: ApiErrorName) {
  const [code, number, ...words] = API_ERRORS[kind].split(" ");
  return {
    code: Number(code),
    err_code: Number(number),
    template: words.join(" "),
  };
}
