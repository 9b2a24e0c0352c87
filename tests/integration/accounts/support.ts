/**
 * Members of accounts, for tests of a server in process.
 *
 * @module
 */

import { applyDefaults } from "../../../src/config/mod.ts";
import { type Options, Server } from "../../../src/mod.ts";
import { denoRuntime } from "../../../src/runtime/mod.ts";
import { LogRecorder } from "../../tools/log_recorder.ts";
import { RawClient } from "../../tools/raw_client.ts";
import { options } from "../../unit/config/options_harness.ts";

/** A user with a password, as configuration. */
export function users(...names: string[]): string {
  const list = names.map((name) => `{user: ${name}, password: x}`);
  return `users: [${list.join(", ")}]`;
}

/** Connects as a user who knows of headers and responders; what was said before is read. */
export async function member(
  server: Server,
  user: string,
): Promise<RawClient> {
  const client = await RawClient.connect(server);
  const fields = {
    user,
    pass: "x",
    verbose: false,
    pedantic: false,
    headers: true,
    no_responders: true,
    lang: "test",
  };
  await client.send(`CONNECT ${JSON.stringify(fields)}\r\n`);
  await client.flush();
  // After its first PING a client is told its account.
  await client.flush();
  return client;
}

/** The reply subject of the last message in what a client got. */
export function replyOf(received: string): string {
  return received.match(/(_R_\.[\w.]+)/g)?.at(-1) ?? "";
}

/** A server whose configuration can be replaced. */
export class ReloadableServer implements AsyncDisposable {
  readonly server: Server;
  readonly log = new LogRecorder();
  #config: string;

  private constructor(config: string) {
    this.#config = config;
    this.server = new Server(this.#options(), denoRuntime(), this.log, {
      loadOptions: () => this.#options(),
    });
  }

  static async start(config: string): Promise<ReloadableServer> {
    const started = new ReloadableServer(config);
    await started.server.start();
    return started;
  }

  /** Takes over another configuration. @throws Error; nothing changes then */
  async reload(config: string): Promise<void> {
    const previous = this.#config;
    this.#config = config;
    try {
      await this.server.reload();
    } catch (error) {
      this.#config = previous;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.shutdown();
  }

  #options(): Options {
    const text = `listen: "127.0.0.1:-1"\n${this.#config}`;
    return applyDefaults(options(text));
  }
}
