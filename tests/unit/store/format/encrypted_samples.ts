/**
 * Files of a stream `E` in account `$G`, encrypted by a Go server with the key
 * `s3cr3t`: messages "one" and "two", and a consumer `C` to which one was
 * delivered.
 *
 * @module
 */

import type { StoreCipher } from "../../../../src/store/mod.ts";
import { hex } from "./samples.ts";

/** The files of the stream, by what they are. */
export interface EncryptedFiles {
  readonly metaKey: Uint8Array;
  readonly meta: Uint8Array;
  readonly metaSum: string;
  readonly blockKey: Uint8Array;
  readonly block: Uint8Array;
  readonly index: Uint8Array;
  readonly consumerKey: Uint8Array;
  readonly consumerState: Uint8Array;
}

/** By cipher. */
export const ENCRYPTED: Readonly<Record<StoreCipher, EncryptedFiles>> = {
  chacha: {
    metaKey: hex(`
      7d7603456c0d3094e876e24d6aa1d618c0213694ab48c8d31b475a76f78a03bf
      c19394873e131462796ba9d392ba1cae28c6e5b495a29c335084af533d5d376e
      a1f65d61bab757e5
    `),
    meta: hex(`
      80431db6d13542ba3652c72b43df80a0a80999be8d596a0b449e6af73ae70114
      683285bd5746d568ceb1e08cebb5f15686f1dddb45b49e012060ae6da589c84d
      08da5730a8c881f33da5147578088b42ab20f0ed93fcba348e0fae1aa974e858
      bd2aa0ef5defbfb6f907e829bc1dcc9bd88351c2357577ddc2ce3e6f9f689bad
      f88015716e3c24f5ed091d8408bde2a41f4d2a6861e7512d440c618d6693138a
      bedf333b1e0b77499198627bb3eb36c14365161ddcc07b655839e3541ca6872e
      9b8b314a879d0ceee4a44ab62cbe4e913fdf83cdcb3eee1332b97ea583d56cdb
      a240bae12f19b522c9ef6963254824b3ca16ad645bf067001a358e7528454ab7
      bb26684b19e070b655d68550e027f0c0774a0e150e11c58acde20520b1dce215
      419392b3529fee7ae61da3cb4ca75ea9e3eeec240ebfaa1e83d05de05e8d3ad9
      8c18595ba2f2ad3a157158a73707a4f4f24ceb66197bf4d681c52028c6112cf2
      2b995a6c19deabf8ece5ca4d6b81d8a758f50780e541834b9207cd76594c1065
      8bd3d00f540edea282906a927af60c715a97a6573da50e906527342b2dd67d60
      4e77f064fc833fe5cedec5939ea887e7e5a4e2fb1fca464ddd89924aeb8c827f
      ae2c915113229118aa0ce21115fe426b47901bfa4350650beb47552139d62f0b
      615d35f62bd06531feb181de25da97942def691ceecc65d5dbbac287d3b73903
      3a59b46830245da72d188927f33c7f6a30672df011c9d8f4cdb6b730
    `),
    blockKey: hex(`
      de31937d19d5d1d9c3cf1b6cac23cd73427a1ca00e191b81c1ee5a1f859038fc
      8414d71016bc38ced853e2b599df97e10d1f278d1e8e11f82a8dc34fb184e2b4
      30a9c675940e5be0
    `),
    block: hex(`
      15d0bf6415bbe37cdbd826da449c0c1ae44bd433112ba2121c85b20da628a1a1
      5a12a8b6f9c046bd93c6ff55cdcfb9336a4e3c80afd3c25dd2ff48c0f2ad3784
      52da578c
    `),
    index: hex(`
      1894d9dec088cb088ad447568e0c2ef0c6b2fe804cf1010c8e363ee3d1b7709d
      40ec9f7c5c4304fbfa1f3e16196a6df6d9b043036bd53171f8726f874a9eb45c
      414d0390bb38ca06e59e88a963033b41729b62687acf0f5f1facbbdf737c20a3
      ecc84b84
    `),
    consumerKey: hex(`
      c337dd62bab7c1da8dd33b18dc380c727d41b40ada747398137dd4cc7c4ef24b
      f90d79813daef9ffa4c60da695f1e47669e6a5b372eb04dba10ab313373d6667
      e177558e6d131be6
    `),
    consumerState: hex(`
      40fd2a41ba6c97539c3925ccb07cbf8dc0567e5a3724ab81f786bdd6f4c9d8ae
      6c7304f629591f7988e915fd20fb60a76461ef193ab1280c
    `),
    metaSum: "5dbc5e270cc9d41f",
  },
  aes: {
    metaKey: hex(`
      f6d754e4e04231997cb870f8acd63aa7bfc168740996f8bf46384d910854e0ef
      b01a122b087961aa2ce86cebcc3aa115c7ae4f946de0bfd4ec97ed96d69e58e9
    `),
    meta: hex(`
      09cbd57574d79f3deead6f53b36b2be8dcfc77e284e1a8d0fc40739d590a58fb
      d5b567af69667fbde3a412959b5e0260c7a73ef601accfec6ca9c50a9f189f34
      bd71275c7fb3ff3672b4488f8620eb8e7e21ede3b6c59ff714b6fe71410a141c
      b83e51c782478e8f31ea25649d42f833a22f26be4b0ef457bd044d40e99ea796
      5032b689e91dba00b9ae52d2e4ef912d4fe48631236dd59aef29d8eba7a89fd6
      00d72e7c299cb62e505ff2cfff7a4f848ba40bfe8eb4b814ae532258e041b5f9
      ee345f4aae5160dcd92b32db18f334c7d6c999ffa16e3ca231547483fba5f48d
      834936ec146136d0965fe31973768ed7607d8c312647eb78ffb93ffd05621ee3
      7d90b77799c6c7be7d5b12c802a1eef287f7b691dd763d7e0e8924fe1c3e4167
      7a006f5405bc4b5b16bff31e96f9b793fbe1f37d86a2589e0bcff58c93351fc4
      e6879137b5e55ecd2a8bc3f0e68495369ca14e0db61c8649a29608eae7544ca6
      3da0b20a70cfae5d94775b78b15bad8f5c499276ba39f6fa1b6c1553877daa39
      2fbb49d01ad798649de8b11140694d3d6965ae263f262421ca7fb16d7d320c02
      3fec8ba47aaa25a06d745964b509674b00e4d18f8bc601ffc08a1158e04d903c
      27989a244a4680cbfd271f93daa3e4bff47f3c20fc715483fb010b3959edc867
      7ba2bab607f950c5e565397c27926ccb2f925baf5c17c0b8f5e13e6220c7fd63
      1a3678a00b96ec51134a3bdf29f505175187bfe1
    `),
    blockKey: hex(`
      1bac7af13a55b5da426c69ed92370a8e5011cb47980b8ed22d265e4a5656482a
      8496fc08067325b7640c67b470c4dba896ec8b112b6a1262727659fa9fd88d65
    `),
    block: hex(`
      51f2fc28079a65dd4368c32a111a3587a8939c8007085db32ea33e2d38983d54
      e5505f9be5d5d8bab1ac5a935e398731f348b26b6004f8b1e2c52161455ed038
      b61ec7a4
    `),
    index: hex(`
      6448a2ba0c9f720faa6c209683988195d59122729754fe57b9bcf9a0da174fbd
      df6f6156f8b7d9c8e8ac636d84b9345a28c5fe99278846ea8a8b7b354262ba0c
      236bd516cef544d676937e63b7a95a820b47614c7d11eaa7083d560f
    `),
    consumerKey: hex(`
      a2fed41677fd4a6d9d8674040d83941879a271ebb14356425f59b25d417dabfe
      47e54edb11326319646ae6de893dae63c197b7af2602a17a9717f858af3da92c
    `),
    consumerState: hex(`
      40cc4ce16be4ada0ef2f7e8b3ef1ebf8888aebe1ffa8acdc5669e2ae3492f94c
      7bcb7107753b4cecc3f230b6ee133aaa
    `),
    metaSum: "e4ac08dc91571737",
  },
};
