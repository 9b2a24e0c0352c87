/**
 * Ports and their Deno implementation: the only folder that touches the
 * platform. Imports nothing from the rest of the project.
 *
 * @module
 */
export * from "./ports.ts";
export * from "./tls_port.ts";
export * from "./http_port.ts";
export * from "./profiler_port.ts";
export { denoRuntime } from "./deno/mod.ts";
export { answerRequests } from "./deno/worker_answers.ts";
export {
  publicEd25519,
  publicX25519,
  signEd25519,
  verifyEd25519,
} from "./ed25519.ts";
export { checkTlsAuthorities, checkTlsIdentity } from "./deno/tls_pem.ts";
export { replaceFile } from "./replace_file.ts";
export { sha1, verifySignature } from "./signature.ts";
