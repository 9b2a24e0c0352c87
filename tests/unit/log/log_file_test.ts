import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { isBackupName } from "../../../src/log/log_backup.ts";
import { LogFile } from "../../../src/log/log_file.ts";
import {
  denoRuntime,
  type Disk,
  DiskError,
  type File,
} from "../../../src/runtime/mod.ts";
import { capability } from "../../tools/capability.ts";
import { SetClock } from "./ports.ts";

const { disk } = denoRuntime();
const STAMP = "2026.03.04.05.06.07.089123456";

function withDirectory(fn: (directory: string) => void): () => void {
  return () => {
    const directory = Deno.makeTempDirSync();
    try {
      fn(directory);
    } finally {
      Deno.removeSync(directory, { recursive: true });
    }
  };
}

function open(path: string, replaced: Partial<Disk> = {}) {
  const clock = new SetClock("2026-03-04T05:06:07.089Z", 123_456n);
  const complaints: string[] = [];
  const file = new LogFile(path, {
    disk: { ...pick(disk), ...replaced },
    clock,
    prefix: "[1] ",
    time: false,
    complain: (text) => complaints.push(text),
  });
  return { file, clock, complaints };
}

function pick(
  all: Disk,
): Pick<Disk, "open" | "rename" | "list" | "stat" | "remove"> {
  return {
    open: (path, options) => all.open(path, options),
    rename: (from, to) => all.rename(from, to),
    list: (path) => all.list(path),
    stat: (path) => all.stat(path),
    remove: (path) => all.remove(path),
  };
}

const names = (directory: string) =>
  [...Deno.readDirSync(directory)].map((e) => e.name).sort();

capability(
  "LogFile - creates with mode 0640 and appends to what is there",
  { positive: ["cli-signals-logging/file-logger"] },
  withDirectory((directory) => {
    const path = `${directory}/server.log`;
    const umask = Deno.umask(0o022);
    try {
      const first = open(path).file;
      first.write("one\n");
      first.close();
    } finally {
      Deno.umask(umask);
    }
    assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o640);
    const second = open(path).file;
    second.write("two\n");
    second.close();
    assertEquals(Deno.readTextFileSync(path), "one\ntwo\n");
  }),
);

Deno.test(
  "LogFile - lines wait for flush, and longer ones than the buffer are written whole",
  withDirectory((directory) => {
    const path = `${directory}/server.log`;
    const { file } = open(path);
    file.write("held\n");
    assertEquals(Deno.readTextFileSync(path), "");
    const long = "ü".repeat(100_000) + "\n";
    file.write(long);
    file.write("after\n");
    file.flush();
    assertEquals(Deno.readTextFileSync(path), `held\n${long}after\n`);
    file.close();
  }),
);

capability(
  "LogFile - the line over the limit stays in the file that is rotated",
  { positive: ["cli-signals-logging/rotation"] },
  withDirectory((directory) => {
    const path = `${directory}/server.log`;
    const { file } = open(path);
    assertEquals(file.limitSize(200), false);
    file.write("1".repeat(200));
    file.write("2\n");
    file.write("next\n");
    file.close();
    assertEquals(names(directory), ["server.log", `server.log.${STAMP}`]);
    assertEquals(
      Deno.readTextFileSync(`${path}.${STAMP}`),
      "1".repeat(200) + "2\n",
    );
    assertEquals(
      Deno.readTextFileSync(path),
      `[1] [INF] Rotated log, backup saved as "${path}.${STAMP}"\r\nnext\n`,
    );
  }),
);

capability(
  "LogFile - rotation that fails is tried again at twice the size",
  { edge: ["cli-signals-logging/rotation"] },
  withDirectory((directory) => {
    const path = `${directory}/server.log`;
    let failures = 1;
    const stubborn = (file: File): File => ({
      readAt: (target, position) => file.readAt(target, position),
      writeAt: (source, position) => file.writeAt(source, position),
      append: (source) => file.append(source),
      truncate: (size) => file.truncate(size),
      size: () => file.size(),
      syncNow: () => file.syncNow(),
      sync: () => file.sync(),
      tryLock: () => file.tryLock(),
      close: () => {
        if (failures-- > 0) {
          throw new DiskError("close: input/output error", "EIO", path);
        }
        file.close();
      },
    });
    const { file } = open(path, {
      open: (p, options) => stubborn(disk.open(p, options)),
    });
    file.limitSize(120);
    file.write("x".repeat(120) + "\n");
    assertEquals(names(directory), ["server.log"]);
    assertStringIncludes(
      Deno.readTextFileSync(path),
      "[1] [ERR] Unable to close logfile for rotation (close: input/output error), " +
        "will attempt next rotation at size 240\r\n",
    );
    file.write("y".repeat(120) + "\n");
    assertEquals(names(directory).length, 2);
    file.close();
  }),
);

capability(
  "LogFile - a file over its limit already says so, and the next line rotates it",
  { edge: ["cli-signals-logging/rotation"] },
  withDirectory((directory) => {
    const path = `${directory}/server.log`;
    Deno.writeTextFileSync(path, "x".repeat(50));
    const { file } = open(path);
    assert(file.limitSize(10));
    file.write("line\n");
    file.close();
    assertEquals(
      Deno.readTextFileSync(`${path}.${STAMP}`),
      "x".repeat(50) + "line\n",
    );
  }),
);

capability(
  "LogFile - a rename that fails keeps the lines and the server going",
  { edge: ["cli-signals-logging/rotation"] },
  withDirectory((directory) => {
    const path = `${directory}/server.log`;
    const rename = () => {
      throw new DiskError("rename: permission denied", "EACCES", path);
    };
    const { file } = open(path, { rename });
    file.limitSize(5);
    file.write("123456\n");
    file.write("more\n");
    file.close();
    assertMatch(
      Deno.readTextFileSync(path),
      /^123456\n.*Unable to rename logfile.*\r\nmore\n/s,
    );
  }),
);

capability(
  "LogFile - keeps as many files as allowed and removes the oldest",
  { positive: ["cli-signals-logging/retention"] },
  withDirectory((directory) => {
    const path = `${directory}/server.log`;
    const { file, clock } = open(path);
    file.limitSize(5);
    file.limitFiles(3);
    for (let i = 0; i < 4; i++) {
      file.write("123456\n");
      clock.advance(1000);
    }
    file.close();
    // The first note of each new file takes it over the limit with the next line.
    assertEquals(names(directory), [
      "server.log",
      "server.log.2026.03.04.05.06.09.089123456",
      "server.log.2026.03.04.05.06.10.089123456",
    ]);
    const purged =
      `[1] [INF] Purged log file "server.log.2026.03.04.05.06.08.089123456"\r\n`;
    assert(Deno.readTextFileSync(path).endsWith(purged));
  }),
);

capability(
  "LogFile - foreign files and directories are never removed",
  { edge: ["cli-signals-logging/retention"] },
  withDirectory((directory) => {
    const path = `${directory}/server.log`;
    const foreign = [
      "server.log.gz",
      "server.log.2020.13.01.00.00.00.000000000",
      "server.log.2020.02.30.00.00.00.000000000",
      "server.logs.2020.01.01.00.00.00.000000000",
      "other.log.2020.01.01.00.00.00.000000000",
    ];
    for (const name of foreign) {
      Deno.writeTextFileSync(`${directory}/${name}`, "");
    }
    Deno.mkdirSync(`${path}.2020.01.01.00.00.00.000000000`);
    const { file } = open(path);
    file.limitSize(5);
    file.limitFiles(1);
    file.write("123456\n");
    file.close();
    assertEquals(
      names(directory),
      [...foreign, "server.log", "server.log.2020.01.01.00.00.00.000000000"]
        .sort(),
    );
  }),
);

capability(
  "LogFile - a copy that can't be removed is left for the next rotation",
  { edge: ["cli-signals-logging/retention"] },
  withDirectory((directory) => {
    const path = `${directory}/server.log`;
    const remove = () => {
      throw new DiskError("remove: permission denied", "EACCES", path);
    };
    const { file } = open(path, { remove });
    file.limitSize(5);
    file.limitFiles(1);
    file.write("123456\n");
    file.close();
    assertStringIncludes(
      Deno.readTextFileSync(path),
      `[1] [ERR] Unable to remove backup log file "server.log.${STAMP}" ` +
        "(remove: permission denied), will attempt next rotation\r\n",
    );
  }),
);

Deno.test(
  "LogFile - a full disk loses lines, not the server",
  withDirectory((directory) => {
    const full = (file: File): File =>
      Object.assign(Object.create(file), {
        append() {
          throw new DiskError(
            "write: no space left on device",
            "ENOSPC",
            directory,
          );
        },
        size: () => 0,
        close: () => file.close(),
      });
    const { file } = open(`${directory}/server.log`, {
      open: (p, o) => full(disk.open(p, o)),
    });
    file.write("lost\n");
    file.close();
    assertEquals(Deno.readTextFileSync(`${directory}/server.log`), "");
  }),
);

Deno.test("isBackupName - takes what Go's time layout takes", () => {
  const base = "a.log";
  for (
    const stamp of [
      STAMP,
      "2024.02.29.23.59.59.1",
      "2024.02.29.23.59.59",
      "2024.01.01.5.00.00.0",
    ]
  ) {
    assert(isBackupName(`${base}.${stamp}`, base), stamp);
  }
  for (
    const stamp of [
      "",
      "2023.02.29.00.00.00.0",
      "2024.01.01.24.00.00.0",
      "2024.1.01.00.00.00.0",
    ]
  ) {
    assertEquals(isBackupName(`${base}.${stamp}`, base), false, stamp);
  }
});
