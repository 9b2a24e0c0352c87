/**
 * `$JS.API.STREAM.…`: making, changing, showing and removing streams.
 *
 * @module
 */

import { inSlices } from "../../connection/mod.ts";
import type { ManagedStream } from "../assets.ts";
import { ApiError } from "../errors.ts";
import { boolean, string } from "../json/kind.ts";
import { extend, omit } from "../json/struct.ts";
import { formatTime } from "../json/time.ts";
import { missingSequences, subjectPage } from "../stream/stream_state.ts";
import {
  STREAM_INFO,
  type StreamInfo,
  type StreamState,
} from "../types/infos.ts";
import {
  STREAM_CONFIG_REQUEST,
  type StreamConfig,
} from "../types/stream_config.ts";
import {
  NO_SEQUENCES,
  NO_SUBJECTS,
  type SequenceList,
  type SubjectCounts,
} from "../types/long_lists.ts";
import { shown, withStreamLevel } from "../versioning.ts";
import type { ApiContext } from "./context.ts";
import { DelayedError, type Endpoint, SUCCESS } from "./endpoint.ts";
import { then } from "./later.ts";
import {
  byName,
  listPage,
  namesPage,
  NO_PAGE,
  PAGED_REQUEST,
  pageFields,
  streamsRequest,
} from "./paging.ts";

/** Subjects in one answer. */
const SUBJECTS_LIMIT = 100_000;
/** Position of the stream's name in most subjects. */
const STREAM = 5;

const NAMES_REQUEST = streamsRequest("JSApiStreamNamesRequest");
const LIST_REQUEST = streamsRequest("JSApiStreamListRequest");
const INFO_REQUEST = extend("JSApiStreamInfoRequest", PAGED_REQUEST, {
  deleted_details: omit(boolean),
  subjects_filter: omit(string),
});

/** The endpoints, which ask `context` for what they need of the server. */
export function streamEndpoints(context: ApiContext): Endpoint[] {
  return [
    create(context),
    update(context),
    remove(),
    names(context),
    list(context),
    info(context),
  ];
}

function create(context: ApiContext): Endpoint {
  return {
    subject: "$JS.API.STREAM.CREATE.*",
    type: "stream_create_response",
    handle(call) {
      const account = call.enter();
      const { pedantic, ...request } = call.read(STREAM_CONFIG_REQUEST);
      const config = withStreamLevel(request);
      const name = call.token(STREAM);
      if (name !== config.name) throw new ApiError("streamMismatch");
      checkCreatable(config);
      account.checkNew(config);
      const stream = context.createStream(account, config, pedantic);
      return {
        fields: STREAM_INFO.writeFields({
          ...infoOf(stream, context),
          config: shown(stream.config),
          domain: "",
        }) + ',"did_create":true',
      };
    },
  };
}

function checkCreatable(config: StreamConfig): void {
  if (/[\\/]/.test(config.name)) {
    throw new ApiError("streamNameContainsPathSeparators");
  }
  if (config.sealed) {
    throw new ApiError("streamInvalidConfig", {
      err: "stream configuration for create can not be sealed",
    });
  }
  if (config.mirror_direct && config.mirror === null) {
    throw new ApiError("streamInvalidConfig", {
      err: "stream has no mirror but does have mirror direct",
    });
  }
}

function update(context: ApiContext): Endpoint {
  return {
    subject: "$JS.API.STREAM.UPDATE.*",
    type: "stream_update_response",
    handle(call) {
      const account = call.enter();
      const { pedantic, ...request } = call.read(STREAM_CONFIG_REQUEST);
      const config = account.checked(request, pedantic);
      const name = call.token(STREAM);
      if (name !== config.name) throw new ApiError("streamMismatch");
      const stream = account.stream(name);
      refuseOffline(stream);
      const updated = account.update(stream, withStreamLevel(config), pedantic);
      return then(updated, () => ({
        fields: STREAM_INFO.writeFields({
          ...infoOf(stream, context),
          config: shown(stream.config),
        }),
      }));
    },
  };
}

function remove(): Endpoint {
  return {
    subject: "$JS.API.STREAM.DELETE.*",
    type: "stream_delete_response",
    handle(call) {
      const account = call.enter();
      call.checkEmpty();
      const deleted = account.delete(account.stream(call.token(STREAM)));
      return then(deleted, () => SUCCESS);
    },
  };
}

function names({ server }: ApiContext): Endpoint {
  return {
    subject: "$JS.API.STREAM.NAMES",
    type: "stream_names_response",
    informs: true,
    besideError: `${NO_PAGE},"streams":null`,
    handle(call) {
      const account = call.enter();
      const { offset, subject } = call.readOptional(NAMES_REQUEST);
      const all = byName(account.filteredStreams(subject));
      return then(inSlices(all, server), (sorted) => {
        const shown = sorted.map(({ name }) => name);
        return { fields: namesPage("streams", shown, offset, "null") };
      });
    },
  };
}

function list(context: ApiContext): Endpoint {
  return {
    subject: "$JS.API.STREAM.LIST",
    type: "stream_list_response",
    informs: true,
    besideError: `${NO_PAGE},"streams":[]`,
    handle(call) {
      const account = call.enter();
      const { offset, subject } = call.readOptional(LIST_REQUEST);
      const all = byName(account.filteredStreams(subject));
      const write = (stream: ManagedStream) =>
        STREAM_INFO.write(infoOf(stream, context));
      const page = function* () {
        return yield* listPage("streams", yield* all, offset, write);
      };
      return then(inSlices(page(), context.server), (fields) => ({ fields }));
    },
  };
}

function info(context: ApiContext): Endpoint {
  return {
    subject: "$JS.API.STREAM.INFO.*",
    type: "stream_info_response",
    informs: true,
    besideError: NO_PAGE,
    handle(call) {
      const account = call.enter();
      const request = call.readOptional(INFO_REQUEST);
      const stream = account.stream(call.token(STREAM));
      refuseOffline(stream);
      const answer = ({ page, subjects, deleted }: Details) => {
        const state = { ...stream.state(), subjects, deleted };
        const whole: StreamInfo = {
          ...infoOf(stream, context, state),
          config: shown(stream.config),
          cluster: context.clusterInfo(),
        };
        return { fields: `${page},${STREAM_INFO.writeFields(whole)}` };
      };
      const asksMore = request.subjects_filter !== "" ||
        request.deleted_details;
      return asksMore
        ? detailed(context, stream, request).then(answer)
        : answer(NO_DETAILS);
    },
  };
}

/** What is told of a stream only when somebody asks. */
interface Details {
  /** Which of the subjects are there: fields of JSON. */
  readonly page: string;
  readonly subjects: SubjectCounts;
  readonly deleted: SequenceList;
}

const NO_DETAILS: Details = {
  page: NO_PAGE,
  subjects: NO_SUBJECTS,
  deleted: NO_SEQUENCES,
};

/** Looks for what was asked for, as far as it fits. */
async function detailed(
  { server }: ApiContext,
  stream: ManagedStream,
  request: {
    readonly subjects_filter: string;
    readonly offset: number;
    readonly deleted_details: boolean;
  },
): Promise<Details> {
  const { store } = stream;
  if (store === null) return NO_DETAILS;
  const deleted = request.deleted_details
    ? await inSlices(missingSequences(store), server)
    : NO_SEQUENCES;
  if (request.subjects_filter === "") return { ...NO_DETAILS, deleted };
  const offset = Math.max(request.offset, 0);
  const limit = SUBJECTS_LIMIT;
  const { total, subjects } = await inSlices(
    subjectPage(store, request.subjects_filter, offset, limit),
    server,
  );
  const page = total === 0 ? NO_PAGE : pageFields({ total, offset, limit });
  return { page, subjects, deleted };
}

/** Everything of a stream but who keeps it. */
export function infoOf(
  stream: ManagedStream,
  { clock, domain }: ApiContext,
  state: StreamState = stream.state(),
): StreamInfo {
  return {
    config: stream.config,
    created: formatTime(stream.created),
    state,
    domain,
    cluster: null,
    mirror: stream.mirrorInfo(),
    sources: stream.sourceInfos(),
    alternates: [],
    ts: formatTime(clock.nowNanos()),
  };
}

/** @throws DelayedError */
export function refuseOffline({ offlineReason }: ManagedStream): void {
  if (offlineReason === "") return;
  throw new DelayedError(
    new ApiError("streamOfflineReason", { err: offlineReason }),
  );
}
