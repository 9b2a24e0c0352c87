/**
 * Errors of this folder; messages are those of the Go server.
 *
 * @module
 */

/** A refused operation on a subscription index. */
export class SubjectIndexError extends Error {
  override readonly name = "SubjectIndexError";
}

/** The subject is malformed, or a wildcard where a literal is needed. */
export const INVALID_SUBJECT = "sublist: invalid subject";
/** The subscription to remove is not in the index. */
export const NOT_FOUND = "sublist: no matches found";
/** The same callback is registered already. */
export const ALREADY_REGISTERED = "sublist: notification already registered";

/** A subject that can't be transformed, or a transform that can't be made. */
export class SubjectTransformError extends Error {
  override readonly name: string = "SubjectTransformError";
}

/** A destination of a mapping or transform that makes no sense. */
export class MappingDestinationError extends SubjectTransformError {
  override readonly name = "MappingDestinationError";

  /** `token`: the offending part of the destination, may be empty. */
  constructor(reason: MappingDestinationReason, readonly token: string) {
    const text = `invalid mapping destination: ${reason}`;
    super(token === "" ? text : `${text} in ${token}`);
  }
}

/** What is wrong with a mapping destination. */
export type MappingDestinationReason =
  | "invalid transform"
  | "not using all of the token wildcard(s)"
  | "unknown function"
  | "wildcard index out of range"
  | "not enough arguments passed to the function"
  | "function argument is invalid or in the wrong format"
  | "too many arguments passed to the function"
  | "the only mapping function allowed for import transforms is {{Wildcard()}}";
