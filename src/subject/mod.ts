/**
 * Subjects: what is one, how it is held, which subscriptions match it, and how
 * one subject becomes another.
 *
 * On the data plane a subject is a range of bytes in a buffer; elsewhere it is
 * a byte string, see `bytes.ts`. Nothing here does I/O; chance comes through
 * the `Random` port.
 *
 * @module
 */

export {
  bytesToSubject,
  isByteString,
  subjectFromText,
  subjectToBytes,
  subjectToText,
  writeSubject,
} from "./bytes.ts";
export { ByteStringMap } from "./byte_string_map.ts";
export * from "./errors.ts";
export { IndexStats, type IndexStatsJson } from "./index_stats.ts";
export type { InterestCallback } from "./interest.ts";
export { drawMember, EMPTY_RESULT, MatchResult } from "./match_result.ts";
export {
  SubscriptionIndex,
  type SubscriptionIndexOptions,
} from "./subscription_index.ts";
export { Bag, type IndexedSubscription } from "./subscription_set.ts";
export { fnv1a32 } from "./fnv.ts";
export { KeyedHash } from "./hash.ts";
export { SubjectFilter } from "./subject_filter.ts";
export * from "./tokens.ts";
export {
  createTransform,
  destinationPattern,
  identityDestination,
  SubjectTransform,
  type TransformOptions,
  validateMapping,
} from "./transform.ts";
export {
  hasWildcard,
  isLiteral,
  isValid,
  isValidLiteral,
  isValidLiteralSubject,
  isValidPublishSubject,
  isValidSubject,
  isValidTextSubject,
} from "./validation.ts";
