/** The official client in a real browser, against servers of ours. */

import { assertEquals, assertMatch } from "@std/assert";
import type { Server } from "../../src/mod.ts";
import { CloseReason } from "../../src/connection/mod.ts";
import { capability } from "../tools/capability.ts";
import { tlsBlock, withWebsocket } from "../integration/websocket/support.ts";
import { Browser, type Page } from "./browser.ts";
import { ClientPage } from "./client_page.ts";

/** What a server with nothing special about it lets the client find. */
const WELL = {
  server: "web",
  messages: 2000,
  reply: "HELLO Grüße",
  noResponders: true,
  payloadFaults: "",
  rtt: "number",
};

const VIEWPORT = { width: 800, height: 600 };

/** Runs `use` with a page that has the client, and a server for it. */
function inBrowser(
  block: string,
  use: (page: Page, port: number, server: Server) => Promise<void>,
  { config = "", cookies = [] }: {
    config?: string;
    cookies?: readonly string[];
  } = {},
): Promise<void> {
  return withWebsocket(block, async (port, server) => {
    await using site = await ClientPage.serve(cookies);
    await using browser = await Browser.start();
    const page = await browser.open(site.origin, VIEWPORT);
    await page.until("globalThis.run !== undefined");
    await use(page, port, server);
  }, `server_name: web\n${config}`);
}

function call(page: Page, name: string, login: object): Promise<unknown> {
  return page.evaluate(`${name}(${JSON.stringify(login)})`);
}

capability(
  "browser - the client publishes, subscribes, requests, and sends large payloads",
  { positive: ["websocket/inbound", "websocket/outbound"] },
  () =>
    inBrowser("", async (page, port, server) => {
      const servers = `ws://127.0.0.1:${port}`;
      assertEquals(await call(page, "run", { servers }), WELL);
      assertEquals(server.state.counters.slowConsumers, 0);
      assertEquals(page.errors, []);
    }),
);

capability(
  "browser - compression is agreed on and works in both directions",
  { positive: ["websocket/compression-in", "websocket/response"] },
  () =>
    inBrowser("compression: true", async (page, port) => {
      const servers = `ws://127.0.0.1:${port}`;
      const agreed = await page.evaluate(
        `new Promise((resolve, reject) => {
          const socket = new WebSocket("${servers}");
          socket.onopen = () => { resolve(socket.extensions); socket.close(); };
          socket.onerror = reject;
        })`,
      );
      assertMatch(String(agreed), /permessage-deflate/);
      // The client packs several payloads into one message, and a message may
      // not inflate to more than one payload may have.
      const login = { servers, largest: 500_000 };
      assertEquals(await call(page, "run", login), WELL);
    }),
);

capability(
  "browser - over TLS",
  { positive: ["websocket/listener"] },
  () =>
    inBrowser(tlsBlock(), async (page, port) => {
      const servers = `wss://127.0.0.1:${port}`;
      assertEquals(await call(page, "run", { servers }), WELL);
    }),
);

capability(
  "browser - cookies of the page say who the user is",
  { positive: ["websocket/cookies"], edge: ["websocket/cookies"] },
  () =>
    inBrowser(
      "user_cookie: name\npass_cookie: word",
      async (page, port) => {
        const servers = `ws://127.0.0.1:${port}`;
        assertEquals(await call(page, "run", { servers }), WELL);
        await page.evaluate("document.cookie = 'word=wrong'");
        assertMatch(
          String(await call(page, "refused", { servers })),
          /Authorization Violation/i,
        );
      },
      {
        config: "authorization { user: cook, password: book }",
        cookies: ["name=cook", "word=book"],
      },
    ),
);

capability(
  "browser - a page of another origin is refused",
  { edge: ["websocket/origin-check"] },
  () =>
    inBrowser("same_origin: true", async (page, port, server) => {
      const servers = `ws://127.0.0.1:${port}`;
      const said = String(await call(page, "refused", { servers }));
      assertMatch(said, /Error/);
      assertEquals(server.state.counters.connections, 0);
    }),
);

capability(
  "browser - the client comes back after the connection was cut",
  { positive: ["websocket/close-codes"] },
  () =>
    inBrowser("", async (page, port, server) => {
      const servers = `ws://127.0.0.1:${port}`;
      await page.evaluate(
        `survive({ servers: "${servers}" }).then((after) => { globalThis.after = after; })`,
      );
      const [session] = [...server.state.clients.open()];
      session?.close(CloseReason.StaleConnection);
      assertEquals(await page.evaluate("after()"), "still here");
    }),
);
