/**
 * Configurations of JetStream with which a server does not start.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { capability } from "../../tools/capability.ts";
import { type Implementation, startPeer } from "../../tools/oracle.ts";
import { rows as idsOf } from "../scenarios/jetstream/fixtures.ts";

interface Case {
  readonly rows: readonly string[];
  readonly config: string;
  /** Whether both start. */
  readonly starts?: boolean;
}

const users = (name: string) => `users: [{user: ${name}, password: x}]`;
const STORE = `store_dir: "{{dir}}/js"`;

const domain = (text: string): Case => ({
  rows: ["domain-validity"],
  config: `jetstream { ${STORE}, domain: "${text}" }`,
});

const defaultDomain = (text: string, more = ""): Case => ({
  rows: ["default-js-domain"],
  config: `jetstream { ${STORE} }
  accounts {
    A { jetstream: enabled, ${users("a")} }
    N { ${users("n")} }
    SYS { ${users("s")} }
  }
  system_account: SYS
  default_js_domain { ${text} }
  ${more}`,
});

const reserved = (first: string, second: string, server: string): Case => ({
  rows: ["standalone-reservations"],
  config: `jetstream { ${STORE}, ${server} }
  accounts {
    A { jetstream { ${first} }, ${users("a")} }
    B { jetstream { ${second} }, ${users("b")} }
  }`,
});

const CASES: Readonly<Record<string, Case>> = {
  "a domain with a dot": domain("a.b"),
  "a domain with a space": domain("a b"),
  "a domain with a tab": domain("a\\tb"),
  "a domain with a star": domain("a*"),
  "a domain of a star": domain("*"),
  "a domain of everything": domain(">"),
  "a domain with strange characters": { ...domain("a/ä_1"), starts: true },
  "a default domain of nobody": defaultDomain("X: hub"),
  "a default domain of an account with JetStream": defaultDomain("A: hub"),
  "a default domain of the system account": defaultDomain("SYS: hub"),
  "a default domain with a star": defaultDomain('N: "a..b"'),
  "a default domain": { ...defaultDomain("N: hub"), starts: true },
  "JetStream for the system account": {
    rows: ["accounts/jetstream-on-system-account", "system-account"],
    config: `jetstream { ${STORE} }
    accounts { SYS { jetstream: enabled, ${users("s")} } }
    system_account: SYS`,
  },
  "JetStream for $SYS": {
    rows: ["accounts/jetstream-on-system-account", "system-account"],
    config: `jetstream { ${STORE} }
    accounts { $SYS { jetstream: enabled, ${users("s")} } }`,
  },
  "JetStream for all accounts but one": {
    rows: ["accounts/jetstream-on-system-account", "system-account"],
    config: `jetstream { ${STORE} }
    accounts {
      A { jetstream: enabled, ${users("a")} }
      SYS { ${users("s")} }
    }
    system_account: SYS`,
    starts: true,
  },
  "accounts that use all memory": {
    ...reserved("max_mem: 2K", "max_mem: 1K", "max_mem: 3K"),
    starts: true,
  },
  "accounts that use too much memory": reserved(
    "max_mem: 2K",
    "max_mem: 2K",
    "max_mem: 3K",
  ),
  "accounts that use too much of the disk": reserved(
    "max_file: 2K",
    "max_file: 2K",
    "max_file: 3K",
  ),
  "one account that uses too much": reserved(
    "max_mem: 4K",
    "max_file: 1K",
    "max_mem: 3K",
  ),
  "an account without limits": {
    ...reserved("max_mem: 2K", "max_streams: 1", "max_mem: 3K"),
    starts: true,
  },
};

/** Why a server does not start; "started" when it does. */
async function outcome(
  implementation: Implementation,
  config: string,
): Promise<string> {
  try {
    await using peer = await startPeer(implementation, {
      config: `port: -1, server_name: js\n${config}`,
    });
    return `started, ${/\[FTL\]/.test(peer.log()) ? "but" : "and runs"}`;
  } catch (error) {
    assert(error instanceof Error);
    const said = /(?:\[FTL\]|nats-server:) (.*)/.exec(error.message)?.[1];
    return said ?? error.message;
  }
}

for (const [name, { rows, config, starts = false }] of Object.entries(CASES)) {
  const claimed = idsOf(rows);
  capability(
    `start of JetStream: ${name}`,
    starts ? { positive: claimed } : { edge: claimed },
    async () => {
      const [theirs, ours] = await Promise.all([
        outcome("go", config),
        outcome("ours", config),
      ]);
      assertEquals(ours, theirs);
      assertEquals(theirs.startsWith("started"), starts, theirs);
    },
  );
}
