/**
 * Makes a module that was started as a worker answer its requests.
 *
 * @module
 */

import { setPriority } from "node:os";

/** What a dedicated worker's global scope offers here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<unknown>) => void) | null;
  postMessage(message: unknown): void;
}

/** How willingly a worker leaves the processor to others: 0 as they, 19 most. */
const NICENESS = 10;

/**
 * Answers each request with what `handle` returns. Call it once, at the top of
 * a worker module. The event loop goes before workers where the platform knows
 * an order of threads.
 */
export function answerRequests<Request, Answer>(
  handle: (request: Request) => Answer,
): void {
  stepBack();
  const scope: unknown = globalThis;
  const worker = scope as WorkerScope;
  worker.onmessage = (event) =>
    worker.postMessage(handle(event.data as Request));
}

/** Lowers the priority of this thread; elsewhere than on Linux it would be that of all. */
function stepBack(): void {
  if (Deno.build.os !== "linux") return;
  try {
    setPriority(NICENESS);
  } catch {
    // Without leave to do so, threads are equals.
  }
}
