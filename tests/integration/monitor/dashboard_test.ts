/** The dashboard by HTTP; `tests/browser` looks at it. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fetchText, monitored, urlOf } from "./support.ts";

Deno.test("dashboard - stands beside the index, which links to it", () =>
  monitored("", async (server) => {
    const response = await fetch(urlOf(server, "/dashboard"));
    const page = await response.text();
    assertEquals(response.status, 200);
    assertEquals(
      response.headers.get("content-type"),
      "text/html; charset=utf-8",
    );
    const policy = response.headers.get("content-security-policy") ?? "";
    assertStringIncludes(policy, "default-src 'none'");
    assertStringIncludes(page, "<h1");
    const [, index] = await fetchText(server, "/");
    assertStringIncludes(index, 'href="./dashboard"');
  }));

Deno.test("dashboard - follows the base path", () =>
  monitored("http_base_path: ops", async (server) => {
    assertEquals((await fetchText(server, "/ops/dashboard"))[0], 200);
    assertEquals((await fetchText(server, "/dashboard"))[0], 404);
    assertStringIncludes(
      (await fetchText(server, "/ops"))[1],
      'href="./ops/dashboard"',
    );
  }));

Deno.test("dashboard - is off where the configuration says so", () =>
  monitored("dashboard: off", async (server) => {
    assertEquals((await fetchText(server, "/dashboard"))[0], 404);
    const [status, index] = await fetchText(server, "/");
    assertEquals(status, 200);
    assert(!index.includes("ashboard"));
  }));
