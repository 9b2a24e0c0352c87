/**
 * A small NATS client for scenarios: speaks the protocol over a simulated
 * transport and tells everything it hears.
 *
 * @module
 */

import {
  type Address,
  type Runtime,
  type Timer,
  type Transport,
  TransportError,
} from "../../../src/runtime/ports.ts";

/** A message as it arrived. */
export interface Received {
  readonly subject: string;
  readonly sid: string;
  readonly payload: string;
}

/** How a client behaves. */
export interface ClientOptions {
  /** Fields of CONNECT; `null` sends none. */
  readonly connect?: Record<string, unknown> | null;
  /** Whether the client answers PING. */
  readonly pongs?: boolean;
  /** Milliseconds between PINGs; 0 sends none. After two unanswered ones it leaves. */
  readonly pingInterval?: number;
  /** Milliseconds that the client waits after each read; `Infinity` never reads again. */
  readonly readPause?: () => number;
  readonly onMessage?: (message: Received) => void;
  /** Told every line but MSG: INFO, PING, PONG, -ERR. */
  readonly onLine?: (line: string) => void;
}

/** One connection; ends with it. */
export class SimClient {
  /** Resolves when the connection is over, for whatever reason. */
  readonly ended: Promise<void>;
  readonly #transport: Transport;
  readonly #runtime: Runtime;
  readonly #options: ClientOptions;
  readonly #outbox: string[] = [];
  readonly #pongs: (() => void)[] = [];
  #input = "";
  #writing = false;
  #open = true;
  #unanswered = 0;
  #pinging: Timer | null = null;

  private constructor(
    transport: Transport,
    runtime: Runtime,
    options: ClientOptions,
  ) {
    this.#transport = transport;
    this.#runtime = runtime;
    this.#options = options;
    this.ended = this.#run();
  }

  /** Connects. @throws TransportError */
  static async connect(
    runtime: Runtime,
    address: Address,
    options: ClientOptions = {},
  ): Promise<SimClient> {
    const transport = await runtime.network.connect(address);
    const client = new SimClient(transport, runtime, options);
    const { connect = {}, pingInterval = 0 } = options;
    if (connect !== null) {
      const fields = { verbose: false, pedantic: false, ...connect };
      client.#send(`CONNECT ${JSON.stringify(fields)}\r\n`);
    }
    if (pingInterval > 0) {
      client.#pinging = runtime.timers.every(
        pingInterval,
        () => client.#checkPeer(),
      );
    }
    return client;
  }

  get open(): boolean {
    return this.#open;
  }

  /** Bytes that have not gone to the transport yet. */
  get backlog(): number {
    return this.#outbox.reduce((sum, text) => sum + text.length, 0);
  }

  publish(subject: string, payload: string, reply = ""): void {
    const to = reply === "" ? subject : `${subject} ${reply}`;
    this.#send(`PUB ${to} ${payload.length}\r\n${payload}\r\n`);
  }

  subscribe(subject: string, sid: string, queue = ""): void {
    this.#send(`SUB ${subject} ${queue === "" ? "" : `${queue} `}${sid}\r\n`);
  }

  /** Resolves when the server has handled everything sent before. */
  flush(): Promise<void> {
    this.#send("PING\r\n");
    return new Promise((resolve) => this.#pongs.push(resolve));
  }

  close(): void {
    this.#open = false;
    this.#pinging?.cancel();
    this.#transport.close();
  }

  #checkPeer(): void {
    if (++this.#unanswered > 2) return this.close();
    this.#send("PING\r\n");
    this.#pongs.push(() => {});
  }

  #send(text: string): void {
    this.#outbox.push(text);
    if (!this.#writing) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#writing = true;
    const encoder = new TextEncoder();
    try {
      while (this.#outbox.length > 0) {
        let bytes = encoder.encode(this.#outbox.join(""));
        this.#outbox.length = 0;
        while (bytes.length > 0) {
          bytes = bytes.subarray(await this.#transport.write(bytes));
        }
      }
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      this.close();
    } finally {
      this.#writing = false;
    }
  }

  async #run(): Promise<void> {
    const buffer = new Uint8Array(8192);
    const decoder = new TextDecoder();
    try {
      for (;;) {
        const count = await this.#transport.read(buffer);
        if (count === null) break;
        this.#input += decoder.decode(buffer.subarray(0, count));
        this.#parse();
        const pause = this.#options.readPause?.() ?? 0;
        if (pause > 0) await this.#runtime.timers.sleep(pause);
      }
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
    } finally {
      this.close();
    }
  }

  #parse(): void {
    for (;;) {
      const end = this.#input.indexOf("\r\n");
      if (end < 0) return;
      const line = this.#input.slice(0, end);
      let next = end + 2;
      if (line.startsWith("MSG ")) {
        const [, subject = "", sid = "", ...rest] = line.split(" ");
        const size = Number(rest.at(-1));
        if (this.#input.length < next + size + 2) return;
        const payload = this.#input.slice(next, next + size);
        next += size + 2;
        this.#options.onMessage?.({ subject, sid, payload });
      } else this.#handle(line);
      this.#input = this.#input.slice(next);
    }
  }

  #handle(line: string): void {
    this.#options.onLine?.(line);
    if (line === "PING" && this.#options.pongs !== false) {
      this.#send("PONG\r\n");
    }
    if (line === "PONG") {
      this.#unanswered = 0;
      this.#pongs.shift()?.();
    }
  }
}
