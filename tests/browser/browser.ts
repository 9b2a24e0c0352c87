/**
 * A headless Chromium, driven by the DevTools protocol.
 *
 * @module
 */

import { assert } from "@std/assert";

/** Arguments that make a browser of a container: no sandbox, no GPU, no phoning home. */
const ARGUMENTS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-default-apps",
  "--no-first-run",
  "--ignore-certificate-errors",
  "--remote-debugging-port=0",
];

/** How large a window is. */
export interface Viewport {
  readonly width: number;
  readonly height: number;
  readonly phone?: boolean;
}

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly sessionId?: string;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** A browser process. Disposing of it ends it. */
export class Browser implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #directory: string;
  readonly #socket: WebSocket;
  readonly #drained: Promise<unknown>;
  readonly #pending = new Map<number, PromiseWithResolvers<Answer>>();
  readonly #listeners = new Set<(answer: Answer) => void>();
  #lastId = 0;

  private constructor(
    child: Deno.ChildProcess,
    directory: string,
    socket: WebSocket,
    drained: Promise<unknown>,
  ) {
    this.#child = child;
    this.#directory = directory;
    this.#socket = socket;
    this.#drained = drained;
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    socket.onclose = () => {
      for (const { reject } of this.#pending.values()) {
        reject(new Error("the browser has gone"));
      }
    };
  }

  /** @throws Error when there is no Chromium on the PATH */
  static async start(): Promise<Browser> {
    const directory = await Deno.makeTempDir({ prefix: "browser-" });
    const child = new Deno.Command(Deno.env.get("CHROMIUM") ?? "chromium", {
      args: [...ARGUMENTS, `--user-data-dir=${directory}`, "about:blank"],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const [url, drained] = await devtoolsUrl(child.stderr);
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    return new Browser(child, directory, socket, drained);
  }

  /** Opens a page of its own. */
  async open(url: string, viewport: Viewport): Promise<Page> {
    const { targetId } = await this.call("Target.createTarget", {
      url: "about:blank",
    });
    const { sessionId } = await this.call("Target.attachToTarget", {
      targetId,
      flatten: true,
    });
    const page = new Page(this, String(sessionId));
    await page.prepare(viewport);
    await page.go(url);
    return page;
  }

  /** One call of the protocol. @throws Error with the browser's words */
  async call(
    method: string,
    params: object = {},
    sessionId?: string,
  ): Promise<Record<string, unknown>> {
    const id = ++this.#lastId;
    const pending = Promise.withResolvers<Answer>();
    this.#pending.set(id, pending);
    this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    const { result, error } = await pending.promise;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  listen(listener: (answer: Answer) => void): void {
    this.#listeners.add(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) =>
      this.#socket.addEventListener("close", resolve)
    );
    this.#child.kill("SIGKILL");
    await this.#child.status;
    await Promise.all([closed, this.#drained]);
    await Deno.remove(this.#directory, { recursive: true });
  }

  #receive(answer: Answer): void {
    if (answer.id === undefined) {
      for (const listener of this.#listeners) listener(answer);
      return;
    }
    this.#pending.get(answer.id)?.resolve(answer);
    this.#pending.delete(answer.id);
  }
}

/** A tab. */
export class Page {
  /** What went wrong in it: uncaught errors, messages of errors, refused loads. */
  readonly errors: string[] = [];
  /** URLs that it asked for. */
  readonly requests: string[] = [];
  readonly #browser: Browser;
  readonly #session: string;

  constructor(browser: Browser, session: string) {
    this.#browser = browser;
    this.#session = session;
    browser.listen(({ sessionId, method, params = {} }) => {
      if (sessionId === session && method !== undefined) {
        this.#note(method, params);
      }
    });
  }

  async prepare({ width, height, phone = false }: Viewport): Promise<void> {
    for (const domain of ["Page", "Runtime", "Network", "Log"]) {
      await this.#call(`${domain}.enable`);
    }
    await this.#call("Emulation.setDeviceMetricsOverride", {
      width,
      height,
      deviceScaleFactor: phone ? 2 : 1,
      mobile: phone,
    });
  }

  /** Loads a page; does not wait until it is there. */
  async go(url: string): Promise<void> {
    await this.#call("Page.navigate", { url });
  }

  /** `light` or `dark`, as the system would prefer it. */
  async prefer(scheme: string): Promise<void> {
    await this.#call("Emulation.setEmulatedMedia", {
      features: [{ name: "prefers-color-scheme", value: scheme }],
    });
  }

  /** The value of an expression, awaited. @throws Error with what it throws */
  async evaluate(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = await this.#call("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails !== undefined) {
      throw new Error(JSON.stringify(exceptionDetails));
    }
    return (result as { value?: unknown }).value;
  }

  /** Waits until an expression is true. @throws Error after `within` milliseconds */
  async until(expression: string, within = 10_000): Promise<void> {
    const deadline = performance.now() + within;
    while (await this.evaluate(`Boolean(${expression})`) !== true) {
      const shown = `not true: ${expression}\n${this.errors.join("\n")}`;
      assert(performance.now() < deadline, shown);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** A picture of the whole page, PNG. */
  async screenshot(): Promise<Uint8Array> {
    const { data } = await this.#call("Page.captureScreenshot", {
      captureBeyondViewport: true,
    });
    return Uint8Array.from(atob(String(data)), (char) => char.charCodeAt(0));
  }

  #call(method: string, params: object = {}): Promise<Record<string, unknown>> {
    return this.#browser.call(method, params, this.#session);
  }

  #note(method: string, params: Record<string, unknown>): void {
    if (method === "Network.requestWillBeSent") {
      this.requests.push((params.request as { url: string }).url);
    }
    const isError = method === "Runtime.exceptionThrown" ||
      (method === "Log.entryAdded" &&
        (params.entry as { level: string }).level === "error");
    if (isError) this.errors.push(JSON.stringify(params));
  }
}

/** The URL that the browser tells, and a promise for the end of its output. */
async function devtoolsUrl(
  stderr: ReadableStream<Uint8Array>,
): Promise<[string, Promise<unknown>]> {
  const reader = stderr.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`Chromium does not start:\n${text}`);
    text += decoder.decode(value, { stream: true });
    const url = text.match(/DevTools listening on (ws:\S+)/)?.[1];
    if (url !== undefined) return [url, drain(reader)];
  }
}

async function drain(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<void> {
  while (!(await reader.read()).done);
}
