/**
 * Whether JetStream has everything that it keeps.
 *
 * @module
 */

import { quoteText } from "../log/mod.ts";
import type { JetStream, JetStreamAccount } from "../jetstream/mod.ts";
import type { Disk } from "../runtime/mod.ts";
import type { MonitoredServer } from "./monitored_server.ts";

/** Something that is not as it should be. */
export interface HealthFault {
  readonly type: "JETSTREAM" | "ACCOUNT" | "STREAM" | "CONSUMER";
  readonly account?: string;
  readonly stream?: string;
  readonly consumer?: string;
  readonly error: string;
  /** It was asked for and is not there at all. */
  readonly missing?: boolean;
}

/** What to look at; empty: everything. */
export interface HealthTarget {
  readonly account: string;
  readonly stream: string;
  readonly consumer: string;
}

/** Faults of what is kept on disk; the first alone unless `all` are wanted. */
export function jetStreamFaults(
  { disk, accounts }: MonitoredServer,
  service: JetStream,
  target: HealthTarget,
  all: boolean,
): readonly HealthFault[] {
  const { storeDirectory } = service.settings;
  const names = listed(disk, storeDirectory).filter((name) =>
    !name.startsWith(".snap-staging") &&
    (target.account === "" || name === target.account)
  );
  const faults: HealthFault[] = [];
  let found: JetStreamAccount | undefined;
  let hasStream = false;
  for (const name of names) {
    if (accounts.get(name) === null) {
      faults.push({
        type: "ACCOUNT",
        account: name,
        error: `JetStream account '${name}' could not be resolved`,
      });
    } else {
      found = service.accounts.get(name);
      const streams = listed(disk, `${storeDirectory}/${name}/streams`)
        .filter((stream) => target.stream === "" || stream === target.stream);
      hasStream ||= streams.length > 0;
      faults.push(...streamFaults(name, found, streams));
    }
    if (faults.length > 0 && !all) return faults.slice(0, 1);
  }
  const missing = missingAsset(target, names.length > 0, hasStream, found);
  return missing === null ? faults : [missing];
}

function streamFaults(
  account: string,
  jetstream: JetStreamAccount | undefined,
  streams: readonly string[],
): HealthFault[] {
  return streams.filter((stream) => !jetstream?.streams.has(stream))
    .map((stream) => ({
      type: "STREAM",
      account,
      stream,
      error: `JetStream stream '${account} > ${stream}' could not be recovered`,
    }));
}

/** What was asked for and is not there. */
function missingAsset(
  { account, stream, consumer }: HealthTarget,
  hasAccount: boolean,
  hasStream: boolean,
  found: JetStreamAccount | undefined,
): HealthFault | null {
  const [a, s, c] = [account, stream, consumer].map(quoteText);
  if (account !== "" && !hasAccount) {
    const error = `JetStream account ${a} not found`;
    return { type: "ACCOUNT", account, error, missing: true };
  }
  if (stream !== "" && !hasStream) {
    const error = `JetStream stream ${s} not found on account ${a}`;
    return { type: "STREAM", account, stream, error, missing: true };
  }
  const hasConsumer = found?.streams.get(stream)?.consumers.has(consumer);
  if (consumer === "" || hasConsumer === true) return null;
  const error =
    `JetStream consumer ${c} not found for stream ${s} on account ${a}`;
  return { type: "CONSUMER", account, stream, consumer, error, missing: true };
}

/** Names in a directory; none when there is no such directory. */
function listed(disk: Disk, path: string): readonly string[] {
  return disk.exists(path) ? disk.list(path) : [];
}
