import type { Pager } from "../ports.ts";

/** Has no end, and is read into memory by a thread of the platform. */
const ZEROS = "/dev/zero";

/**
 * Reads zeros: the kernel pages in what it writes to, on account of the thread
 * that asks for it, and files are read by others than the event loop's.
 */
export class DenoPager implements Pager {
  async pageIn(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    // Reads of one open file wait for each other, in turns of the event loop.
    using file = Deno.openSync(ZEROS);
    await file.read(bytes);
  }
}
