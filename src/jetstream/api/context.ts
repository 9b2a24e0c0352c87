/**
 * What endpoints need of JetStream and the server.
 *
 * @module
 */

import type { Clock } from "../../runtime/mod.ts";
import type { Advisories } from "../advisories.ts";
import type { JetStreamContext } from "../context.ts";
import type { SnapshotRestorer } from "../snapshot/restorer.ts";
import type { Speaker } from "../speaker.ts";
import type { JetStreamAccount } from "../account.ts";
import type { ManagedConsumer, ManagedStream } from "../assets.ts";
import type { CreateConsumerRequest } from "../types/consumer_config.ts";
import type { ClusterInfo } from "../types/infos.ts";
import type { StreamConfig } from "../types/stream_config.ts";

/** Implemented by the service. */
export interface ApiContext {
  readonly clock: Clock;
  readonly server: JetStreamContext;
  readonly speaker: Speaker;
  readonly advisories: Advisories;
  /** Empty: none. */
  readonly domain: string;
  /** Which servers keep a stream. */
  clusterInfo(): ClusterInfo;
  /** Creates a stream, and logs what clients are not told. @throws ApiError */
  createStream(
    account: JetStreamAccount,
    config: StreamConfig,
    pedantic: boolean,
  ): ManagedStream;
  /** The same for a consumer. @throws ApiError */
  createConsumer(
    account: JetStreamAccount,
    stream: ManagedStream,
    request: CreateConsumerRequest,
  ): ManagedConsumer;
  /** A name that nobody else has. */
  drawName(): string;
  /** One that nobody can guess, too. */
  drawId(): string;
  /** Removes all streams of an account, known or not. @throws ApiError */
  purgeAccount(name: string): Promise<void>;
  /** Does something at the end of the batch. */
  later(action: () => void): void;
  /** Takes the bytes of a snapshot. @param config checked */
  restorer(account: JetStreamAccount, config: StreamConfig): SnapshotRestorer;
}
