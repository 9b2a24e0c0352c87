/**
 * `$JS.API.STREAM.SNAPSHOT.…`: backups of streams.
 *
 * @module
 */

import { formatDuration } from "../../config/mod.ts";
import { isValidPublishSubject, subjectFromText } from "../../subject/mod.ts";
import type { ManagedStream } from "../assets.ts";
import { ApiError } from "../errors.ts";
import { boolean, int, string } from "../json/kind.ts";
import { omit, struct } from "../json/struct.ts";
import { formatTime } from "../json/time.ts";
import { friendlyBytes } from "../settings.ts";
import { SnapshotSender } from "../snapshot/sender.ts";
import { snapshotPieces } from "../snapshot/writer.ts";
import { STREAM_STATE, type StreamState } from "../types/infos.ts";
import { STREAM_CONFIG } from "../types/stream_config.ts";
import type { Call } from "./call.ts";
import type { ApiContext } from "./context.ts";
import type { Endpoint } from "./endpoint.ts";

const STREAM = 5;

interface SnapshotRequest {
  deliver_subject: string;
  no_consumers: boolean;
  chunk_size: number;
  window_size: number;
  jsck: boolean;
}

const REQUEST = struct<SnapshotRequest>("JSApiStreamSnapshotRequest", {
  deliver_subject: string,
  no_consumers: omit(boolean),
  chunk_size: omit(int),
  window_size: omit(int),
  jsck: omit(boolean),
});

export function snapshotEndpoints(context: ApiContext): Endpoint[] {
  return [{
    subject: "$JS.API.STREAM.SNAPSHOT.*",
    type: "stream_snapshot_response",
    handle(call) {
      const account = call.enter();
      if (call.isEmpty) throw new ApiError("badRequest");
      const stream = account.stream(call.token(STREAM));
      const request = call.read(REQUEST);
      const subject = subjectFromText(request.deliver_subject);
      if (!isValidPublishSubject(subject)) {
        throw new ApiError("snapshotDeliverSubjectInvalid");
      }
      const what = request.jsck ? "health check and snapshot" : "snapshot";
      context.server.logger.notice(
        `Starting ${what} for stream '${account.name} > ${stream.name}'`,
      );
      if (stream.offlineReason !== "") {
        throw new ApiError("streamSnapshot", { err: "stream closed" });
      }
      const state = stream.state();
      return {
        fields: `"config":${STREAM_CONFIG.write(stream.config)},` +
          `"state":${STREAM_STATE.write(state)}`,
        after: () => void send(context, call, stream, request, state),
      };
    },
  }];
}

/** Sends the snapshot, and tells of it. */
async function send(
  context: ApiContext,
  call: Call,
  stream: ManagedStream,
  request: SnapshotRequest,
  state: StreamState,
): Promise<void> {
  const { server, advisories, speaker, clock, domain } = context;
  const { account } = call.facts;
  const client = call.advised;
  const { name, store } = stream;
  if (store === null) return;
  const start = clock.nowNanos();
  advisories.advise(
    account,
    `STREAM.SNAPSHOT_CREATE.${name}`,
    "snapshot_create",
    () => ({
      stream: name,
      state: STREAM_STATE.tree(state),
      client,
      domain: domain || undefined,
    }),
  );
  const sender = new SnapshotSender(server, speaker, {
    account,
    stream: name,
    subject: request.deliver_subject,
    chunkSize: request.chunk_size,
    windowSize: request.window_size,
    id: context.drawId(),
  });
  const consumers = request.no_consumers ? [] : [...stream.consumers.values()];
  const release = store.holdForSnapshot();
  let fault: string;
  try {
    const source = { store, state, consumers, time: start };
    fault = await sender.send(snapshotPieces(source));
  } finally {
    release();
  }
  const end = clock.nowNanos();
  advisories.advise(
    account,
    `STREAM.SNAPSHOT_COMPLETE.${name}`,
    "snapshot_complete",
    () => ({
      stream: name,
      start: formatTime(start),
      end: formatTime(end),
      client,
      domain: domain || undefined,
      error: fault || undefined,
    }),
  );
  const label = `'${account.name} > ${name}'`;
  const took = formatDuration(Number(end - start) / 1e6);
  if (fault === "") {
    server.logger.notice(
      `Completed snapshot of ${
        friendlyBytes(state.bytes)
      } for stream ${label} in ${took}`,
    );
  } else {
    server.logger.warn(
      `Snapshot for stream ${label} failed after ${took}: ${fault}`,
    );
  }
}
