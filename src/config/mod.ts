/**
 * Configuration: the language, the options and their validation.
 *
 * Contract: turns text into typed `Options` or into errors that name file,
 * line and column; starts nothing.
 *
 * @module
 */

export type * from "./options.ts";
export { applyDefaults } from "./defaults.ts";
export { emptyOptions } from "./empty_options.ts";
