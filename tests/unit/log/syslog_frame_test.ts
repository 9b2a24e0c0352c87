import { assertEquals, assertThrows } from "@std/assert";
import { LogOpenError } from "../../../src/log/mod.ts";
import {
  Facility,
  parseSyslogTarget,
  Severity,
  syslogFrame,
} from "../../../src/log/syslog_frame.ts";
import { capability } from "../../tools/capability.ts";

const AT = Date.parse("2026-03-04T05:06:07Z");

capability(
  "syslogFrame - local frames have no host and a short time",
  { positive: ["cli-signals-logging/syslog"] },
  () => {
    const options = { facility: Facility.daemon, tag: "nats-server", pid: 7 };
    assertEquals(
      syslogFrame(options, Severity.notice, "hello", AT, 0),
      "<29>Mar  4 05:06:07 nats-server[7]: hello\n",
    );
    const severities = [
      Severity.warning,
      Severity.err,
      Severity.crit,
      Severity.debug,
    ];
    assertEquals(
      severities.map((severity) =>
        syslogFrame(options, severity, "x", AT, 0).slice(0, 4)
      ),
      ["<28>", "<27>", "<26>", "<31>"],
    );
  },
);

capability(
  "syslogFrame - remote frames have host, RFC 3339 time and Go's facility",
  {
    positive: ["cli-signals-logging/remote-syslog"],
    edge: ["cli-signals-logging/syslog"],
  },
  () => {
    const options = {
      facility: Facility.kern,
      tag: "nats-server",
      pid: 7,
      hostname: "box",
    };
    assertEquals(
      syslogFrame(options, Severity.err, "text\n", AT, 0),
      "<3>2026-03-04T05:06:07Z box nats-server[7]: text\n",
    );
    assertEquals(
      syslogFrame(options, Severity.err, "x", AT, -210),
      "<3>2026-03-04T01:36:07-03:30 box nats-server[7]: x\n",
    );
  },
);

capability(
  "parseSyslogTarget - udp, tcp and unix",
  { positive: ["cli-signals-logging/remote-syslog"] },
  () => {
    assertEquals(parseSyslogTarget("udp://localhost:514"), {
      network: "udp",
      host: "localhost",
      port: 514,
    });
    assertEquals(parseSyslogTarget("tcp://[::1]:1"), {
      network: "tcp",
      host: "::1",
      port: 1,
    });
    assertEquals(parseSyslogTarget("unix:///tmp/s"), {
      network: "unix",
      path: "/tmp/s",
    });
  },
);

capability(
  "parseSyslogTarget - other schemes and missing ports are refused",
  { edge: ["cli-signals-logging/remote-syslog"] },
  () => {
    const message = (url: string) =>
      assertThrows(() => parseSyslogTarget(url), LogOpenError).message;
    assertEquals(message("http://h:1"), 'error invalid network type: "http"');
    assertEquals(message("h"), 'error invalid network type: ""');
    assertEquals(
      message("tcp://h"),
      'error connecting to syslog: "dial tcp: address h: missing port in address"',
    );
  },
);
