/**
 * Stand-in for `jsr:@std/assert`: the part of it that this project uses, with
 * the same names and signatures, over `node:assert` and `node:util`. Taken
 * through `links` in `deno.json`; without that entry the real package serves.
 *
 * @module
 */
export * from "./assertion_error.ts";
export * from "./equality.ts";
export * from "./errors.ts";
export * from "./object_match.ts";
export * from "./values.ts";
