/**
 * A web server with one page: the official client, bundled for browsers.
 *
 * @module
 */

import { PROJECT_ROOT } from "../tools/oracle_binaries.ts";
import { deno } from "../tools/bundle.ts";

/** A page that is served until it is disposed of. */
export class ClientPage implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  private constructor(server: Deno.HttpServer<Deno.NetAddr>) {
    this.#server = server;
  }

  /** @param cookies to be set by the page; each `name=value` */
  static async serve(cookies: readonly string[] = []): Promise<ClientPage> {
    const script = await bundled();
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      ({ url }) => {
        const headers = new Headers();
        for (const cookie of cookies) headers.append("set-cookie", cookie);
        if (new URL(url).pathname === "/client.js") {
          headers.set("content-type", "text/javascript");
          return new Response(script, { headers });
        }
        headers.set("content-type", "text/html");
        return new Response(PAGE, { headers });
      },
    );
    return new ClientPage(server);
  }

  /** Origin of the page. */
  get origin(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

const PAGE = `<!DOCTYPE html><link rel="icon" href="data:,">
<title>client</title><script type="module" src="client.js"></script>`;

let bundle: Promise<string> | undefined;

/** The script, made once. */
function bundled(): Promise<string> {
  bundle ??= makeBundle();
  return bundle;
}

async function makeBundle(): Promise<string> {
  const directory = await Deno.makeTempDir();
  try {
    const output = `${directory}/client.js`;
    const source = `${PROJECT_ROOT}tests/browser/pages/client.ts`;
    await deno(
      [
        "bundle",
        "--quiet",
        "--platform",
        "browser",
        "--output",
        output,
        source,
      ],
    );
    return await Deno.readTextFile(output);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
