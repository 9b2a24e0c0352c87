/**
 * What mirrors and sources are told apart by.
 *
 * @module
 */

import { shortHash } from "../../../account/mod.ts";
import type { StreamSource } from "../../types/stream_config.ts";

const ALL = ">";
const ASSET_NAME = /^[^ \t\r\n\f.*>\\/]+$/;

/** Whether `name` can be that of a stream or a consumer. */
export function isAssetName(name: string): boolean {
  return ASSET_NAME.test(name);
}

function streamKey({ name, external }: StreamSource): string {
  return external === null ? name : `${name}:${shortHash(external.api)}`;
}

/** Stream, filters and destinations: no two sources of a stream share these. */
export function sourceKey(source: StreamSource): string {
  const { consumer, filter_subject, subject_transforms } = source;
  const stream = streamKey(source) +
    (consumer === null ? "" : `:C=${shortHash(consumer.name)}`);
  if (subject_transforms.length === 0) {
    return `${stream} ${filter_subject || ALL} ${ALL}`;
  }
  const from = subject_transforms.map(({ src }) => src || ALL).join("\f");
  const to = subject_transforms.map(({ dest }) => dest || ALL).join("\f");
  return `${stream} ${from} ${to}`;
}

/** Stream and consumer: a consumer serves one source. */
export function consumerKey(source: StreamSource): string {
  return `${streamKey(source)} ${source.consumer?.name ?? ""}`;
}
