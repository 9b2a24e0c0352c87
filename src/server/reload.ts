/**
 * Takes over a changed configuration while running: all of it or nothing.
 *
 * @module
 */

import { SYSTEM_ACCOUNT } from "../account/mod.ts";
import type { Options, TlsBlock } from "../config/mod.ts";
import { ERR_MAX_CONNECTIONS } from "../protocol/mod.ts";
import { CloseReason } from "../connection/mod.ts";
import { isPinned } from "../client/mod.ts";
import { parseAdvertise } from "./advertise.ts";
import {
  changedFields,
  NOT_RELOADABLE,
  RELOADABLE,
  sameValue,
  shown,
  SILENT_FIELDS,
} from "./reload_table.ts";
import { checkVerifies } from "./ocsp.ts";
import { judgeAll } from "./judgement.ts";
import { jetStreamObstacle } from "./reload_jetstream.ts";
import type { ServerState } from "./state.ts";
import { warnOfMissingStaple } from "./tls.ts";

/** A configuration that can't be taken over while running. */
export class ReloadError extends Error {
  override readonly name = "ReloadError";
}

/** What only the server itself can do. */
export interface ReloadTarget {
  readonly state: ServerState;
  /** Makes ready what TLS of the WebSocket listener needs; the result applies it. */
  prepareWebsocketTls(block: TlsBlock | undefined): () => void;
  /** Opens the log anew. */
  configureLog(options: Options): Promise<void>;
  /** Writes pid and ports file anew. */
  writeFiles(previous: Options): void;
}

/**
 * Compares `wanted` with the options in force and applies the difference.
 * @throws ReloadError or a validation error; then nothing has changed
 */
export async function reloadOptions(
  target: ReloadTarget,
  wanted: Options,
): Promise<void> {
  const { state } = target;
  const { options, listening } = state;
  // The port that the system chose is the one that is in force.
  const previous = { ...options, port: listening.port || options.port };
  const next: Options = {
    ...wanted,
    port: wanted.port === 0 || wanted.port === -1 ? previous.port : wanted.port,
    noSignals: previous.noSignals,
    noLog: previous.noLog,
    dontListen: previous.dontListen,
    alwaysEnableNonce: previous.alwaysEnableNonce,
    disableShortFirstPing: previous.disableShortFirstPing,
  };
  const changed = changedFields(previous, next);
  checkReloadable(changed, previous, next);
  const { isEnabled } = state.jetstream;
  const obstacle = jetStreamObstacle(previous, next, isEnabled);
  if (obstacle !== "") throw new ReloadError(obstacle);
  state.checkAccounts(next);
  checkVerifies(next);
  const tls = state.prepareTls(next);
  const websocketTls = target.prepareWebsocketTls(next.websocket.tls);
  // The last that can fail. Reloads come one by one, so nothing else changes.
  if (changed.some((field) => LOG_FIELDS.has(field))) {
    await target.configureLog(next);
  }
  state.options = next;
  tls();
  websocketTls();
  apply(target, changed, previous);
  // Users and accounts are always taken over anew, and said to be.
  const told = new Set<string>([...changed, ...ALWAYS]);
  if (isFilled(next, previous)) told.add("resolverPreload");
  for (const [field, describe] of Object.entries(RELOADABLE)) {
    const lines = told.has(field) ? describe(next, previous).split("\n") : [];
    for (const line of lines) if (line !== "") state.logger.notice(line);
  }
  try {
    await state.reloadAccounts(previous);
  } catch (error) {
    // A resolver's directory can fail at any time. Who may connect must follow
    // the new options all the same.
    const reason = error instanceof Error ? error.message : String(error);
    state.logger.error(`Could not reload accounts: ${reason}`);
  }
  await Promise.all([state.jetstream.reload(), state.reauthenticate()]);
  if (changed.some((field) => STATSZ_FIELDS.has(field))) {
    state.events?.changed();
  }
  state.ocsp.restart();
  closeUnpinned(state);
  warnOfMissingStaple(next, state.logger);
  state.logger.notice(`Reloaded server configuration ${digestText(next)}`);
}

const ALWAYS = ["users", "accounts"] as const;

/** What figures show to those who listen. */
const STATSZ_FIELDS: ReadonlySet<keyof Options> = new Set([
  "serverTags",
  "serverMetadata",
  "jetstream",
]);

const LOG_FIELDS: ReadonlySet<keyof Options> = new Set([
  "debug",
  "trace",
  "traceVerbose",
  "logTime",
  "logTimeUtc",
  "logFile",
  "syslog",
  "remoteSyslog",
]);

function checkReloadable(
  changed: readonly (keyof Options)[],
  previous: Options,
  next: Options,
): void {
  for (const field of changed) {
    if (RELOADABLE[field] !== undefined || SILENT_FIELDS.has(field)) continue;
    if (field === "websocket" && differsInTlsOnly(previous, next)) continue;
    if (isHarmless(field, previous, next)) continue;
    if (field === "resolver" && comesOrGoes(previous.resolver, next.resolver)) {
      throw new ReloadError(
        "config reload does not support moving to or from an account resolver",
      );
    }
    if (RESOLVER_FIELDS.has(field) && isReplaceable(previous, next)) continue;
    const name = NOT_RELOADABLE[field] ?? field;
    throw new ReloadError(
      `config reload not supported for ${name}: old=${
        shown(field, previous[field])
      }, new=${shown(field, next[field])}`,
    );
  }
  const { clientAdvertise } = next;
  if (clientAdvertise === previous.clientAdvertise) return;
  try {
    if (clientAdvertise !== "") parseAdvertise(clientAdvertise, 0);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ReloadError(
      `invalid ClientAdvertise value of ${clientAdvertise}, err=${reason}`,
    );
  }
}

/** Whether a change takes away what is not there any more. */
function isHarmless(
  field: keyof Options,
  previous: Options,
  next: Options,
): boolean {
  if (field === "noAuthUser" && next.noAuthUser === "") {
    return !next.users.some(({ username }) => username === previous.noAuthUser);
  }
  const nameOf = (name: string) => name || SYSTEM_ACCOUNT;
  return field === "systemAccount" &&
    nameOf(next.systemAccount) === nameOf(previous.systemAccount);
}

const RESOLVER_FIELDS: ReadonlySet<keyof Options> = new Set([
  "resolver",
  "resolverTls",
]);

/** Whether the resolver is one that holds accounts, which the log always mentions. */
function isFilled({ resolver }: Options, previous: Options): boolean {
  if (resolver === undefined || resolver.kind === "url") return false;
  return resolver.kind !== "memory" || previous.resolverPreload.size > 0;
}

/** Whether neither resolver has a directory, which others may still write to. */
function isReplaceable(previous: Options, next: Options): boolean {
  return [previous.resolver, next.resolver].every((resolver) =>
    resolver?.kind === "memory" || resolver?.kind === "url"
  );
}

function comesOrGoes(previous: unknown, next: unknown): boolean {
  return (previous === undefined) !== (next === undefined);
}

/** Certificates of the WebSocket listener can change, nothing else of it. */
function differsInTlsOnly(
  { websocket: previous }: Options,
  { websocket: next }: Options,
): boolean {
  return (previous.tls === undefined) === (next.tls === undefined) &&
    sameValue({ ...previous, tls: undefined }, { ...next, tls: undefined });
}

function apply(
  target: ReloadTarget,
  changed: readonly (keyof Options)[],
  previous: Options,
): void {
  const { state } = target;
  const has = (field: keyof Options) => changed.includes(field);
  const { options } = state;
  if (has("maxPayload") || has("maxControlLine")) {
    for (const session of state.clients.open()) {
      session.applyLimits();
      session.parser.maxControlLine = options.maxControlLine;
    }
  }
  if (has("maxConnections")) closeExcess(state);
  if (has("mappings") || has("accounts") || has("jetstream")) {
    dropAccounts(state);
  }
  if (has("clientAdvertise")) state.listensOn(state.listening);
  if (has("pidFile") || has("portsFileDir")) target.writeFiles(previous);
}

/** Clients of accounts that are gone, or that moved, reconnect to find their place. */
function dropAccounts(state: ServerState): void {
  const removed = new Set(state.accounts.configure(state.options));
  const members = [...state.clients.open()]
    .filter(({ account }) => removed.has(account));
  void judgeAll(
    members,
    (session) => session.close(CloseReason.ClientClosed),
    state,
  );
}

function closeExcess(state: ServerState): void {
  const sessions = [...state.clients.open()]
    .filter((session) => session.connectionType !== "IN_PROCESS");
  const limit = Math.max(0, state.options.maxConnections);
  const excess = sessions.slice(0, Math.max(0, sessions.length - limit));
  if (excess.length === 0) return;
  for (const session of excess) {
    session.logError(ERR_MAX_CONNECTIONS);
    session.sendError(ERR_MAX_CONNECTIONS);
    session.close(CloseReason.MaxConnectionsExceeded);
  }
  state.logger.notice(
    `Closed ${excess.length} connections to fall within max_connections`,
  );
}

function closeUnpinned(state: ServerState): void {
  const unpinned = [...state.clients.open()]
    .filter((session) => session.tls !== null && !isPinned(session));
  if (unpinned.length === 0) return;
  for (const session of unpinned) session.close(CloseReason.TlsHandshakeError);
  state.logger.notice(
    `Disconnect ${unpinned.length} clients due to pinned certs reload`,
  );
}

function digestText({ configDigest }: Options): string {
  return configDigest === "" ? "" : `(${configDigest})`;
}
