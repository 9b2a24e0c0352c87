/**
 * Archives as the first kind of snapshot is one.
 *
 * @module
 */

import {
  ByteWriter,
  writeTarEnd,
  writeTarFile,
} from "../../../src/store/mod.ts";

const TIME = 1_795_887_240_123_456_789n;

/** Content by name, in the order of an archive. */
export type Files = Map<string, Uint8Array>;

/** What a first kind of snapshot has of a stream's directory. */
export async function filesOf(
  directory: string,
  consumers: readonly string[],
): Promise<Files> {
  const files: Files = new Map();
  const add = async (name: string) => {
    files.set(name, await Deno.readFile(`${directory}/${name}`));
  };
  await add("meta.inf");
  await add("meta.sum");
  for await (const { name } of Deno.readDir(`${directory}/msgs`)) {
    if (name.endsWith(".blk")) await add(`msgs/${name}`);
  }
  await add("msgs/index.db");
  for (const consumer of consumers) {
    for (const name of ["meta.inf", "meta.sum", "o.dat"]) {
      await add(`obs/${consumer}/${name}`);
    }
  }
  return files;
}

/** A tar archive of files. */
export function pack(files: Files): Uint8Array {
  const out = new ByteWriter();
  for (const [name, content] of files) writeTarFile(out, name, content, TIME);
  writeTarEnd(out);
  return out.written;
}
