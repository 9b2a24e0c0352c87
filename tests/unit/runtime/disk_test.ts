import {
  assert,
  assertEquals,
  assertFalse,
  assertGreater,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { denoRuntime, DiskError } from "../../../src/runtime/mod.ts";

const { disk } = denoRuntime();
const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Gives `use` a directory that is removed afterwards. */
async function inDirectory(
  use: (path: string) => void | Promise<void>,
): Promise<void> {
  const path = await Deno.makeTempDir();
  try {
    await use(path);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

function failure(run: () => unknown): DiskError["code"] {
  return assertThrows(run, DiskError).code;
}

Deno.test("positional reads and writes reach where they are told", () =>
  inDirectory((path) => {
    const file = disk.open(`${path}/f`, { write: true, create: true });
    file.writeAt(encode("hello world"), 0);
    file.writeAt(encode("W"), 6);
    file.writeAt(encode("!"), 11);
    assertEquals(file.size(), 12);
    const target = new Uint8Array(20);
    assertEquals(file.readAt(target, 6), 6);
    assertEquals(decode(target.subarray(0, 6)), "World!");
    assertEquals(file.readAt(target, 100), 0);
    file.truncate(5);
    assertEquals(file.size(), 5);
    file.close();
    assertEquals(decode(disk.readFile(`${path}/f`)), "hello");
  }));

Deno.test("append writes at the end whatever was read before", () =>
  inDirectory((path) => {
    disk.writeFile(`${path}/f`, encode("ab"));
    const file = disk.open(`${path}/f`, { append: true });
    file.readAt(new Uint8Array(1), 0);
    file.append(encode("cd"));
    file.append(encode("e"));
    assertEquals(file.size(), 5);
    file.close();
    assertEquals(decode(disk.readFile(`${path}/f`)), "abcde");
  }));

Deno.test("both ways of syncing return with the data in place", () =>
  inDirectory(async (path) => {
    const file = disk.open(`${path}/f`, { write: true, create: true });
    file.writeAt(encode("a"), 0);
    file.syncNow();
    file.writeAt(encode("b"), 1);
    await file.sync();
    disk.syncDirectory(path);
    file.close();
    assertEquals(decode(disk.readFile(`${path}/f`)), "ab");
  }));

Deno.test("much at once is written whole, wherever it begins", () =>
  inDirectory((path) => {
    const file = disk.open(`${path}/f`, { write: true, create: true });
    const bytes = Uint8Array.from({ length: 300_001 }, (_, i) => i * i >> 7);
    file.writeAt(bytes, 12_345);
    const read = new Uint8Array(12_345 + bytes.length);
    assertEquals(file.readAt(read, 0), read.length);
    file.close();
    assertEquals(read.subarray(0, 12_345), new Uint8Array(12_345));
    assertEquals(read.subarray(12_345), bytes);
  }));

Deno.test("open honours its options", () =>
  inDirectory((path) => {
    const name = `${path}/f`;
    assertEquals(failure(() => disk.open(name)), "ENOENT");
    disk.open(name, { createNew: true, write: true }).close();
    assertEquals(
      failure(() => disk.open(name, { createNew: true, write: true })),
      "EEXIST",
    );
    disk.writeFile(name, encode("abc"));
    disk.open(name, { write: true, truncate: true }).close();
    assertEquals(disk.stat(name).size, 0);
    const readOnly = disk.open(name);
    assertThrows(() => readOnly.writeAt(encode("x"), 0), DiskError);
    readOnly.close();
  }));

Deno.test("new files and directories get Go's permission bits", () =>
  inDirectory((path) => {
    // Windows has no permission bits: there the calls only have to succeed.
    const hasBits = Deno.build.os !== "windows";
    const mask = hasBits ? Deno.umask() : 0;
    disk.writeFile(`${path}/f`, encode("a"));
    disk.open(`${path}/g`, { create: true, mode: 0o600 }).close();
    disk.makeDirectory(`${path}/a/b`);
    assertEquals(disk.list(path), ["a", "f", "g"]);
    if (!hasBits) return;
    const mode = (name: string) =>
      (Deno.statSync(`${path}/${name}`).mode ?? 0) & 0o777;
    assertEquals(mode("f"), 0o640 & ~mask);
    assertEquals(mode("g"), 0o600 & ~mask);
    assertEquals(mode("a/b"), 0o750 & ~mask);
  }));

Deno.test("a closed file refuses to work, and closes again", () =>
  inDirectory((path) => {
    const file = disk.open(`${path}/f`, { create: true });
    file.close();
    file.close();
    const error = assertThrows(() => file.size(), DiskError);
    assertStringIncludes(error.message, "file already closed");
    assertThrows(() => file.append(encode("x")), DiskError);
  }));

Deno.test("a lock shuts another process out until the file is closed", () =>
  inDirectory((path) => {
    const name = `${path}/f`;
    const first = disk.open(name, { create: true });
    const second = disk.open(name);
    assert(first.tryLock());
    assert(first.tryLock());
    assertFalse(second.tryLock());
    first.close();
    assert(second.tryLock());
    second.close();
  }));

Deno.test("directories are made, listed, renamed and removed", () =>
  inDirectory((path) => {
    disk.makeDirectory(`${path}/a/b/c`);
    disk.makeDirectory(`${path}/a/b/c`);
    disk.writeFile(`${path}/a/z`, encode("z"));
    disk.writeFile(`${path}/a/Y`, encode("y"));
    assertEquals(disk.list(`${path}/a`), ["Y", "b", "z"]);
    assert(disk.stat(`${path}/a`).isDirectory);
    assert(disk.stat(`${path}/a/z`).isFile);
    assertGreater(disk.stat(`${path}/a/z`).modified, 1e12);
    disk.rename(`${path}/a/z`, `${path}/a/Y`);
    assertEquals(disk.list(`${path}/a`), ["Y", "b"]);
    assertEquals(failure(() => disk.remove(`${path}/a`)), "ENOTEMPTY");
    disk.remove(`${path}/a`, { recursive: true });
    assertFalse(disk.exists(`${path}/a`));
    assertGreater(disk.freeSpace(path), 0);
  }));

Deno.test("failures carry code, path and Go's words", () =>
  inDirectory((path) => {
    disk.writeFile(`${path}/f`, encode("a"));
    disk.makeDirectory(`${path}/d`);
    const cases: [() => unknown, DiskError["code"], string][] = [
      [() => disk.readFile(`${path}/no`), "ENOENT", "no such file"],
      [() => disk.stat(`${path}/no`), "ENOENT", "no such file"],
      [() => disk.list(`${path}/no`), "ENOENT", "no such file"],
      [() => disk.remove(`${path}/no`), "ENOENT", "no such file"],
      [() => disk.rename(`${path}/no`, `${path}/x`), "ENOENT", "no such file"],
      [() => disk.stat(`${path}/f/x`), "ENOTDIR", "not a directory"],
      [() => disk.list(`${path}/f`), "ENOTDIR", "not a directory"],
      [() => disk.readFile(`${path}/d`), "EISDIR", "is a directory"],
      [() => disk.makeDirectory(`${path}/f`), "EEXIST", "file exists"],
    ];
    for (const [run, code, words] of cases) {
      const error = assertThrows(run, DiskError);
      assertEquals(error.code, code, error.message);
      assertStringIncludes(error.message, words);
      assertStringIncludes(error.path, path);
    }
    assertFalse(disk.exists(`${path}/no`));
    assertFalse(disk.exists(`${path}/f/x`));
  }));
