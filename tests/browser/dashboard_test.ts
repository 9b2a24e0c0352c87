/** The dashboard, in a browser, on a server with some life in it. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Server } from "../../src/mod.ts";
import { denoRuntime } from "../../src/runtime/mod.ts";
import { RawClient } from "../tools/raw_client.ts";
import { withServer } from "../tools/started_server.ts";
import { Browser, type Page, type Viewport } from "./browser.ts";

const CONFIG = `
http: "127.0.0.1:-1"
server_name: "dashboard-test"
max_pending: 1MB
accounts {
  SHOP { users [ { user: shop, password: shop } ] }
  BANK { users [ { user: bank, password: bank } ] }
}
`;

const DESKTOP: Viewport = { width: 1280, height: 900 };
const PHONE: Viewport = { width: 390, height: 844, phone: true };

/** Where pictures of the pages go; CI keeps them. */
const PICTURES = new URL("../../.cache/screenshots/", import.meta.url);

/** A name that would do harm if it were taken for HTML. */
const EVIL = "<img src=x onerror=document.title='evil'>";

function monitorUrl({ monitorAddress }: Server, path: string): string {
  assert(monitorAddress !== null);
  return `http://127.0.0.1:${monitorAddress.port}${path}`;
}

async function login(
  { address }: Server,
  user: string,
  name: string,
): Promise<RawClient> {
  assert(address !== null);
  const client = new RawClient(await denoRuntime().network.connect(address));
  const fields = { user, pass: user, name, lang: "test", version: "1" };
  await client.send(`CONNECT ${JSON.stringify(fields)}\r\n`);
  await client.flush();
  return client;
}

/** Keeps messages flowing until it is stopped. */
async function traffic(server: Server): Promise<() => Promise<void>> {
  const subscriber = await login(server, "shop", "orders worker");
  await subscriber.send("SUB orders.> 1\r\nSUB stock q 2\r\n");
  const publisher = await login(server, "shop", EVIL);
  const idle = await login(server, "bank", "ledger");
  const timer = setInterval(() => {
    const batch = `PUB orders.new 5\r\nhello\r\n`.repeat(
      100 + Math.floor(Math.random() * 200),
    );
    publisher.send(batch).catch(() => clearInterval(timer));
  }, 50);
  return async () => {
    clearInterval(timer);
    for (const client of [subscriber, publisher, idle]) await client.close();
  };
}

/** A client that asks for much and reads nothing, until it is closed for it. */
async function slowConsumer(server: Server): Promise<void> {
  assert(server.address !== null);
  const slow = await denoRuntime().network.connect(server.address);
  const fields = JSON.stringify({
    user: "shop",
    pass: "shop",
    name: "too slow",
  });
  await slow.write(
    new TextEncoder().encode(`CONNECT ${fields}\r\nSUB flood 1\r\n`),
  );
  const publisher = await login(server, "shop", "flooder");
  const payload = "x".repeat(100_000);
  while (server.state.counters.slowConsumers === 0) {
    await publisher.send(`PUB flood ${payload.length}\r\n${payload}\r\n`);
    await publisher.flush();
  }
  await publisher.close();
  slow.close();
}

/** Runs `use` with the page, when it shows rates. */
function shown(
  viewport: Viewport,
  use: (page: Page, server: Server) => Promise<void>,
  config = CONFIG,
): Promise<void> {
  return withServer(config, async (server) => {
    const stop = await traffic(server);
    await using browser = await Browser.start();
    try {
      await slowConsumer(server);
      const url = monitorUrl(server, "/dashboard");
      const page = await browser.open(url, viewport);
      await page.until(
        "/[1-9].*\\/s/.test(document.querySelector('.value')?.textContent)",
      );
      await use(page, server);
    } finally {
      await stop();
    }
  });
}

async function keepPicture(page: Page, name: string): Promise<void> {
  await Deno.mkdir(PICTURES, { recursive: true });
  const picture = await page.screenshot();
  assertEquals([...picture.slice(1, 4)], [0x50, 0x4e, 0x47], "not a PNG");
  await Deno.writeFile(new URL(`${name}.png`, PICTURES), picture);
}

async function text(page: Page, id: string): Promise<string> {
  const selector = JSON.stringify(`#${id}`);
  return String(
    await page.evaluate(`document.querySelector(${selector}).textContent`),
  );
}

Deno.test("dashboard - shows what the server does, live", () =>
  shown(DESKTOP, async (page) => {
    assertEquals(await text(page, "name"), "dashboard-test");
    assertEquals(await text(page, "health"), "healthy");
    assertMatch(await text(page, "tiles"), /Slow consumers1since the start/);
    const connections = await text(page, "connections");
    assertMatch(connections, /orders worker/);
    assertMatch(connections, /SHOP/);
    assertMatch(await text(page, "slow"), /too slow.*Pending Bytes/);
    assertMatch(await text(page, "accounts"), /BANK/);
    assertMatch(await text(page, "streams"), /JetStream is not enabled/);
    // Lines are drawn as soon as there are two figures.
    await page.until(
      "document.querySelector('.chart path').getAttribute('d').includes('L')",
    );
    await keepPicture(page, "dashboard-desktop");
    await page.prefer("dark");
    await keepPicture(page, "dashboard-dark");
    assertEquals(page.errors, []);
  }));

Deno.test("dashboard - names of clients are text, and nobody else is asked", () =>
  shown(DESKTOP, async (page, server) => {
    assert((await text(page, "connections")).includes(EVIL));
    assertEquals(await page.evaluate("document.images.length"), 0);
    assertEquals(await page.evaluate("document.title"), "dashboard-test");
    const own = monitorUrl(server, "/");
    const others = page.requests.filter((url) =>
      !url.startsWith(own) && url !== "data:,"
    );
    assertEquals(others, []);
  }));

Deno.test("dashboard - fits a phone", () =>
  shown(PHONE, async (page) => {
    assertEquals(await page.evaluate("innerWidth"), PHONE.width);
    const width = await page.evaluate("document.documentElement.scrollWidth");
    assertEquals(width, PHONE.width, "the page scrolls sideways");
    await page.until(
      "document.querySelector('.chart path').getAttribute('d').includes('L')",
    );
    await keepPicture(page, "dashboard-phone");
    const small = await page.evaluate(
      "[...document.querySelectorAll('button, select')].filter((each) => each.getBoundingClientRect().height < 36).length",
    );
    assertEquals(small, 0, "controls are too small for fingers");
  }));

Deno.test("dashboard - can be paused, goes on, and says when the server is gone", () =>
  shown(DESKTOP, async (page, server) => {
    await page.evaluate("document.querySelector('#pause').click()");
    await page.until(
      "document.querySelector('#pause').textContent === 'Go on'",
    );
    const asked = page.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 2500));
    assertEquals(page.requests.length, asked);
    await page.evaluate("document.querySelector('#pause').click()");
    await page.until(
      "document.querySelector('#pause').textContent === 'Pause'",
    );
    await page.evaluate(
      "const interval = document.querySelector('#interval'); interval.value = '1000'; interval.dispatchEvent(new Event('change'))",
    );
    await server.shutdown();
    await page.until(
      "document.querySelector('#health').textContent === 'not reachable'",
    );
  }));

/** Makes a stream and waits for the answer. */
async function makeStream(server: Server, name: string): Promise<void> {
  const client = await login(server, "shop", "maker");
  const stream = JSON.stringify({ name, subjects: ["orders.>"] });
  await client.send(
    `SUB answer 1\r\nPUB $JS.API.STREAM.CREATE.${name} answer ${stream.length}\r\n${stream}\r\n`,
  );
  await client.expect(/stream_create_response.*\r\n/);
  await client.close();
}

Deno.test("dashboard - shows streams", async () => {
  const directory = await Deno.makeTempDir();
  const config = `${
    CONFIG.replace("SHOP {", "SHOP { jetstream: enabled,")
  }\njetstream { store_dir: "${directory}" }`;
  try {
    await shown(DESKTOP, async (page, server) => {
      await makeStream(server, "ORDERS");
      await page.until(
        "/^ORDERS/.test(document.querySelector('#streams tbody td')?.textContent)",
      );
      assertMatch(await text(page, "streams"), /ORDERSSHOPorders\.>/);
      assertMatch(
        await text(page, "streams-note"),
        /^1 with [\d,.KM]+ messages/,
      );
      await keepPicture(page, "dashboard-streams");
    }, config);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
