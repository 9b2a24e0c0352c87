import { assert, assertEquals, assertThrows } from "@std/assert";
import { decodeByteString } from "../../../../src/protocol/mod.ts";
import {
  beginRecord,
  blockContents,
  compressBlock,
  DecodeError,
  decompressBlock,
  HashKey,
  HighwayHash,
  RecordFault,
  RecordKind,
  RecordView,
} from "../../../../src/store/mod.ts";
import { finish } from "../../../../src/connection/mod.ts";
import { capability } from "../../../tools/capability.ts";
import { BLOCK, COMPRESSED_BLOCK } from "./samples.ts";

const key = HashKey.ofBlock("CMP", 1);

function compress(block: Uint8Array): Uint8Array {
  return finish(compressBlock(block));
}

capability("a compressed block of a Go server is read", {
  positive: ["stores/compressed-blk"],
}, () => {
  const small = new HighwayHash();
  const { records, wasCompressed } = blockContents(
    small,
    key,
    COMPRESSED_BLOCK,
  );
  assert(wasCompressed);
  const hash = new HighwayHash(records.length);
  hash.room.bytes.set(records);
  const { size } = hash.room;
  assertEquals(hash.verifyRecords(key, 0, size, size), RecordFault.None);
  assertEquals(hash.verifiedRecords, 3);
  const view = new RecordView();
  view.read(hash.room, 0, size);
  assertEquals(
    decodeByteString(records, view.headerEnd, view.messageEnd),
    "again ".repeat(1500),
  );
});

capability("a block survives compression, which leaves its checksum in sight", {
  positive: ["stores/compressed-blk"],
}, () => {
  const records = decompressBlock(COMPRESSED_BLOCK);
  const again = compress(records);
  assert(again.length < 200);
  assertEquals(again.subarray(-8), COMPRESSED_BLOCK.subarray(-8));
  assertEquals(decompressBlock(again), records);
  const large = new Uint8Array(5_000_000);
  large.set(records, 1234);
  assertEquals(decompressBlock(compress(large)), large);
});

capability("blocks without compression are taken as they are", {
  edge: ["stores/compressed-blk"],
}, () => {
  const hash = new HighwayHash();
  for (const block of [BLOCK, new Uint8Array(0), BLOCK.subarray(0, 4)]) {
    const { records, wasCompressed } = blockContents(hash, key, block);
    assertEquals([records, wasCompressed], [block, false]);
  }
  // Another algorithm is none.
  const other = COMPRESSED_BLOCK.slice();
  other[3] = 2;
  assert(!blockContents(hash, key, other).wasCompressed);
});

capability("a record that starts like a compressed block is a record", {
  edge: ["stores/compressed-blk"],
}, () => {
  const size = 0x01706d63;
  const hash = new HighwayHash(size);
  const { room } = hash;
  beginRecord(room, 0, size, false, RecordKind.Message, 1, 0, 0, 1);
  room.bytes[22] = 0x61;
  assertThrows(() => blockContents(hash, key, room.bytes), DecodeError);
  hash.sealRecord(key, 0);
  const { records, wasCompressed } = blockContents(hash, key, room.bytes);
  assertEquals([records.length, wasCompressed], [size, false]);
});

capability("a compressed block that is cut or changed is refused", {
  edge: ["stores/compressed-blk"],
}, () => {
  const good = COMPRESSED_BLOCK;
  const hash = new HighwayHash();
  for (let end = 5; end < good.length; end++) {
    assertThrows(
      () => blockContents(hash, key, good.subarray(0, end)),
      DecodeError,
    );
  }
  // Its last 8 bytes belong to the last record, whose checksum they are.
  for (let at = 4; at < good.length - 8; at++) {
    const changed = good.slice();
    changed[at] = (changed[at] ?? 0) ^ 0x10;
    assertThrows(() => decompressBlock(changed), DecodeError);
  }
});

Deno.test("a block without room for a checksum can't be compressed", () => {
  assertThrows(() => compress(new Uint8Array(7)), RangeError);
  const empty = new Uint8Array(8).fill(5);
  assertEquals(decompressBlock(compress(empty)), empty);
});

Deno.test("a block that claims to be huge is refused", () => {
  const huge = Uint8Array.from([
    0x63,
    0x6d,
    0x70,
    1,
    0xff,
    0xff,
    0xff,
    0xff,
    1,
  ]);
  const block = new Uint8Array(100);
  block.set(huge);
  assertThrows(() => decompressBlock(block), DecodeError, "too large");
});
