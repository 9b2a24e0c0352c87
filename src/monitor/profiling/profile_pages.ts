/**
 * `/debug/pprof/`: profiles by HTTP, under the paths that `go tool pprof`
 * knows.
 *
 * @module
 */

import type { HttpRequest, HttpResponse } from "../../runtime/mod.ts";
import { redactArguments } from "../../log/mod.ts";
import { textResponse } from "../endpoint.ts";
import type { MonitoredServer } from "../monitored_server.ts";
import { debugVariablesResponse } from "../process_dump.ts";
import { encodeProfile, type Profile } from "./pprof.ts";
import { ProfileError, type Profiles } from "./profiles.ts";

const BASE = "/debug/pprof/";

/** Seconds that a profile lasts if nothing is said of it. */
const CPU_SECONDS = 30;
const ALLOCATION_SECONDS = 1;

interface ProfileKind {
  readonly title: string;
  /** @param seconds as asked for; 0: not at all */
  readonly take: (
    profiles: Profiles,
    seconds: number,
  ) => Profile | Promise<Profile>;
}

const KINDS: ReadonlyMap<string, ProfileKind> = new Map<string, ProfileKind>([
  ["allocs", {
    title: "Memory allocated during ?seconds=, by call path",
    take: (profiles, seconds) =>
      profiles.allocations((seconds || ALLOCATION_SECONDS) * 1000),
  }],
  ["eventloop", {
    title: "Delays of the event loop since the start",
    take: (profiles) => profiles.eventLoop(),
  }],
  ["heap", {
    title: "Memory in use, by the call path that allocated it",
    take: (profiles) => profiles.heap(),
  }],
  ["profile", {
    title: "Processor time during ?seconds=, by call path",
    take: (profiles, seconds) => profiles.cpu((seconds || CPU_SECONDS) * 1000),
  }],
]);

/** What only Go's runtime has. */
const ABSENT: ReadonlyMap<string, string> = new Map([
  ["block", "nothing in this process waits for a lock"],
  ["goroutine", "there is one event loop, see eventloop and profile"],
  ["mutex", "nothing in this process waits for a lock"],
  ["symbol", "profiles name their functions themselves"],
  ["threadcreate", "threads are the platform's own"],
  ["trace", "execution traces are those of Go's scheduler"],
]);

/** Answers one request to the profiling port. */
export function answerProfiling(
  server: MonitoredServer,
  { path, query }: HttpRequest,
): HttpResponse | Promise<HttpResponse> {
  if (path === "/debug/vars") return debugVariablesResponse(server);
  if (path === BASE) return indexPage();
  if (path === `${BASE}cmdline`) {
    const { name, args } = server.process;
    return textResponse(200, [name, ...redactArguments(args)].join("\0"));
  }
  const name = path.startsWith(BASE) ? path.slice(BASE.length) : "";
  const kind = KINDS.get(name);
  if (kind !== undefined) {
    return profileResponse(server.profiles, name, kind, query);
  }
  const reason = ABSENT.get(name);
  return refusal(
    404,
    reason === undefined ? "Unknown profile" : `${name}: ${reason}`,
  );
}

async function profileResponse(
  profiles: Profiles,
  name: string,
  { take }: ProfileKind,
  query: URLSearchParams,
): Promise<HttpResponse> {
  if (!["", "0"].includes(query.get("debug") ?? "")) {
    return refusal(400, "profiles are served as protobuf only, without debug=");
  }
  const seconds = Number(query.get("seconds") ?? "");
  if (!Number.isFinite(seconds) || seconds < 0) {
    return refusal(400, 'invalid value for "seconds"');
  }
  try {
    const profile = await take(profiles, seconds);
    return {
      status: 200,
      headers: {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": `attachment; filename="${name}"`,
        "X-Content-Type-Options": "nosniff",
      },
      body: encodeProfile(profile),
    };
  } catch (error) {
    if (!(error instanceof ProfileError)) throw error;
    return refusal(500, error.message);
  }
}

function refusal(status: number, text: string): HttpResponse {
  return textResponse(status, `${text}\n`, {
    "Content-Type": "text/plain; charset=utf-8",
    "X-Content-Type-Options": "nosniff",
    "X-Go-Pprof": "1",
  });
}

function indexPage(): HttpResponse {
  const rows = [...KINDS].map(([name, { title }]) =>
    `<li><a href="${name}">${name}</a>: ${title}</li>`
  );
  return textResponse(
    200,
    `<!DOCTYPE html>
<html lang="en">
  <head>
    <title>${BASE}</title>
  </head>
  <body>
    <h1>${BASE}</h1>
    <ul>
      ${rows.join("\n      ")}
      <li><a href="cmdline">cmdline</a>: The command line</li>
      <li><a href="../vars">vars</a>: Variables</li>
    </ul>
  </body>
</html>
`,
    { "Content-Type": "text/html; charset=utf-8" },
  );
}
