/**
 * Reloads of servers whose accounts JWTs describe.
 *
 * @module
 */

import { userJwt } from "../../tools/operator.ts";
import {
  aloneScenario,
  client,
  closed,
  connect,
  gather,
  lines,
  logged,
  open,
  reload,
  reloadLog,
  type Scenario,
  sync,
} from "../harness/mod.ts";
import {
  accountJwt,
  citizen,
  operatorFixture,
  tenant,
} from "./operator_support.ts";

const id = (name: string) => `reload/${name}`;
const both = (...rows: string[]) => ({
  positive: rows.map(id),
  edge: rows.map(id),
});

const [A, B] = [tenant(), tenant()];
const jwts = {
  a: await accountJwt(A),
  b: await accountJwt(B),
  narrowed: await accountJwt(A, {
    default_permissions: { sub: { allow: ["ok"] }, pub: { allow: ["ok"] } },
  }),
  bad: "bad",
};
const BOTH = operatorFixture([[A, jwts.a], [B, jwts.b]]);
const [inA, inB] = [await citizen("a", A), await citizen("b", B)];
const sentinel = await userJwt(A.key, { bearer_token: true });

export const RELOAD_JWT: readonly Scenario[] = [
  aloneScenario(
    BOTH,
    "reload jwt - claims that the file brings act at once",
    both("mem-resolver", "permission-change"),
    inA,
    inB,
    lines("a", "SUB ok 1", "SUB no 2"),
    sync("a"),
    reloadLog(operatorFixture([[A, jwts.narrowed], [B, jwts.b]]).config),
    gather("a", 1),
    lines("a", "PUB no 1", "x"),
    sync("a", "b"),
  ),
  aloneScenario(
    BOTH,
    "reload jwt - accounts that the file no longer has are deleted",
    both("mem-resolver", "removed-accounts", "resolver-hook"),
    inA,
    inB,
    reload(operatorFixture([[A, jwts.a]]).config),
    logged(/\[INF\] Reloaded: deleting account \[removed\]: "A\w+"/),
    closed("b"),
    sync("a"),
  ),
  aloneScenario(
    BOTH,
    "reload jwt - nothing new leaves everybody alone",
    both("mem-resolver", "account-swap"),
    inA,
    inB,
    lines("a", "SUB x 1"),
    sync("a"),
    reloadLog(BOTH.config),
    lines("a", "PUB x 1", "1"),
    sync("a", "b"),
  ),
  aloneScenario(
    BOTH,
    "reload jwt - another resolver takes over",
    both("account-resolver"),
    inA,
    reloadLog(
      operatorFixture([], "resolver: URL(http://127.0.0.1:9/)").config.replace(
        /resolver_preload \{[^}]*\}/,
        "",
      ),
    ),
    sync("a"),
  ),
  aloneScenario(
    BOTH,
    "reload jwt - other operators are refused",
    both("not-reloadable"),
    inA,
    reload(
      BOTH.config.replace(/operator: "[^"]*"/, `trusted: [${tenant().id}]`),
      /Failed to reload/,
    ),
    sync("a"),
  ),
  aloneScenario(
    BOTH,
    "reload jwt - a default sentinel lets in who brings nothing",
    both("default-sentinel"),
    open("early"),
    connect("early"),
    closed("early"),
    inA,
    reload(
      operatorFixture(
        [[A, jwts.a], [B, jwts.b]],
        `default_sentinel: "${sentinel}"`,
      ).config,
    ),
    logged(/\[INF\] Reloaded: default_sentinel/),
    client("late"),
    sync("a"),
  ),
];
