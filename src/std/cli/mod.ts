/**
 * Stand-in for `jsr:@std/cli`: argument parsing over `node:util`.
 *
 * @module
 */
export * from "./parse_args.ts";
