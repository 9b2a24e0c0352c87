/**
 * Under which subjects messages are stored and published again.
 *
 * @module
 */

import {
  createTransform,
  subjectFromText,
  type SubjectTransform,
  SubjectTransformError,
} from "../../subject/mod.ts";
import { Republisher } from "./republisher.ts";
import type { Stream } from "./stream.ts";

/** What a stream's configuration says of that; another one has another. */
export class Renaming {
  readonly republisher: Republisher | null;
  readonly #transform: SubjectTransform | null;

  constructor(stream: Stream) {
    const { subject_transform, republish } = stream.config;
    const transformOf = (
      { src, dest }: { readonly src: string; readonly dest: string },
    ) =>
      createTransform(subjectFromText(src), subjectFromText(dest), {
        random: stream.host.random,
      });
    this.#transform = subject_transform && transformOf(subject_transform);
    const again = republish && transformOf(republish);
    this.republisher = again &&
      new Republisher(stream, again, republish?.headers_only ?? false);
  }

  /** Under which subject a message is stored. */
  stored(subject: string): string {
    if (this.#transform === null) return subject;
    try {
      return this.#transform.match(subject);
    } catch (error) {
      if (error instanceof SubjectTransformError) return subject;
      throw error;
    }
  }
}
