/**
 * Profiles as `go tool pprof` reads them.
 *
 * A file is the gzip of one protobuf message, `perftools.profiles.Profile`:
 *
 * | field | type               | holds                                         |
 * | ----- | ------------------ | --------------------------------------------- |
 * | 1     | ValueType, many    | what each value of a sample means             |
 * | 2     | Sample, many       | 1: location ids, leaf first; 2: values        |
 * | 4     | Location, many     | 1: id; 4: Line with 1: function id, 2: line   |
 * | 5     | Function, many     | 1: id; 2, 3: name; 4: file; 5: first line     |
 * | 6     | string, many       | the texts that all others name by index       |
 * | 9, 10 | int64              | when, and how long, nanoseconds               |
 * | 11,12 | ValueType, int64   | the sampling period                           |
 * | 13    | int64, many        | comments                                      |
 * | 14    | int64              | the value that is shown first                 |
 *
 * The first text is empty. A ValueType is 1: type, 2: unit.
 *
 * @module
 */

import { gzipSync } from "node:zlib";

/** What a number means, as `cpu` in `nanoseconds`. */
export interface ValueType {
  readonly type: string;
  readonly unit: string;
}

/** A place in the program. */
export interface ProfileFrame {
  readonly name: string;
  readonly file: string;
  /** Counted from 1; 0: unknown. */
  readonly line: number;
}

/** What was measured on one call path. */
export interface ProfileSample {
  /** The innermost first. */
  readonly stack: readonly ProfileFrame[];
  /** As many as there are types of values; whole numbers. */
  readonly values: readonly number[];
}

/** A profile, whatever it tells of. */
export interface Profile {
  readonly types: readonly ValueType[];
  readonly samples: readonly ProfileSample[];
  /** Wall time of the begin, nanoseconds since the Unix epoch. */
  readonly time: bigint;
  /** Nanoseconds. */
  readonly duration: number;
  readonly period?: ValueType & { readonly value: number };
  readonly comments: readonly string[];
}

/** The file. */
export function encodeProfile(profile: Profile): Uint8Array {
  return gzipSync(encodeMessage(profile));
}

/** The message in it. */
export function encodeMessage(profile: Profile): Uint8Array {
  const texts = new Table<string>((text) => text);
  texts.id("");
  const message = new Message();
  const valueType = ({ type, unit }: ValueType) =>
    new Message().number(1, texts.id(type)).number(2, texts.id(unit));
  for (const type of profile.types) message.message(1, valueType(type));
  const frames = new Table<ProfileFrame>(frameKey);
  for (const { stack, values } of profile.samples) {
    const sample = new Message()
      .numbers(1, stack.map((frame) => frames.id(frame) + 1))
      .numbers(2, values);
    message.message(2, sample);
  }
  frames.items.forEach((frame, index) => {
    const id = index + 1;
    const line = new Message().number(1, id).number(2, frame.line);
    message.message(4, new Message().number(1, id).message(4, line));
    const name = texts.id(frame.name);
    message.message(
      5,
      new Message().number(1, id).number(2, name).number(3, name)
        .number(4, texts.id(frame.file)).number(5, frame.line),
    );
  });
  message.number(9, profile.time).number(10, profile.duration);
  if (profile.period !== undefined) {
    message.message(11, valueType(profile.period))
      .number(12, profile.period.value);
  }
  message.numbers(13, profile.comments.map((text) => texts.id(text)));
  message.number(14, texts.id(profile.types.at(-1)?.type ?? ""));
  for (const text of texts.items) message.text(6, text);
  return message.bytes();
}

function frameKey({ name, file, line }: ProfileFrame): string {
  return `${line}\n${name}\n${file}`;
}

/** Numbers things in the order in which they come up. */
class Table<T> {
  readonly items: T[] = [];
  readonly #ids = new Map<string, number>();
  readonly #key: (item: T) => string;

  constructor(key: (item: T) => string) {
    this.#key = key;
  }

  id(item: T): number {
    const key = this.#key(item);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.items.push(item) - 1;
    this.#ids.set(key, id);
    return id;
  }
}

/** Wire types of protobuf. */
const VARINT = 0;
const LENGTH_DELIMITED = 2;

/** A protobuf message under construction. */
class Message {
  readonly #bytes: number[] = [];

  /** Left out when it is zero. */
  number(field: number, value: number | bigint): this {
    if (Number(value) === 0) return this;
    this.#varint(field << 3 | VARINT);
    this.#varint(value);
    return this;
  }

  /** Packed; left out when there are none. */
  numbers(field: number, values: readonly number[]): this {
    if (values.length === 0) return this;
    const packed = new Message();
    for (const value of values) packed.#varint(value);
    return this.message(field, packed);
  }

  message(field: number, message: Message): this {
    return this.#delimited(field, message.#bytes);
  }

  text(field: number, text: string): this {
    return this.#delimited(field, new TextEncoder().encode(text));
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  #delimited(field: number, bytes: ArrayLike<number>): this {
    this.#varint(field << 3 | LENGTH_DELIMITED);
    this.#varint(bytes.length);
    for (let at = 0; at < bytes.length; at++) this.#bytes.push(bytes[at] ?? 0);
    return this;
  }

  /** Negative numbers do not occur. */
  #varint(value: number | bigint): void {
    let rest = BigInt(value);
    while (rest > 127n) {
      this.#bytes.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    this.#bytes.push(Number(rest));
  }
}
