/**
 * Reloads while the directory of the resolver can't be read: both servers take
 * over the rest of the configuration, and nobody is sent away.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { capability } from "../tools/capability.ts";
import { type Peer, startGoServer, startOurServer } from "../tools/oracle.ts";
import { play } from "./harness/play.ts";
import { scenario, sync } from "./harness/mod.ts";
import {
  accountJwt,
  citizen,
  operatorFixture,
  tenant,
} from "./scenarios/operator_support.ts";

const [A, B] = [tenant(), tenant()];
const RESOLVER = "resolver: {type: full, dir: '{{dir}}/jwt'}";

capability(
  "reload jwt - a resolver whose directory is gone",
  { positive: ["reload/resolver-hook"], edge: ["reload/resolver-hook"] },
  async () => {
    const fixture = operatorFixture(
      [[A, await accountJwt(A)], [B, await accountJwt(B)]],
      RESOLVER,
    );
    const [inA, inB] = [await citizen("a", A), await citizen("b", B)];
    const before = scenario(fixture, "before", {}, inA, sync("a"));
    const after = scenario(fixture, "after", {}, inA, sync("a"));
    const outside = scenario(fixture, "outside", {}, inB);
    const seen = async (peer: Peer) => {
      const lines = await play(before, peer);
      await Deno.rename(`${peer.directory}/jwt`, `${peer.directory}/away`);
      const config = await Deno.readTextFile(`${peer.directory}/server.conf`);
      await Deno.writeTextFile(
        `${peer.directory}/server.conf`,
        `${config}\nping_max: 7\n`,
      );
      peer.signal("SIGHUP");
      await peer.waitForLog(/Reloaded server configuration/);
      assertMatch(peer.log(), /Reloaded: ping_max = 7/);
      // Who is in use is known, others can't be found.
      lines.push(...await play(after, peer));
      lines.push(...await play(outside, peer));
      return lines;
    };
    await using go = await startGoServer(fixture);
    await using ours = await startOurServer(fixture);
    const [expected, actual] = await Promise.all([seen(go), seen(ours)]);
    assertEquals(actual, expected);
  },
);
