/**
 * Finds out what the directory of a stream holds, before it is opened.
 *
 * @module
 */

import type { Work } from "../../connection/mod.ts";
import { HashKey, type Stamped } from "../format/mod.ts";
import type { ExpiryQueue } from "../index/expiry_queue.ts";
import { MessageSet } from "../messages/mod.ts";
import { BlockRecovery } from "./block_recovery.ts";
import { convertingStream } from "./conversion.ts";
import { DigestFiles } from "./digest_files.ts";
import { makeDirectory } from "./directories.ts";
import type { Findings } from "./findings.ts";
import { MESSAGES } from "./names.ts";
import { PageFile } from "./page_file.ts";
import { finishSwap } from "./purge_swap.ts";
import { readingExpiries } from "./side_files.ts";
import type { FileSurroundings, StreamPlace } from "./surroundings.ts";

/** Belongs to whoever opens the stream. */
export interface FoundStream {
  readonly recovered: Findings;
  readonly messages: MessageSet;
  readonly pages: PageFile;
  readonly digests: DigestFiles;
  /** When messages below a stamp expire; some of them may have gone. */
  readonly expiries: Stamped<ExpiryQueue>;
}

/** Looks into a directory, which is created if there is none. @throws DiskError */
export function* findStream(
  stream: string,
  surroundings: FileSurroundings,
  { directory, secrecy }: StreamPlace,
): Work<FoundStream> {
  const { disk, hash, sweeper, syncAlways, random } = surroundings;
  const files = {
    ...surroundings,
    directory: `${directory}/${MESSAGES}`,
    stream,
    secrecy,
  };
  makeDirectory(disk, directory, syncAlways);
  finishSwap(disk, directory, sweeper);
  makeDirectory(disk, files.directory, syncAlways);
  const key = HashKey.ofStream(stream);
  yield* convertingStream(files, { disk, directory, hash, key, secrecy });
  const pages = new PageFile(files);
  const digests = new DigestFiles(files);
  const recovery = new BlockRecovery({ ...files, pages, digests });
  const messages = new MessageSet(random);
  yield* recovery.run({
    known: ({ prior, pages, subjects, idsEnd }) =>
      messages.restoring(prior.stream, pages, subjects, idsEnd),
    message: (chunk, at, record) => messages.recover(chunk, record, at),
    digested: (digest, entries) => messages.recoverDigested(digest, entries),
  });
  const recovered = recovery.found;
  const expiries = yield* readingExpiries(files, recovered.end.last);
  return { recovered, messages, pages, digests, expiries };
}
