/**
 * Configuration: the language, the options and their validation.
 *
 * Contract: turns text into typed `Options` or into errors that name file,
 * line and column; starts nothing.
 *
 * The way of a server's options: `loadOptions` reads file and command line,
 * `applyDefaults` fills in what is not set, `validateOptions` refuses what does
 * not go together, `unsupportedOptions` tells what this server does not serve.
 *
 * @module
 */

export type * from "./options.ts";
export {
  decodeBase64,
  decodeBase64Url,
  encodeBase64,
  encodeBase64Url,
} from "./base64.ts";
export { isConnectionType } from "./authorization_fields.ts";
export { applyDefaults, DEFAULTS, LARGE_PAYLOAD } from "./defaults.ts";
export { DurationError, formatDuration, parseDuration } from "./duration.ts";
export { demandsStaple } from "./must_staple.ts";
export { emptyOptions } from "./empty_options.ts";
export {
  importCycle,
  type ImportGraph,
  type ImportKind,
  type ImportLink,
} from "./import_cycles.ts";
export {
  type Claims,
  decodeGenericJwt,
  decodeJwt,
  isObject,
  type JsonObject,
  JwtError,
} from "./jwt.ts";
export {
  checkConfigFile,
  type LoadContext,
  type Loaded,
  loadOptions,
  type LoadRequest,
  parseOptions,
} from "./load.ts";
export { isPublicKey, type KeyKind, publicKeyBytes } from "./nkeys.ts";
export { OVERRIDES, type Overrides } from "./overrides.ts";
export { ConfigSyntaxError } from "./parsed_config.ts";
export { ConfigurationError, OptionsError } from "./report.ts";
export { unsupportedOptions } from "./support.ts";
export { validateOptions } from "./validate.ts";
export { checkMonitoring } from "./validate_listeners.ts";
