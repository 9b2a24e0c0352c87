/**
 * Streams to measure with.
 *
 * @module
 */

import { type Batch, encode, messageSize, requestBatch } from "../frames.ts";
import { Link } from "../link.ts";
import type { Measurement, Table } from "../scenario.ts";
import type { BenchServer } from "../server.ts";
import { JetStreamClient } from "./client.ts";

/** All sequences have as many digits, and so all acknowledgements one size. */
export const FIRST_SEQUENCE = 1_000_000_001;
/** Messages that are published at once when a stream is filled. */
const FILLING = 1000;
/** Batches under way while a stream is filled. */
const FILLING_AT_ONCE = 8;
const SID = "2";

export type Storage = "file" | "memory";

/** Configuration of servers with JetStream. @param sync value of `sync_interval`, if any */
export function jetStreamConfig(sync?: string): string {
  const interval = sync === undefined ? "" : `, sync_interval: ${sync}`;
  return `jetstream { store_dir: "{{store}}"${interval}, max_file_store: 200GB, max_memory_store: 20GB }`;
}

/** A stream of one's own; disposing of it deletes it. */
export class BenchStream implements AsyncDisposable {
  readonly client: JetStreamClient;
  readonly #server: BenchServer;
  /** Bytes of the frame of one acknowledgement. */
  readonly ackSize: number;

  private constructor(
    server: BenchServer,
    client: JetStreamClient,
    readonly name: string,
    ackSize: number,
  ) {
    this.#server = server;
    this.client = client;
    this.ackSize = ackSize;
  }

  /** Subjects `<name>.>`. */
  static async create(
    server: BenchServer,
    name: string,
    config: { readonly storage: Storage } & Record<string, unknown>,
  ): Promise<BenchStream> {
    const client = await JetStreamClient.open(server.port);
    await client.api(`STREAM.CREATE.${name}`, {
      name,
      subjects: [`${name}.>`],
      first_seq: FIRST_SEQUENCE,
      ...config,
    });
    // The first message tells how large acknowledgements are.
    const answer = await client.request(`${name}.first`, "x");
    const ackSize = messageSize("acks", SID, answer.length);
    return new BenchStream(server, client, name, ackSize);
  }

  /** Publishes `count` messages of `size` bytes in batches. @param subject of a message */
  async fill(
    count: number,
    size: number,
    subject: (i: number) => string = () => `${this.name}.a`,
  ): Promise<void> {
    using link = await Link.open(this.#server.port);
    await link.write(encode(`SUB acks ${SID}\r\n`));
    await link.synchronize();
    let wake = () => {};
    const counting = link.count(() => wake());
    const payload = "x".repeat(size);
    let published = 0;
    while (published < count) {
      const messages = Math.min(FILLING, count - published);
      let text = "";
      for (let i = published; i < published + messages; i++) {
        text += `PUB ${subject(i)} acks ${size}\r\n${payload}\r\n`;
      }
      await link.write(encode(text));
      published += messages;
      const owed = Math.min(published, count - 1) -
        (published < count ? FILLING * FILLING_AT_ONCE : 0);
      while (link.received < Math.max(0, owed) * this.ackSize) {
        await new Promise<void>((resolve) => wake = resolve);
      }
    }
    while (link.received < count * this.ackSize) {
      await new Promise<void>((resolve) => wake = resolve);
    }
    link[Symbol.dispose]();
    await counting;
  }

  /** One batch of publications, and what its acknowledgements bring. */
  batch(size: number, count: number): {
    readonly batch: Batch;
    /** Bytes. */
    readonly acks: number;
    /** Protocol text of who gets them. */
    readonly subscription: string;
  } {
    return {
      batch: requestBatch(`${this.name}.a`, "acks", size, count),
      acks: count * this.ackSize,
      subscription: `SUB acks ${SID}\r\n`,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.api(`STREAM.DELETE.${this.name}`);
    this.client[Symbol.dispose]();
  }
}

/** One number of a table. */
export function measured(
  table: Table,
  label: string,
  value: number,
  unit: string,
): Measurement {
  return { table, label, unit, moreIsBetter: unit.endsWith("/s"), value };
}
