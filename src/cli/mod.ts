/**
 * The command line: flags by Go's rules, usage texts, configuration check,
 * signals to running servers, and running a server to its end. Exit codes and
 * texts are Go's, because scripts and service managers rely on them.
 *
 * @module
 */
export {
  type CommandLine,
  CommandLineError,
  parseCommandLine,
} from "./command_line.ts";
export { run } from "./run.ts";
