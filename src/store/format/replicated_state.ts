/**
 * The state of a stream as replicas tell it each other. Numbers are varints:
 *
 * ```
 * u8 42, u8 version, messages, bytes, first sequence, last sequence, failed,
 * version 2: sources, then each as in `sources.db`,
 * deleted; if there are any, blocks of them to the end:
 *   a set of sequences, or u8 33, first, count
 * ```
 *
 * @module
 */

import { ByteReader } from "./byte_reader.ts";
import { ByteWriter } from "./byte_writer.ts";
import { DecodeError } from "./decode_error.ts";
import { SequenceSet } from "./sequence_set.ts";
import {
  decodeSequenceSet,
  encodeSequenceSet,
  SEQUENCE_SET_MAGIC,
} from "./sequence_set_codec.ts";
import { readSource, type SourcePosition, writeSource } from "./side_files.ts";

const MAGIC = 42;
const VERSION = 1;
const VERSION_WITH_SOURCES = 2;
const RANGE_MAGIC = 33;
const CORRUPT = "stream state snapshot is corrupt";

/** Deleted sequences in a row. */
export interface DeletedRange {
  readonly first: number;
  readonly count: number;
}

/** Deleted sequences, in one of two forms. */
export type DeletedBlock = SequenceSet | DeletedRange;

/** What replicas of a stream agree on. */
export interface ReplicatedState {
  readonly messages: number;
  readonly bytes: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
  /** Proposals that were refused when applied. */
  readonly failed: number;
  /** By name; without those of which nothing was seen. */
  readonly sources: ReadonlyMap<string, SourcePosition>;
  readonly deleted: readonly DeletedBlock[];
}

/** Whether these bytes want to be a state. */
export function isReplicatedState(bytes: Uint8Array): boolean {
  return bytes[0] === MAGIC &&
    (bytes[1] === VERSION || bytes[1] === VERSION_WITH_SOURCES);
}

/** The bytes of `state`; with sources only those can read that know of them. */
export function encodeReplicatedState(state: ReplicatedState): Uint8Array {
  const out = new ByteWriter();
  const { messages, firstSequence, lastSequence, sources } = state;
  out.u8(MAGIC);
  out.u8(sources.size > 0 ? VERSION_WITH_SOURCES : VERSION);
  out.uvarint(messages);
  out.uvarint(state.bytes);
  out.uvarint(firstSequence);
  out.uvarint(lastSequence);
  out.uvarint(state.failed);
  if (sources.size > 0) {
    out.uvarint(sources.size);
    for (const [name, position] of sources) writeSource(out, name, position);
  }
  const deleted = lastSequence > firstSequence
    ? Math.max(0, lastSequence - firstSequence + 1 - messages)
    : 0;
  out.uvarint(deleted);
  if (deleted === 0) return out.written;
  for (const block of state.deleted) writeDeleted(out, block);
  return out.written;
}

/**
 * Reads a state.
 * @throws DecodeError
 */
export function decodeReplicatedState(bytes: Uint8Array): ReplicatedState {
  if (!isReplicatedState(bytes)) {
    throw new DecodeError("bad stream state encoding");
  }
  const reader = new ByteReader(bytes, CORRUPT, 1);
  const withSources = reader.u8() === VERSION_WITH_SOURCES;
  return {
    messages: reader.uvarint(),
    bytes: reader.uvarint(),
    firstSequence: reader.uvarint(),
    lastSequence: reader.uvarint(),
    failed: reader.uvarint(),
    sources: withSources ? readSources(reader) : new Map(),
    deleted: reader.uvarint() > 0 ? readDeleted(reader) : [],
  };
}

/** How many sequences a block has, and from where to where. */
export function deletedExtent(
  block: DeletedBlock,
): { readonly first: number; readonly last: number; readonly count: number } {
  if (block instanceof SequenceSet) {
    return { first: block.min, last: block.max, count: block.size };
  }
  const { first, count } = block;
  return { first, last: first + Math.max(0, count - 1), count };
}

function writeDeleted(out: ByteWriter, block: DeletedBlock): void {
  if (block instanceof SequenceSet) {
    encodeSequenceSet(block, out);
    return;
  }
  out.u8(RANGE_MAGIC);
  out.uvarint(block.first);
  out.uvarint(block.count);
}

function readSources(reader: ByteReader): Map<string, SourcePosition> {
  const sources = new Map<string, SourcePosition>();
  for (let left = reader.uvarint(); left > 0; left--) {
    sources.set(...readSource(reader));
  }
  return sources;
}

function readDeleted(reader: ByteReader): DeletedBlock[] {
  const blocks: DeletedBlock[] = [];
  while (reader.left > 0) {
    const magic = reader.u8();
    if (magic === SEQUENCE_SET_MAGIC) {
      reader.position--;
      blocks.push(decodeSequenceSet(reader));
    } else {
      reader.expect(magic === RANGE_MAGIC);
      const first = reader.uvarint();
      const count = reader.uvarint();
      reader.expect(first + count <= Number.MAX_SAFE_INTEGER);
      blocks.push({ first, count });
    }
  }
  return blocks;
}
