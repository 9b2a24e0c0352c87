import { assertEquals, assertThrows } from "@std/assert";
import { denoRuntime, DiskError } from "../../../src/runtime/mod.ts";
import {
  listenerUrls,
  portsFilePath,
  removePortsFile,
  writePidFile,
  writePortsFile,
} from "../../../src/server/process_files.ts";
import { capability } from "../../tools/capability.ts";

const { disk } = denoRuntime();
const PROCESS = { pid: 4711, name: "nats-server" };

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

capability(
  "writePidFile - the bare number, readable by the owner, in place of what was there",
  { positive: ["cli-signals-logging/pid-file"] },
  withDirectory((directory) => {
    const path = `${directory}/n.pid`;
    writePidFile(path, disk, PROCESS);
    assertEquals(Deno.readTextFileSync(path), "4711");
    assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
    writePidFile(path, disk, { pid: 1 });
    assertEquals(Deno.readTextFileSync(path), "1");
  }),
);

capability(
  "writePidFile - fails where it can't write",
  { edge: ["cli-signals-logging/pid-file"] },
  () => {
    const error = assertThrows(
      () => writePidFile("/nonexistent/n.pid", disk, PROCESS),
      DiskError,
    );
    assertEquals(
      error.message,
      "open /nonexistent/n.pid: no such file or directory",
    );
  },
);

capability(
  "writePortsFile - lists the listeners that are on, and is removed again",
  { positive: ["cli-signals-logging/ports-file"] },
  withDirectory((directory) => {
    writePortsFile(
      directory,
      {
        websocket: ["ws://h:3"],
        nats: ["nats://h:1", "nats://[::1]:1"],
        monitoring: ["http://h:2"],
      },
      disk,
      PROCESS,
    );
    const path = `${directory}/nats-server_4711.ports`;
    assertEquals(
      Deno.readTextFileSync(path),
      '{"nats":["nats://h:1","nats://[::1]:1"],"monitoring":["http://h:2"],"websocket":["ws://h:3"]}',
    );
    removePortsFile(directory, disk, PROCESS);
    assertEquals([...Deno.readDirSync(directory)], []);
  }),
);

capability(
  "ports file - directory with a slash, nothing listening, removal of what is gone",
  { edge: ["cli-signals-logging/ports-file"] },
  withDirectory((directory) => {
    assertEquals(
      portsFilePath("/tmp/", PROCESS),
      "/tmp/nats-server_4711.ports",
    );
    assertEquals(portsFilePath("/", PROCESS), "/nats-server_4711.ports");
    writePortsFile(directory, {}, disk, PROCESS);
    assertEquals(
      Deno.readTextFileSync(portsFilePath(directory, PROCESS)),
      "{}",
    );
    removePortsFile(directory, disk, PROCESS);
    assertThrows(() => removePortsFile(directory, disk, PROCESS), DiskError);
  }),
);

capability(
  "listenerUrls - every address of the machine for a listener on all of them",
  { positive: ["cli-signals-logging/ports-file"] },
  () => {
    const interfaces = () => ["127.0.0.1", "::1", "10.0.0.1"];
    assertEquals(
      listenerUrls("nats", { host: "0.0.0.0", port: 4222 }, interfaces),
      [
        "nats://127.0.0.1:4222",
        "nats://[::1]:4222",
        "nats://10.0.0.1:4222",
      ],
    );
    const notAsked = () => {
      throw new Error("needs --allow-sys");
    };
    assertEquals(listenerUrls("tls", { host: "::1", port: 1 }, notAsked), [
      "tls://[::1]:1",
    ]);
  },
);
