/** Figures of the process that Go's runtime has other names for. */

import { assertEquals } from "@std/assert";
import { capability } from "../../tools/capability.ts";
import { withServer } from "../../tools/started_server.ts";
import { Member } from "../events/support.ts";
import { fetchJson } from "./support.ts";

const CONFIG = `
http: "127.0.0.1:-1"
accounts { SYS { users [ { user: sys, password: sys } ] } }
system_account: SYS
`;

capability(
  "threads are told to be as many as cores, and no limit of memory",
  {
    positive: ["cli-signals-logging/gomaxprocs-gomemlimit"],
    edge: ["cli-signals-logging/gomaxprocs-gomemlimit"],
  },
  () =>
    withServer(CONFIG, async (server) => {
      const varz = await fetchJson(server, "/varz");
      assertEquals(varz.gomaxprocs, varz.cores);
      assertEquals(varz.cores, navigator.hardwareConcurrency);
      assertEquals("gomemlimit" in varz, false);
      await using sys = await Member.of(server, "sys");
      const { statsz } = await sys.ask("$SYS.REQ.SERVER.PING.STATSZ");
      assertEquals(statsz.gomaxprocs, varz.cores);
      assertEquals("gomemlimit" in statsz, false);
    }),
);
