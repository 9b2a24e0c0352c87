/**
 * `$JS.API.CONSUMER.…`: showing, pausing and removing consumers.
 *
 * @module
 */

import { inSlices, type Work } from "../../connection/mod.ts";
import type { ManagedConsumer, ManagedStream } from "../assets.ts";
import { ApiError } from "../errors.ts";
import { string } from "../json/kind.ts";
import { extend, omit, struct } from "../json/struct.ts";
import { formatTime, parseTime, time, ZERO_TIME } from "../json/time.ts";
import { CONSUMER_INFO } from "../types/infos.ts";
import { shownInfo } from "../versioning.ts";
import type { Call } from "./call.ts";
import { refuseOfflineConsumer } from "./consumer_create.ts";
import type { ApiContext } from "./context.ts";
import { type Endpoint, SUCCESS } from "./endpoint.ts";
import { then } from "./later.ts";
import {
  byName,
  listPage,
  namesPage,
  NO_PAGE,
  PAGED_REQUEST,
} from "./paging.ts";

/** Positions in subjects. */
const STREAM = 5;
const CONSUMER = 6;

const GROUP_NAME = /^[a-zA-Z0-9/_=-]{1,16}$/;

const CONSUMERS_REQUEST = extend("JSApiConsumersRequest", PAGED_REQUEST, {});
const PAUSE_REQUEST = struct<{ pause_until: string }>(
  "JSApiConsumerPauseRequest",
  { pause_until: omit(time) },
);
const UNPIN_REQUEST = struct<{ group: string }>("JSApiConsumerUnpinRequest", {
  group: string,
});

export function consumerEndpoints(context: ApiContext): Endpoint[] {
  return [
    names(context),
    list(context),
    info(),
    remove(),
    pause(context),
    unpin(),
  ];
}

/** @throws ApiError */
function consumerOf(call: Call): ManagedConsumer {
  const stream = call.jetstream.stream(call.token(STREAM));
  const consumer = stream.consumers.get(call.token(CONSUMER));
  if (consumer === undefined) throw new ApiError("consumerNotFound");
  return consumer;
}

/** Those that clients may know of, by name. */
function publicConsumers(
  { consumers }: ManagedStream,
): Work<readonly ManagedConsumer[]> {
  return byName([...consumers.values()].filter(({ internal }) => !internal));
}

function names({ server }: ApiContext): Endpoint {
  return {
    subject: "$JS.API.CONSUMER.NAMES.*",
    type: "consumer_names_response",
    informs: true,
    besideError: `${NO_PAGE},"consumers":[]`,
    handle(call) {
      const account = call.enter();
      const { offset } = call.readOptional(CONSUMERS_REQUEST);
      const all = publicConsumers(account.stream(call.token(STREAM)));
      return then(inSlices(all, server), (sorted) => {
        const shown = sorted.map(({ name }) => name);
        return { fields: namesPage("consumers", shown, offset, "[]") };
      });
    },
  };
}

function list({ server }: ApiContext): Endpoint {
  return {
    subject: "$JS.API.CONSUMER.LIST.*",
    type: "consumer_list_response",
    informs: true,
    besideError: `${NO_PAGE},"consumers":[]`,
    async handle(call) {
      const account = call.enter();
      const { offset } = call.readOptional(CONSUMERS_REQUEST);
      const all = await inSlices(
        publicConsumers(account.stream(call.token(STREAM))),
        server,
      );
      const counting: Promise<void>[] = [];
      const write = (consumer: ManagedConsumer) => {
        const completed = consumer.complete();
        if (completed !== null) counting.push(completed);
        return CONSUMER_INFO.write(consumer.info());
      };
      const page = () => listPage("consumers", all, offset, write);
      let fields = await inSlices(page(), server);
      if (counting.length > 0) {
        await Promise.all(counting);
        fields = await inSlices(page(), server);
      }
      return { fields };
    },
  };
}

function info(): Endpoint {
  return {
    subject: "$JS.API.CONSUMER.INFO.*.*",
    type: "consumer_info_response",
    informs: true,
    handle(call) {
      call.checkEmpty();
      call.enter();
      const consumer = consumerOf(call);
      refuseOfflineConsumer(consumer);
      return then(consumer.complete(), () => ({
        fields: CONSUMER_INFO.writeFields(shownInfo(consumer.info())),
      }));
    },
  };
}

function remove(): Endpoint {
  return {
    subject: "$JS.API.CONSUMER.DELETE.*.*",
    type: "consumer_delete_response",
    handle(call) {
      call.enter();
      call.checkEmpty();
      consumerOf(call).delete();
      return SUCCESS;
    },
  };
}

function pause({ clock }: ApiContext): Endpoint {
  return {
    subject: "$JS.API.CONSUMER.PAUSE.*.*",
    type: "consumer_pause_response",
    besideError: `"paused":false,"pause_until":"${ZERO_TIME}"`,
    handle(call) {
      const { pause_until } = call.readOptional(PAUSE_REQUEST);
      const account = call.enter();
      if (account.stream(call.token(STREAM)).offlineReason !== "") return null;
      const consumer = consumerOf(call);
      if (consumer.offlineReason !== "") return null;
      const until = parseTime(pause_until) ?? 0n;
      const isSet = until !== parseTime(ZERO_TIME);
      const shownTime = isSet ? formatTime(until) : ZERO_TIME;
      consumer.pause(isSet ? shownTime : null);
      const remaining = until - clock.nowNanos();
      const paused = remaining > 0n;
      return {
        fields: `"paused":${paused},"pause_until":"${shownTime}"` +
          (paused ? `,"pause_remaining":${remaining}` : ""),
      };
    },
  };
}

function unpin(): Endpoint {
  return {
    subject: "$JS.API.CONSUMER.UNPIN.*.*",
    type: "consumer_unpin_response",
    handle(call) {
      call.checkLevel();
      const { group } = call.readPlain(UNPIN_REQUEST);
      if (group === "") {
        throw new ApiError("invalidJSON", {
          err: "consumer group not specified",
        });
      }
      if (!GROUP_NAME.test(group)) {
        throw new ApiError("consumerInvalidGroupName");
      }
      const account = call.jetstream;
      if (account.stream(call.token(STREAM)).offlineReason !== "") return null;
      const consumer = consumerOf(call);
      if (consumer.offlineReason !== "") return null;
      if (!consumer.config.priority_groups.includes(group)) {
        throw new ApiError("consumerInvalidPriorityGroup");
      }
      consumer.unpin(group);
      return { fields: "" };
    },
  };
}
