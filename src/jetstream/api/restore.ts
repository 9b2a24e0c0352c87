/**
 * `$JS.API.STREAM.RESTORE.…`: streams from their backups.
 *
 * @module
 */

import {
  type Account,
  type Receiver,
  Subscription,
} from "../../account/mod.ts";
import { asLongAs, inSlices, type Work } from "../../connection/mod.ts";
import { formatDuration } from "../../config/mod.ts";
import { encodeGoJson, type Message } from "../../protocol/mod.ts";
import type { Timer } from "../../runtime/mod.ts";
import { subjectFromText } from "../../subject/mod.ts";
import type { Advised } from "../advisories.ts";
import type { ManagedStream } from "../assets.ts";
import { ApiError } from "../errors.ts";
import { struct } from "../json/struct.ts";
import { formatTime } from "../json/time.ts";
import { friendlyBytes } from "../settings.ts";
import type { SnapshotRestorer } from "../snapshot/restorer.ts";
import { STREAM_INFO, STREAM_STATE, type StreamState } from "../types/infos.ts";
import { STREAM_CONFIG, type StreamConfig } from "../types/stream_config.ts";
import { shown } from "../versioning.ts";
import type { ApiContext } from "./context.ts";
import { type Endpoint, typeName } from "./endpoint.ts";
import { infoOf } from "./streams.ts";

const STREAM = 5;
/** Milliseconds between two chunks. */
const PATIENCE = 5000;

const REQUEST = struct<{ config: StreamConfig; state: StreamState }>(
  "JSApiStreamRestoreRequest",
  { config: STREAM_CONFIG, state: STREAM_STATE },
);

export function restoreEndpoints(context: ApiContext): Endpoint[] {
  return [{
    subject: "$JS.API.STREAM.RESTORE.*",
    type: "stream_restore_response",
    besideError: '"deliver_subject":""',
    handle(call) {
      const account = call.enter();
      const { config: given } = call.readRequired(REQUEST);
      const name = call.token(STREAM);
      const wanted = { ...given, name: given.name || name };
      if (wanted.name !== name) throw new ApiError("streamMismatch");
      if (/[\\/]/.test(name)) {
        throw new ApiError("streamNameContainsPathSeparators");
      }
      const config = account.checked(wanted, false);
      account.checkNew(config);
      if (account.streams.has(name)) {
        throw new ApiError("streamNameExistRestoreFailed");
      }
      const restorer = context.restorer(account, config);
      const session = new RestoreSession(context, {
        account: account.account,
        name,
        client: call.advised,
        restorer,
      });
      const subject = session.open();
      return { fields: `"deliver_subject":${encodeGoJson(subject)}` };
    },
  }];
}

/** Who restores what. */
interface Restored {
  readonly account: Account;
  readonly name: string;
  readonly client: Advised;
  readonly restorer: SnapshotRestorer;
}

/** Takes the chunks of one backup. */
class RestoreSession implements Receiver {
  readonly seesImports = false;
  readonly sends = false;
  readonly #context: ApiContext;
  readonly #restored: Restored;
  readonly #start: bigint;
  /** What is wrong with the archive; told of when all of it is there. */
  #fault: Error | null = null;
  #subscription: Subscription | null = null;
  #stalled: Timer | null = null;
  /** Those that have come; the first is being taken. */
  readonly #chunks: { readonly bytes: Uint8Array; readonly reply: string }[] =
    [];
  #bytes = 0;

  constructor(context: ApiContext, restored: Restored) {
    this.#context = context;
    this.#restored = restored;
    this.#start = context.clock.nowNanos();
  }

  /** Begins to listen. @returns where to send the chunks, text */
  open(): string {
    const { name, account, client } = this.#restored;
    const { server, advisories, domain } = this.#context;
    server.logger.notice(
      `Starting restore for stream '${account.name} > ${name}'`,
    );
    advisories.advise(
      account,
      `STREAM.RESTORE_CREATE.${name}`,
      "restore_create",
      () => ({ stream: name, client, domain: domain || undefined }),
    );
    const subject = `$JS.SNAPSHOT.RESTORE.${name}.${this.#context.drawId()}`;
    this.#subscription = new Subscription(
      this,
      subjectFromText(subject),
      null,
      "",
    );
    account.subscriptions.insert(this.#subscription);
    this.#watch();
    return subject;
  }

  deliver(_subscription: Subscription, message: Message): boolean {
    const reply = message.reply();
    if (reply === "") {
      this.#fail(
        new Error(
          `restore for stream '${this.#label}' requires reply subject for each chunk`,
        ),
        "",
      );
      return true;
    }
    const { chunk, bodyStart, bodyEnd, headerSize } = message;
    const start = bodyStart + Math.max(0, headerSize);
    const bytes = chunk.bytes.slice(start, bodyEnd);
    // Others are being delivered; what follows waits until that is over.
    this.#context.later(() => this.#take(bytes, reply));
    return true;
  }

  #take(bytes: Uint8Array, reply: string): void {
    if (this.#subscription === null) return;
    this.#chunks.push({ bytes, reply });
    if (this.#chunks.length > 1) return;
    this.#stalled?.cancel();
    void inSlices(this.#taking(), this.#context.server);
  }

  /** Takes what has come, and what comes meanwhile. */
  *#taking(): Work<void> {
    for (let [chunk] = this.#chunks; chunk; [chunk] = this.#chunks) {
      const { bytes, reply } = chunk;
      if (bytes.length === 0) return this.#finish(reply);
      if (this.#fault === null) yield* this.#restoring(bytes);
      if (this.#subscription === null) return;
      this.#bytes += bytes.length;
      this.#say(reply, "");
      this.#chunks.shift();
    }
    this.#watch();
  }

  *#restoring(bytes: Uint8Array): Work<void> {
    try {
      const work = this.#restored.restorer.pushing(bytes);
      // Something else may have ended it.
      yield* asLongAs(() => this.#subscription !== null, work);
    } catch (error) {
      this.#fault = error instanceof Error ? error : new Error(String(error));
      this.#abandon();
    }
  }

  #abandon(): void {
    try {
      this.#restored.restorer.abandon();
    } catch (error) {
      const { logger } = this.#context.server;
      logger.error(`Restore of stream '${this.#label}' left files: ${error}`);
    }
  }

  #finish(reply: string): void {
    this.#stop();
    let landed: ManagedStream | Promise<ManagedStream>;
    try {
      landed = inSlices(this.#landing(), this.#context.server);
    } catch (error) {
      return this.#fail(error, reply);
    }
    if (!(landed instanceof Promise)) return this.#settle(landed, reply);
    landed.then(
      (stream) => this.#settle(stream, reply),
      (error) => this.#fail(error, reply),
    );
  }

  *#landing(): Work<ManagedStream> {
    if (this.#fault !== null) throw this.#fault;
    if (this.#bytes === 0) throw new Error("EOF");
    return yield* this.#restored.restorer.ending();
  }

  #settle(stream: ManagedStream, reply: string): void {
    if (stream.ready !== null) {
      stream.ready.then(() => this.#settle(stream, reply));
      return;
    }
    const settled = stream.store?.settled() ?? null;
    if (settled === null) return this.#succeed(stream, reply);
    settled.then(
      () => this.#succeed(stream, reply),
      (error) => this.#fail(error, reply),
    );
  }

  #succeed(stream: ManagedStream, reply: string): void {
    const took = this.#close();
    this.#context.server.logger.notice(
      `Completed restore of ${
        friendlyBytes(this.#bytes)
      } for stream '${this.#label}' in ${took}`,
    );
    const info = { ...infoOf(stream, this.#context), domain: "" };
    const fields = STREAM_INFO.writeFields({
      ...info,
      config: shown(stream.config),
    });
    this.#say(reply, `{"type":"${CREATED}",${fields}}`);
  }

  #fail(error: unknown, reply: string): void {
    this.#abandon();
    const took = this.#close();
    this.#context.server.logger.warn(
      `Restore failed for ${
        friendlyBytes(this.#bytes)
      } for stream '${this.#label}' in ${took}`,
    );
    const told = encodeGoJson(ApiError.from(error, "streamRestore"));
    this.#say(reply, `{"type":"${CREATED}","error":${told}}`);
  }

  /** Ends, and tells of it. @returns how long it took */
  #close(): string {
    const { name, account, client } = this.#restored;
    const { advisories, clock, domain } = this.#context;
    this.#stop();
    const end = clock.nowNanos();
    advisories.advise(
      account,
      `STREAM.RESTORE_COMPLETE.${name}`,
      "restore_complete",
      () => ({
        stream: name,
        start: formatTime(this.#start),
        end: formatTime(end),
        bytes: this.#bytes,
        client,
        domain: domain || undefined,
      }),
    );
    return formatDuration(Number(end - this.#start) / 1e6);
  }

  #stop(): void {
    this.#stalled?.cancel();
    if (this.#subscription === null) return;
    this.#restored.account.subscriptions.remove(this.#subscription);
    this.#subscription = null;
  }

  /** Gives up when nothing comes any more. */
  #watch(): void {
    this.#stalled?.cancel();
    this.#stalled = this.#context.server.timers.after(PATIENCE, () => {
      this.#abandon();
      this.#stop();
    });
  }

  #say(reply: string, text: string): void {
    if (reply === "") return;
    const { account } = this.#restored;
    const body = new TextEncoder().encode(text);
    this.#context.speaker.say({ account, subject: reply, body });
  }

  get #label(): string {
    const { account, name } = this.#restored;
    return `${account.name} > ${name}`;
  }
}

const CREATED = typeName("stream_create_response");
