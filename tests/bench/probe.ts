/**
 * How long a server lets others wait.
 *
 * @module
 */

/** A client in a thread of its own that keeps talking to itself. */
export class Probe implements Disposable {
  readonly #worker: Worker;

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  static async start(port: number): Promise<Probe> {
    const url = new URL("./probe_worker.ts", import.meta.url);
    const probe = new Probe(new Worker(url, { type: "module" }));
    await probe.#ask(port);
    return probe;
  }

  /** The longest that a message took while `work` was done, milliseconds. */
  async during(work: () => Promise<void>): Promise<number> {
    await this.#ask("take");
    await work();
    return await this.#ask("take");
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
  }

  #ask(question: number | "take"): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#worker.onmessage = ({ data }) => resolve(data);
      this.#worker.onerror = ({ message }) => reject(new Error(message));
      this.#worker.postMessage(question);
    });
  }
}
