/**
 * Bytes that the Go project wrote: checksums of its hash library, and files of a
 * stream `ORDERS` in which 1 and 3 are left of four messages, 3 with a time to
 * live, with a consumer `C` to which 1 was delivered.
 *
 * @module
 */

import {
  type DigestHead,
  type DigestTotals,
  DigestWriter,
  ListedSubjects,
  type PageDirectory,
} from "../../../../src/store/format/mod.ts";

/** Bytes of hexadecimal text; white space does not count. */
export function hex(text: string): Uint8Array {
  return Uint8Array.fromHex(text.replace(/\s+/g, ""));
}

/**
 * HighwayHash-64 of messages of the first length, under the key of `ORDERS-1`.
 * Byte `i` of a message of length `n` is `7 * i + n`.
 */
export const HASHES: readonly (readonly [length: number, hash: string])[] = [
  [0, "432ebf94ae0decb8"],
  [1, "aa41be134abe5a1d"],
  [2, "ac29dae7fdb1aa1f"],
  [3, "b2bb127966def6e7"],
  [4, "fc62f81bfe89d703"],
  [5, "bcb5799e5b88b22e"],
  [6, "17dee2973ea88aa6"],
  [7, "9555a065b73e1de0"],
  [8, "c857730a33cd571d"],
  [9, "4540d24787ce2ffb"],
  [10, "8184c1d85aa48713"],
  [11, "93c0cee97077dc8d"],
  [12, "6428c0c3cffb9ef2"],
  [13, "ece8f7f56dfe819e"],
  [14, "b1574c8f133ba1a0"],
  [15, "d47ebf1e867de400"],
  [16, "cc90b46be24993f0"],
  [17, "135ad2c42c8bb4d4"],
  [18, "941a088fc8bb83d2"],
  [19, "6caa0be9b983b50e"],
  [20, "7057dc1eb1de5ebb"],
  [21, "7a2f6ed2249c5657"],
  [22, "e1941a98b775cc20"],
  [23, "1bc616208da1bc81"],
  [24, "a7c3208dc7948c54"],
  [25, "b85c2a3b2607192a"],
  [26, "02bb50fcfef807f6"],
  [27, "f4e44bce385c21dd"],
  [28, "af649e9914283374"],
  [29, "a74f614565caa674"],
  [30, "2b423055d832d87f"],
  [31, "b7d29e09780bdfb8"],
  [32, "11b0e8490b91bffc"],
  [33, "a77e6431c6adba42"],
  [34, "5062f872d35ad186"],
  [35, "de05faa2a9b8aaae"],
  [36, "f7b36a3e553f7f91"],
  [37, "22b6273bea5a00b6"],
  [38, "b57d3099316ca31e"],
  [39, "19c39a5b256dc4c8"],
  [40, "fe3a5c83f915dd6c"],
  [41, "4d6edeb51e2daf67"],
  [42, "59e06d9c44060696"],
  [43, "5299b14811972ed7"],
  [44, "7acec4bcda572419"],
  [45, "a6b52020cf262bf7"],
  [46, "cd93d2d635f89cfe"],
  [47, "81b4b1c9cfecc668"],
  [48, "2b3fe935fa73dc5f"],
  [49, "ec37305d69aefd21"],
  [50, "83224c74c4f2a58e"],
  [51, "4b646067bc247f85"],
  [52, "16bbe892e21abc9d"],
  [53, "46b3c0c0a9288ea8"],
  [54, "b9b263ac302efdc9"],
  [55, "930bc469d939dc06"],
  [56, "e041e5ec32fc2b2e"],
  [57, "fdf01f5d419f8c1a"],
  [58, "88173e6e36f3cb35"],
  [59, "09bdae1778fb5354"],
  [60, "22a782e2a74bb1e4"],
  [61, "cc2fd5acceb486ed"],
  [62, "aea79178d35b821e"],
  [63, "06bc61d7d6ce2802"],
  [64, "ceb019db881fa7b6"],
  [65, "f7fc94546bf9edba"],
  [66, "db9edf0236d55fd8"],
  [95, "a50872d770e35fb8"],
  [96, "962ec57e16536759"],
  [127, "8882e29c987e664a"],
  [128, "b03c90afe2da9572"],
  [200, "4ab5c1f65dcdb94d"],
];

/** `msgs/1.blk` */
export const BLOCK: Uint8Array = hex(`
    2b00000001000000000000005e202f19ee45ec1808006f72646572732e316865
    6c6c6f60e7cbe0693fd27a470000000200000000000080000000000000000000
    00ec24e3d1aff5ee2940f91818b30c6385bdb6bdd0df82daca516eb45f21e922
    f4c5509ee8d0f40e0bb04d92d66ab52dd9b349000080030000000000000060f1
    9c1bee45ec1808006f72646572732e311a0000004e4154532f312e300d0a4e61
    74732d54544c3a2031680d0a0d0a746872656507d3f52f1dcb09301e00000002
    00000000000040f893651aee45ec18000089ca7586dc2c9a5326000000040000
    000000008000000000000000000000a7b60991f411b700865a8923b1b8d6501e
    00000004000000000000405663981eee45ec1800007a04cf17ee56521d
  `);

/** `msgs/index.db` */
export const INDEX: Uint8Array = hex(`
    0b04027401bc81f992c3fba2ec3104ac8dc3e9c3fba2ec3101086f7264657273
    2e31020101010174010004f08bca560201001602010000000200000000000000
    0000000014000000000000000000000000000000000000000000000000000000
    0000000000000000000000000000000000000000000000000000000000000000
    0000000000000000000000000000000000000000000000000000000000000000
    0000000000000000000000000000000000000000000000000000000000000000
    0000000000000000000000000000000000000000000000000000000000000000
    0000000000000000000000000000000000000000000000000000000000000000
    0000000000000000000000000000000000000000000000000000000000000000
    0000000000000000000000000000000000000000000000000000000000000000
    000000000100017a04cf17ee56521d958f3801f1b33947
  `);

/** `msgs/thw.db` */
export const TTL_WHEEL: Uint8Array = hex(`
    0101000000000000000500000000000000c0c5acc589cda4ec3103
  `);

/** `obs/C/o.dat` */
export const CONSUMER_STATE: Uint8Array = hex(`
    1602000001010192c2d8b00d01010200
  `);

/** `meta.inf` */
export const STREAM_META: string =
  '{"Created":"2026-11-28T17:34:00.276186411Z","name":"ORDERS","subjects":["orders.\\u003e"],"retention":"limits","max_consumers":-1,"max_msgs":-1,"max_bytes":-1,"max_age":0,"max_msgs_per_subject":-1,"max_msg_size":-1,"discard":"old","storage":"file","num_replicas":1,"duplicate_window":120000000000,"compression":"none","allow_direct":true,"mirror_direct":false,"sealed":false,"deny_delete":false,"deny_purge":false,"allow_rollup_hdrs":false,"consumer_limits":{},"allow_msg_ttl":true,"metadata":{"_nats.req.level":"1"}}';

/** `meta.sum` */
export const STREAM_META_SUM = "5ec9667f61c1a53d";

/** `obs/C/meta.inf` */
export const CONSUMER_META: string =
  '{"Created":"2026-11-28T17:34:00.492969651Z","Name":"C","durable_name":"C","name":"C","deliver_policy":"all","ack_policy":"explicit","ack_wait":30000000000,"max_deliver":-1,"replay_policy":"instant","max_waiting":512,"max_ack_pending":1000,"num_replicas":0,"metadata":{"_nats.req.level":"0"},"pause_until":"0001-01-01T00:00:00Z"}';

/** `obs/C/meta.sum` */
export const CONSUMER_META_SUM = "886fe559301a5672";

/** `msgs/sched.db` of another stream */
export const SCHEDULES: Uint8Array = hex(`
    01020000000000000004000000000000000d00732e7363686564756c65732e31
    8080a8dde68cf4c634010d00732e7363686564756c65732e3280c8d7eadfe9a4
    ec3102
  `);

/** `sources.db` of a stream with two sources */
export const SOURCES: Uint8Array = hex(`
    01020000000000000004000000000000000b534348454420732e74203e03086b
    5945624868546a0a4f5244455253203e203e03083573457347326669
  `);

/** `msgs/index.db` of the stream `SCHED`, with more than one subject */
export const TWO_SUBJECTS_INDEX: Uint8Array = hex(`
    0b0403be0201f4bfdde39698a3ec31038086a1ac9798a3ec31030d732e736368
    6564756c65732e320101010d732e7363686564756c65732e3101010103732e74
    0101010101be020100038cc6c34800000201564bdace4c54ad7e0baf8957421b
    b2d4
  `);

/** `msgs/1.blk` of a compressed stream `CMP`: three times 1500 times "again ". */
export const COMPRESSED_BLOCK: Uint8Array = hex(`
    636d7001dbd301ff06000053327354774f005f000028f665afd3d30114492300
    000100090148ace71925d246ec180300632e78616761696e2011061900162230
    264b9a73eb8f6b3349230000021648230c00bbe132ee49231900f22130301804
    34a7ef8ec449230000030d0008a59f3619002e222671b34f56854019
  `);

const EIGHT = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const SUBJECTS = new ListedSubjects(2);
SUBJECTS.set(0, 11, 3, 2 ** 41);
SUBJECTS.set(1, 0, 1, 1);
/** What `messages.idx` says of a stream. */
export const DIRECTORY: PageDirectory = {
  state: EIGHT,
  blocks: [false, true].map((compressed, i) => ({
    number: i + 4,
    compressed,
    unsettled: i === 1,
    base: 2 ** 40 + i,
    last: 2 ** 40 + 900,
    marked: 7,
    size: 8_000_000,
    live: 100,
    liveBytes: 9000,
    tombstones: 3,
    fileSize: 7_000_000,
    tail: EIGHT,
  })),
  pages: [{
    number: 2 ** 33,
    slot: 5,
    size: 16_384,
    entries: 1024,
    packed: false,
    checksum: EIGHT,
  }, {
    number: 2 ** 33 + 9,
    slot: 0,
    size: 360,
    entries: 20,
    packed: true,
    checksum: EIGHT,
  }],
  idsEnd: 12,
  subjects: SUBJECTS,
};

/** What `4.idx` says of a block. */
export const DIGEST_HEAD: DigestHead = {
  settled: true,
  fileSize: 7_000_000,
  tail: EIGHT,
  bodySum: EIGHT.toReversed(),
};
export const DIGEST_TOTALS: DigestTotals = {
  compressed: true,
  size: 2_500_400,
  base: 2 ** 40 + 1,
  last: 2 ** 40 + 70_000,
  end: 2 ** 40 + 70_001,
  marked: true,
  high: -3,
  low: 2 ** 32 - 1,
};
export const DIGESTED_TOMBSTONES: readonly number[] = [2 ** 40 - 1, 7, 2 ** 41];
export const DIGESTED_DELETED: readonly number[] = [2 ** 40 + 3, 190, 5, 7];
/** Sequence, position, size and number of the subject. */
export const DIGESTED: readonly number[][] = [
  [2 ** 40 + 1, 0, 60, 0],
  [2 ** 40 + 2, 60, 130, 1],
  [2 ** 40 + 4, 250, 2_500_000, 0],
  [2 ** 40 + 69_000, 2_500_280, 60, 1],
  [2 ** 40 + 69_001, 2_500_340, 60, 1],
];
export const BLOCK_DIGEST: Uint8Array = blockDigest();

function blockDigest(): Uint8Array {
  const writer = new DigestWriter(DIGEST_TOTALS.base, 1);
  const names = new TextEncoder().encode("xorders.newa");
  writer.subject(names, 1, 11);
  writer.subject(names, 11, 12);
  for (const each of DIGESTED_TOMBSTONES) writer.tombstone(each);
  writer.deleted(2 ** 40 + 3, 190);
  writer.deleted(5, 7);
  for (const [sequence = 0, position = 0, size = 0, subject = 0] of DIGESTED) {
    writer.message(sequence, position, size, subject);
  }
  return writer.end(DIGEST_TOTALS);
}
