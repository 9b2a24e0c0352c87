/**
 * Sets of sequences as bytes, little-endian:
 *
 * ```
 * u8 22, u8 version, u32 nodes, u32 sequences,
 * then per node: u64 base, 32 x u64 bits, u16 height
 * ```
 *
 * Go keeps the nodes in an AVL tree and writes each before its left and its
 * right subtree, so that reading needs no rotation. Which tree it is depends on
 * the history of the set; any balanced one over the same nodes will do, and one
 * is made when writing. Version 1 had 64 words per node.
 *
 * @module
 */

import type { ByteReader } from "./byte_reader.ts";
import type { ByteWriter } from "./byte_writer.ts";
import { NODE_SPAN, NODE_WORDS, SequenceSet } from "./sequence_set.ts";

/** The first byte of an encoded set. */
export const SEQUENCE_SET_MAGIC = 22;

const VERSION = 2;
const HEADER_SIZE = 10;
/** Bytes of a node of either version, by version. */
const NODE_SIZES: Readonly<Record<number, number>> = { 1: 522, 2: 266 };
const NODE_SIZE = 266;

/** Bytes that {@linkcode encodeSequenceSet} writes. */
export function sequenceSetSize(set: SequenceSet): number {
  return HEADER_SIZE + set.nodes.length * NODE_SIZE;
}

/** Appends `set`. */
export function encodeSequenceSet(set: SequenceSet, out: ByteWriter): void {
  const { nodes } = set;
  out.u8(SEQUENCE_SET_MAGIC);
  out.u8(VERSION);
  out.u32(nodes.length);
  out.u32(set.size);
  const write = (start: number, end: number): void => {
    if (start === end) return;
    const root = (start + end - 1) >> 1;
    const node = nodes[root];
    if (node === undefined) return;
    out.u64(node.base);
    for (const word of node.words) out.u32(word);
    out.u16(32 - Math.clz32(end - start));
    write(start, root);
    write(root + 1, end);
  };
  write(0, nodes.length);
}

/**
 * Reads a set.
 * @throws DecodeError with the text of `reader`
 */
export function decodeSequenceSet(reader: ByteReader): SequenceSet {
  reader.expect(reader.u8() === SEQUENCE_SET_MAGIC);
  const nodeSize = NODE_SIZES[reader.u8()] ?? 0;
  const nodes = reader.u32();
  const size = reader.u32();
  reader.expect(nodeSize > 0 && nodes <= Math.floor(reader.left / nodeSize));
  const set = new SequenceSet();
  for (let i = 0; i < nodes; i++) {
    let base = reader.u64();
    reader.expect(base <= Number.MAX_SAFE_INTEGER - 2 * NODE_SPAN);
    for (let words = nodeSize - 10; words > 0; words -= NODE_WORDS * 4) {
      readWords(reader, base, set);
      base += NODE_SPAN;
    }
    reader.u16();
  }
  reader.expect(set.size === size);
  return set;
}

function readWords(reader: ByteReader, base: number, set: SequenceSet): void {
  const words = Uint32Array.from({ length: NODE_WORDS }, () => reader.u32());
  if (base % NODE_SPAN === 0) {
    set.insertWords(base, words);
    return;
  }
  // Go can be told where the first node starts; its own stores never do.
  words.forEach((word, i) => {
    for (let bit = 0; bit < 32; bit++) {
      if ((word >>> bit) & 1) set.insert(base + i * 32 + bit);
    }
  });
}
