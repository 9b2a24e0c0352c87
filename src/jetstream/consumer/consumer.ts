/**
 * A consumer: binds state, mode and acknowledgements to its stream.
 *
 * @module
 */

import type { ConsumerStore } from "../../store/mod.ts";
import { StoreError } from "../../store/mod.ts";
import { SubjectFilter, subjectFromText } from "../../subject/mod.ts";
import type { ConsumedStream, StreamConsumer } from "../stream/contract.ts";
import type { StreamHost } from "../stream/contract.ts";
import type { ConsumerConfig } from "../types/consumer_config.ts";
import type { ConsumerInfo } from "../types/infos.ts";
import { type AckOwner, AckDesk } from "./acks.ts";
import {
  type AckNames,
  ackPrefixes,
  type AckReference,
  AckSubjectWriter,
} from "./ack_subject.ts";
import { Alarm } from "./alarm_clock.ts";
import { filtersOf } from "./config/mod.ts";
import { Ahead, Cursor } from "./cursor.ts";
import type { Deliverer } from "./dispatcher.ts";
import { consumerInfo } from "./info.ts";
import { Halt, type Mode } from "./mode.ts";
import { Outlet } from "./outlet.ts";
