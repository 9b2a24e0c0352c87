/**
 * Makes a module that was started as a worker answer its requests.
 *
 * @module
 */

/** What a dedicated worker's global scope offers here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<unknown>) => void) | null;
  postMessage(message: unknown): void;
}

/** Answers each request with what `handle` returns. Call it once, at the top of a worker module. */
export function answerRequests<Request, Answer>(
  handle: (request: Request) => Answer,
): void {
  const scope: unknown = globalThis;
  const worker = scope as WorkerScope;
  worker.onmessage = (event) =>
    worker.postMessage(handle(event.data as Request));
}
