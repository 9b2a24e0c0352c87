import type { Worker as WorkerPort, Workers } from "../ports.ts";

/** Module workers of the platform. */
export class DenoWorkers implements Workers {
  start(url: URL): WorkerPort {
    return new ModuleWorker(url);
  }
}

interface Pending {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** Answers arrive in the order of the requests, so a queue pairs them. */
class ModuleWorker implements WorkerPort {
  readonly #worker: Worker;
  readonly #pending: Pending[] = [];
  #failure: Error | undefined;

  constructor(url: URL) {
    this.#worker = new Worker(url, { type: "module" });
    this.#worker.onmessage = (event: MessageEvent<unknown>) => {
      this.#pending.shift()?.resolve(event.data);
    };
    this.#worker.onmessageerror = () => {
      this.#pending.shift()?.reject(new Error("worker answer is unreadable"));
    };
    this.#worker.onerror = (event: ErrorEvent) => {
      event.preventDefault();
      this.#fail(new Error(`worker failed: ${event.message}`));
    };
  }

  request(message: unknown): Promise<unknown> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#worker.postMessage(message);
      this.#pending.push({ resolve, reject });
    });
  }

  close(): void {
    this.#fail(new Error("worker is closed"));
  }

  #fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#worker.terminate();
    for (const { reject } of this.#pending.splice(0)) reject(error);
  }
}
