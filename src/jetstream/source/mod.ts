/**
 * Mirrors and sources: streams that are copied from others.
 *
 * Contract: an origin is reached by its API and by what its consumer delivers,
 * wherever it is; nothing here knows whether it is another stream of the same
 * server.
 *
 * @module
 */

export { Copies } from "./copies.ts";
