/**
 * What was promised and what was asked for, as the clients saw it.
 *
 * @module
 */

/** Of one stream and its consumer. */
export class Journal {
  /** Number in the body by sequence, of messages that were acknowledged. */
  readonly promised = new Map<number, string>();
  /** Sequences whose consumption was acknowledged, whether that arrived or not. */
  readonly consumed = new Set<number>();
  /** Sequences below were compared with what the server has. */
  verified = 1;
  /** Everything up to here was consumed. */
  floor = 0;

  /** The server has acknowledged. */
  noteStored(sequence: number, body: string): void {
    this.promised.set(sequence, body);
  }

  /** An acknowledgement of a delivery is about to be sent. */
  noteConsumed(sequence: number): void {
    this.consumed.add(sequence);
  }
}
