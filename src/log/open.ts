/**
 * Opens the log that the options ask for.
 *
 * @module
 */

import {
  type Clock,
  type Disk,
  DiskError,
  type Network,
  type Process,
} from "../runtime/mod.ts";
import { ErrorSink } from "./error_sink.ts";
import { LineLogger, type LineOptions, type LinePorts } from "./line_logger.ts";
import { LogFile } from "./log_file.ts";
import type { ClosableLogger } from "./logger.ts";
import { LogOpenError } from "./open_error.ts";
import { localDial, remoteDial, type SyslogDial } from "./syslog_connection.ts";
import {
  Facility,
  type FrameOptions,
  parseSyslogTarget,
} from "./syslog_frame.ts";
import { SyslogLogger } from "./syslog_logger.ts";

/** The options that decide where lines go and what they look like. */
export interface LogOptions {
  readonly debug: boolean;
  readonly trace: boolean;
  readonly logTime: boolean;
  readonly logTimeUtc: boolean;
  readonly logFile: string;
  /** Bytes; 0 never rotates. */
  readonly logFileSizeLimit: number;
  /** Files kept, the current one included; 0 keeps all. */
  readonly logFileMaxCount: number;
  readonly syslog: boolean;
  readonly remoteSyslog: string;
}

/** The ports that logging works with. */
export interface LogPorts extends LinePorts {
  readonly clock: Clock;
  readonly disk: Disk;
  readonly network: Network;
  readonly process: Process;
}

/** File before remote syslog before local syslog before standard error. @throws LogOpenError */
export async function openLogger(
  options: LogOptions,
  ports: LogPorts,
): Promise<ClosableLogger> {
  if (options.logFile !== "") return openLogFile(options, ports);
  if (options.remoteSyslog !== "") {
    const target = parseSyslogTarget(options.remoteSyslog);
    const frame = { ...frameOptions(ports.process), facility: Facility.kern };
    if (target.network === "unix") {
      return await openSyslog(
        remoteDial(target, ports.network),
        frame,
        options,
        ports,
      );
    }
    const hostname = ports.process.hostname();
    return await openSyslog(
      remoteDial(target, ports.network),
      { ...frame, hostname },
      options,
      ports,
    );
  }
  if (options.syslog) {
    const dial = localDial(ports.network, ports.disk);
    return await openSyslog(dial, frameOptions(ports.process), options, ports);
  }
  const colors = ports.process.isTerminal();
  return new LineLogger(
    new ErrorSink(ports.process),
    lineOptions(options, colors),
    ports,
  );
}

/**
 * Opens (or opens again) the log file of `options`.
 *
 * @param limits which limits to apply: a log that is opened again keeps all
 * its files, as in Go
 * @throws LogOpenError
 */
export function openLogFile(
  options: LogOptions,
  ports: LogPorts,
  limits: { readonly files: boolean } = { files: true },
): ClosableLogger {
  const file = openFile(options, ports);
  const logger = new LineLogger(file, lineOptions(options, false), ports);
  // The line makes the file rotate at once.
  if (
    options.logFileSizeLimit > 0 && file.limitSize(options.logFileSizeLimit)
  ) {
    logger.notice("Rotating logfile...");
  }
  if (limits.files && options.logFileMaxCount > 0) {
    file.limitFiles(options.logFileMaxCount);
  }
  return logger;
}

function openFile(options: LogOptions, ports: LogPorts): LogFile {
  try {
    return new LogFile(options.logFile, {
      disk: ports.disk,
      clock: ports.clock,
      prefix: `[${ports.process.pid}] `,
      time: options.logTime,
      complain: (text) => ports.process.writeError(`${text}\n`),
    });
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    throw new LogOpenError(`error opening file: ${error.message}`, {
      cause: error,
    });
  }
}

async function openSyslog(
  dial: SyslogDial,
  frame: FrameOptions,
  options: LogOptions,
  ports: LogPorts,
): Promise<SyslogLogger> {
  return new SyslogLogger(await dial(), dial, frame, options, ports.clock);
}

function frameOptions(process: Process): FrameOptions {
  return { facility: Facility.daemon, tag: process.name, pid: process.pid };
}

function lineOptions(options: LogOptions, colors: boolean): LineOptions {
  const { debug, trace } = options;
  return {
    debug,
    trace,
    time: options.logTime,
    utc: options.logTimeUtc,
    colors,
  };
}
