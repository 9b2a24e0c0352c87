/**
 * The same command lines to the Go server and to ours: what they print and how
 * they end must be the same.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { GO_SERVER, locate, PROJECT_ROOT } from "../tools/oracle_binaries.ts";
import { capability } from "../tools/capability.ts";

/** What a program left behind. */
interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command line, and what to set up around it. */
interface Case {
  readonly args: readonly string[];
  /** Files by name, in the directory that `{dir}` in `args` stands for. */
  readonly files?: Readonly<Record<string, string>>;
  /** What the only `pgrep` on the path prints; `null`: there is none. */
  readonly pgrep?: string | null;
}

const PERMISSIONS = ["net", "read", "write", "sys", "env", "run"].map((name) =>
  `--allow-${name}`
);
const OURS = [
  Deno.execPath(),
  "run",
  "--no-prompt",
  ...PERMISSIONS,
  `${PROJECT_ROOT}main.ts`,
];
/** Milliseconds. */
const LONGEST_RUN = 10_000;
/** Above the highest pid that Linux gives out. */
const [GONE, GONE_TOO] = [99999991, 99999992];

async function compare(cases: readonly Case[]): Promise<void> {
  const go: [string, Outcome][] = [];
  const ours: [string, Outcome][] = [];
  for (const one of cases) {
    const name = ["nats-server", ...one.args].join(" ");
    go.push([name, await outcome([await locate(GO_SERVER)], one)]);
    ours.push([name, await outcome(OURS, one)]);
  }
  assertEquals(ours, go);
}

async function outcome(
  program: readonly string[],
  one: Case,
): Promise<Outcome> {
  const directory = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(one.files ?? {})) {
      await Deno.writeTextFile(`${directory}/${name}`, text);
    }
    const [command = "", ...leading] = program;
    const args = one.args.map((argument) =>
      argument.replaceAll("{dir}", directory)
    );
    const env = await environment(directory, one.pgrep);
    const child = new Deno.Command(command, {
      args: [...leading, ...args],
      env,
      cwd: directory,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    // A program that starts a server instead of ending is stopped, and differs.
    const overdue = setTimeout(() => child.kill("SIGKILL"), LONGEST_RUN);
    const { code, stdout, stderr } = await child.output();
    clearTimeout(overdue);
    const text = (bytes: Uint8Array) =>
      normalised(new TextDecoder().decode(bytes), directory);
    return { code, stdout: text(stdout), stderr: text(stderr) };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function environment(
  directory: string,
  pgrep: string | null | undefined,
): Promise<Record<string, string>> {
  if (pgrep === undefined) return {};
  if (pgrep !== null) {
    const script = `#!/bin/sh\nprintf '%s' '${pgrep}'\n`;
    await Deno.writeTextFile(`${directory}/pgrep`, script, { mode: 0o755 });
  }
  return { PATH: directory };
}

/** Without what differs from run to run, and without our own line of `--version`. */
function normalised(text: string, directory: string): string {
  return text.replaceAll(directory, "{dir}")
    .replace(/^git: .*\n/m, "")
    .replace(/^\[\d+\] /gm, "[PID] ")
    .replace(/\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d(?:\.\d{6})?/g, "TIME")
    .replace(/\bN[A-Z2-7]{55}\b/g, "ID");
}

/** Lists in no order of their own are compared sorted. */
function sorted(outcome: Outcome): Outcome {
  const lines = (text: string) => text.split("\n").sort().join("\n");
  return {
    ...outcome,
    stdout: lines(outcome.stdout),
    stderr: lines(outcome.stderr),
  };
}

const lines = (...argLists: readonly (readonly string[])[]): Case[] =>
  argLists.map((args) => ({ args }));

capability(
  "cli - version and help",
  {
    positive: [
      "cli-signals-logging/version",
      "cli-signals-logging/help",
      "cli-signals-logging/positional",
    ],
    edge: ["cli-signals-logging/version", "cli-signals-logging/help"],
  },
  async () => {
    await compare(lines(
      ["-v"],
      ["--version"],
      ["version"],
      ["VERSION", "ignored"],
      ["-h"],
      ["-help"],
      ["--help"],
      ["help"],
      ["Help"],
      ["-h", "-v"],
      ["-h", "nonsense"],
    ));
  },
);

capability(
  "cli - TLS help",
  { positive: ["cli-signals-logging/help"] },
  async () => {
    const one = { args: ["--help_tls"] };
    const go = await outcome([await locate(GO_SERVER)], one);
    assertEquals(sorted(await outcome(OURS, one)), sorted(go));
  },
);

capability(
  "cli - mistakes in the flags print usage and end with code 0",
  {
    positive: ["cli-signals-logging/syntax"],
    edge: ["cli-signals-logging/syntax", "cli-signals-logging/exit-codes"],
  },
  async () => {
    await compare(lines(
      ["-nope"],
      ["--nope=1"],
      ["-p"],
      ["-p", "abc"],
      ["-p="],
      ["-p", "99999999999999999999"],
      ["-p", "08"],
      ["-port", "1_"],
      ["-D=maybe"],
      ["--logtime="],
      ["---p", "1"],
      ["-=1"],
      ["-p", "1", "-c", "x", "-zz"],
      ["-l", 'a"b', "-log_size_limit", "1 \x00".replace("\x00", "k")],
    ));
  },
);

capability(
  "cli - commands that are none",
  {
    edge: [
      "cli-signals-logging/positional",
      "cli-signals-logging/fatal-start-errors",
    ],
  },
  async () => {
    await compare(lines(
      ["start"],
      ["--", "-p"],
      ["-"],
      ["-D", "false"],
      ["-p", "4222", 'quo"ted\n'],
      [""],
    ));
  },
);

const CHECKED: Case[] = [
  { args: ["-t", "-c", "{dir}/missing.conf"] },
  { args: ["-t", "-c", "{dir}/n.conf"], files: { "n.conf": "port: 4222\n" } },
  { args: ["-t", "-c", "{dir}/n.conf", "-p", "7"], files: { "n.conf": "" } },
  { args: ["-t", "-c", "{dir}/n.conf"], files: { "n.conf": "port: {\n" } },
  { args: ["-t", "-c", "{dir}/n.conf"], files: { "n.conf": "prot: 1\n" } },
  {
    args: ["-t", "-c", "{dir}/n.conf"],
    files: { "n.conf": "ping_interval: 5\n" },
  },
  { args: ["-t", "-c", "{dir}/n.conf"], files: { "n.conf": "port: x\n" } },
  { args: ["-t", "-c", "n.conf"], files: { "n.conf": "max_payload: 1K\n" } },
];

capability(
  "cli - -t wants a configuration to check",
  { positive: ["config/t-without-c"], edge: ["config/t-without-c"] },
  () =>
    compare([
      { args: ["-t"] },
      { args: ["-t", "-c", ""] },
      { args: ["-p", "1", "-DV", "-t"] },
      { args: ["-t=false", "-v"] },
      { args: ["-t", "-v"] },
    ]),
);

capability(
  "cli - -t checks a configuration",
  {
    positive: [
      "config/shown-in",
      "cli-signals-logging/exit-codes",
      "cli-signals-logging/server-flags",
    ],
    edge: [
      "cli-signals-logging/exit-codes",
      "cli-signals-logging/fatal-start-errors",
    ],
  },
  () => compare(CHECKED),
);

capability(
  "cli - configurations and flags that can't be served",
  {
    positive: [
      "cli-signals-logging/fatal-start-errors",
      "cli-signals-logging/auth-tls-flags",
      "cli-signals-logging/cluster-flags",
    ],
    edge: [
      "cli-signals-logging/fatal-start-errors",
      "cli-signals-logging/auth-tls-flags",
      "cli-signals-logging/cluster-flags",
      "cli-signals-logging/server-flags",
    ],
  },
  () =>
    compare([
      { args: ["-c", "{dir}/missing.conf"] },
      { args: ["-c", "{dir}/n.conf"], files: { "n.conf": "prot: 1\n" } },
      {
        args: ["-c", "{dir}/n.conf"],
        files: { "n.conf": "max_payload: 2M, max_pending: 1M\n" },
      },
      ...lines(
        ["--tls"],
        ["--tls", "--tlscert", "x"],
        ["--tlskey", "x"],
        ["--tlsverify"],
        ["--tlscert", "{dir}/c.pem", "--tlskey", "{dir}/k.pem"],
        ["--routes", "nats://h:1"],
        ["--cluster", "nats://user@h:1"],
        ["--cluster", "nats://h"],
        ["-n", "two words"],
      ),
    ]),
);

capability(
  "cli - cluster URLs that are none end the start, in words of our own",
  { edge: ["cli-signals-logging/cluster-flags"] },
  async () => {
    for (const url of ["h:1", "nats://h:x", "nats://[h:1"]) {
      const one = { args: ["--cluster", url] };
      const go = await outcome([await locate(GO_SERVER)], one);
      const ours = await outcome(OURS, one);
      assertEquals({ ...ours, stderr: "" }, { ...go, stderr: "" });
      assertMatch(
        ours.stderr,
        /^nats-server: (parse "|address |missing port).*\n$/,
      );
    }
  },
);

capability(
  "cli - logs that can't be opened",
  {
    positive: ["cli-signals-logging/fatal-start-errors"],
    edge: [
      "cli-signals-logging/file-logger",
      "cli-signals-logging/remote-syslog",
      "cli-signals-logging/logging-flags",
    ],
  },
  () =>
    compare(lines(
      ["-l", "{dir}/none/server.log"],
      ["-l", "{dir}"],
      ["-r", "http://h:1"],
      ["-r", "h"],
      ["-r", "tcp://h"],
      ["-r", "tcp://127.0.0.1:1"],
      ["-r", "unix:///nonexistent/log"],
    )),
);

capability(
  "cli - what can't be started",
  {
    positive: [
      "cli-signals-logging/fatal-start-messages",
      "cli-signals-logging/banner",
    ],
    edge: [
      "cli-signals-logging/fatal-start-messages",
      "cli-signals-logging/pid-file",
    ],
  },
  () =>
    compare(lines(
      ["-a", "127.0.0.1", "-p", "-1", "-P", "{dir}/none/n.pid"],
      [
        "-a",
        "127.0.0.1",
        "-p",
        "-1",
        "-P",
        "{dir}/none/n.pid",
        "-T=false",
        "-n",
        "x",
      ],
    )),
);

capability(
  "cli - --signal that can't be carried out",
  {
    positive: ["cli-signals-logging/resolution-errors"],
    edge: [
      "cli-signals-logging/signal-commands",
      "cli-signals-logging/target",
      "cli-signals-logging/resolution-errors",
      "cli-signals-logging/globs",
    ],
  },
  () =>
    compare([
      ...lines(
        ["--signal", `wink=${GONE}`],
        ["--signal", "quit=abc"],
        ["--signal", "quit=1=2=3"],
        ["--signal", `quit=${GONE}`],
        ["-sl", `stop=+${GONE}`],
        ["-sl=quit=abc*"],
      ),
      { args: ["-sl", "quit={dir}/n.pid"], files: { "n.pid": `${GONE}\n` } },
      { args: ["-sl", "quit={dir}/n.pid"], files: { "n.pid": `${GONE}` } },
      { args: ["-sl", "quit"], pgrep: "" },
      { args: ["-sl", "quit"], pgrep: `${GONE}\n` },
      { args: ["-sl", "quit"], pgrep: `${GONE}\n${GONE_TOO}\n` },
      { args: ["-sl", "wink"], pgrep: `${GONE}\n` },
      { args: ["-sl", "quit"], pgrep: "mangled\n" },
      { args: ["-sl", "quit"], pgrep: null },
      { args: ["-sl", "ldm=*"], pgrep: `${GONE}\n${GONE_TOO}\n` },
      { args: ["-sl", `ldm=${GONE}*`], pgrep: `${GONE}\n${GONE_TOO}\n` },
      { args: ["-sl", "ldm=1*"], pgrep: `${GONE}\n` },
      { args: ["-sl", "quit="], pgrep: "" },
    ]),
);

capability(
  "cli - --signal ends a process as Go's does",
  {
    positive: [
      "cli-signals-logging/signal-commands",
      "cli-signals-logging/target",
    ],
  },
  async () => {
    const expected = {
      stop: "SIGKILL",
      quit: "SIGINT",
      term: "SIGTERM",
      reload: "SIGHUP",
    };
    for (const program of [[await locate(GO_SERVER)], OURS]) {
      for (const [command, signal] of Object.entries(expected)) {
        const victim = new Deno.Command("sleep", { args: ["60"] }).spawn();
        const sent = await outcome(program, {
          args: ["--signal", `${command}=${victim.pid}`],
        });
        assertEquals(sent, { code: 0, stdout: "", stderr: "" });
        assertEquals((await victim.status).signal, signal);
      }
    }
  },
);
