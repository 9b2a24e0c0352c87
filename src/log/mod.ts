/**
 * Logging: levels, line format, the sinks (standard error, file with rotation,
 * local and remote syslog), and the pure helpers that turn protocol bytes into
 * trace text without secrets. Everything takes its clock, disk and network as
 * parameters. Depends on `runtime/` only.
 *
 * @module
 */
export type { ClosableLogger, Logger } from "./logger.ts";
export { ServerLog } from "./server_log.ts";
export { type LogOptions, type LogPorts, openLogger } from "./open.ts";
export { LogOpenError } from "./open_error.ts";
export { formatTimestamp } from "./timestamp.ts";
export { RateLimiter } from "./rate_limiter.ts";
export { type ErrorCadence, reportsAttempt } from "./cadence.ts";
export { quoteBytes, quoteText } from "./quote.ts";
export {
  traceDelete,
  traceInbound,
  traceOutbound,
  tracePayload,
  type TracePayloadOptions,
} from "./trace.ts";
export { redactSecrets, redactUrl } from "./redact.ts";
export { redactArguments } from "./redact_arguments.ts";
