import { assertEquals, assertThrows } from "@std/assert";
import {
  decodeDirectory,
  DecodeError,
  encodeDirectory,
} from "../../../../src/store/format/mod.ts";
import { DIRECTORY } from "./samples.ts";

Deno.test("a directory of pages survives", () => {
  assertEquals(decodeDirectory(encodeDirectory(DIRECTORY)), DIRECTORY);
  const empty = {
    ...DIRECTORY,
    blocks: [],
    pages: [],
    subjects: [],
    idsEnd: 0,
  };
  assertEquals(decodeDirectory(encodeDirectory(empty)), empty);
});

Deno.test("a directory of pages that is cut, longer or unknown is refused", () => {
  const bytes = encodeDirectory(DIRECTORY);
  for (let size = 0; size < bytes.length; size++) {
    assertThrows(() => decodeDirectory(bytes.slice(0, size)), DecodeError);
  }
  assertThrows(
    () => decodeDirectory(Uint8Array.of(...bytes, 0)),
    DecodeError,
  );
  for (const at of [0, 4]) {
    const changed = bytes.slice();
    changed[at] = 99;
    assertThrows(() => decodeDirectory(changed), DecodeError);
  }
});
