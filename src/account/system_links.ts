/**
 * What the system account exports to all others, and they import from it: how
 * users ask the server about their own account without seeing any other.
 *
 * @module
 */

import type { ServiceExport, ServiceImport } from "../config/mod.ts";
import { isSubsetMatch } from "../subject/mod.ts";
import type { AccountLinks } from "./links.ts";

/** Of `$SYS.REQ.ACCOUNT.<account>.CONNZ`, the token that must be the importer's name. */
const ACCOUNT_TOKEN = 4;

const USER_INFO = "$SYS.REQ.USER.INFO";

const JETSTREAM_API = "$JS.API.>";
const JETSTREAM_INFO = "$JS.API.INFO";

const EXPORTS: readonly ServiceExport[] = [
  serviceExport("$SYS.REQ.ACCOUNT.*.CONNZ", "stream", ACCOUNT_TOKEN),
  serviceExport("$SYS.REQ.ACCOUNT.*.STATZ", "stream", ACCOUNT_TOKEN),
  serviceExport("$SYS.DEBUG.SUBSCRIBERS", "singleton", 0),
  serviceExport("$SYS.REQ.USER.*.INFO", "singleton", 0),
];

const JETSTREAM_EXPORT = serviceExport(JETSTREAM_API, "singleton", 0);

/** What a server adds to the links of accounts. */
export interface SystemLinks {
  /** Name of the system account. */
  readonly system: string;
  /** Whether it offers JetStream. */
  readonly jetstream: boolean;
}

/** The links of an account with those that every server adds; own exports win. */
export function withSystemLinks(
  name: string,
  links: AccountLinks,
  { system, jetstream }: SystemLinks,
): AccountLinks {
  const { exports, imports } = links;
  const userInfo = serviceImport(
    system,
    USER_INFO,
    `$SYS.REQ.USER.${name}.INFO`,
    true,
  );
  if (name === system) {
    const taken = new Set(exports.map(({ subject }) => subject));
    const offered = jetstream ? [...EXPORTS, JETSTREAM_EXPORT] : EXPORTS;
    const added = offered.filter(({ subject }) => !taken.has(subject));
    return {
      ...links,
      exports: [...exports, ...added],
      imports: [...imports, userInfo],
    };
  }
  const connz = `$SYS.REQ.ACCOUNT.${name}.CONNZ`;
  const statz = `$SYS.REQ.ACCOUNT.${name}.STATZ`;
  return {
    ...links,
    imports: [
      ...imports,
      serviceImport(system, "$SYS.REQ.ACCOUNT.PING.CONNZ", connz),
      serviceImport(system, "$SYS.REQ.SERVER.PING.CONNZ", connz),
      serviceImport(system, "$SYS.REQ.ACCOUNT.PING.STATZ", statz),
      userInfo,
      ...(jetstream && !importsJetStream(imports)
        ? [serviceImport(system, JETSTREAM_API, JETSTREAM_API, true)]
        : []),
    ],
  };
}

/** Whether an account has JetStream from another account. */
function importsJetStream(imports: AccountLinks["imports"]): boolean {
  return imports.some(({ kind, to }) =>
    kind === "service" && isSubsetMatch(JETSTREAM_INFO, to)
  );
}

function serviceExport(
  subject: string,
  responseType: ServiceExport["responseType"],
  accountTokenPosition: number,
): ServiceExport {
  return {
    kind: "service",
    subject,
    accounts: [],
    accountTokenPosition,
    responseType,
    responseThreshold: 0,
    latency: undefined,
    allowTrace: false,
  };
}

function serviceImport(
  account: string,
  to: string,
  subject: string,
  share = false,
): ServiceImport {
  return { kind: "service", account, subject, to, share };
}
