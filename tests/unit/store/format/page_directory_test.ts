import { encodeDirectory } from "./at_once.ts";
import { assertEquals, assertThrows } from "@std/assert";
import { finish } from "../../../../src/connection/mod.ts";
import {
  decodeDirectory,
  DecodeError,
  ListedSubjects,
  type PageDirectory,
} from "../../../../src/store/format/mod.ts";
import { DIRECTORY } from "./samples.ts";

function decode(bytes: Uint8Array): PageDirectory {
  return finish(decodeDirectory(bytes));
}

Deno.test("a directory of pages survives", () => {
  assertEquals(decode(encodeDirectory(DIRECTORY)), DIRECTORY);
  const empty = {
    ...DIRECTORY,
    blocks: [],
    pages: [],
    subjects: new ListedSubjects(0),
    idsEnd: 0,
  };
  assertEquals(decode(encodeDirectory(empty)), empty);
});

Deno.test("a directory of pages that is cut, longer or unknown is refused", () => {
  const bytes = encodeDirectory(DIRECTORY);
  for (let size = 0; size < bytes.length; size++) {
    assertThrows(() => decode(bytes.slice(0, size)), DecodeError);
  }
  assertThrows(
    () => decode(Uint8Array.of(...bytes, 0)),
    DecodeError,
  );
  for (const at of [0, 4]) {
    const changed = bytes.slice();
    changed[at] = 99;
    assertThrows(() => decode(changed), DecodeError);
  }
});
