/**
 * The stream that a mirror or source copies, and how it is asked for.
 *
 * @module
 */

import { shortHash } from "../../account/mod.ts";
import type { Random } from "../../runtime/mod.ts";
import {
  createTransform,
  subjectFromText,
  type SubjectTransform,
  SubjectTransformError,
} from "../../subject/mod.ts";
import { sourceKey } from "../stream/config/source_names.ts";
import {
  CONSUMER_CONFIG,
  CREATE_CONSUMER_REQUEST,
} from "../types/consumer_config.ts";
import type { StreamConfig, StreamSource } from "../types/stream_config.ts";

/** Nanoseconds. */
const SECOND = 1_000_000_000;
const HEARTBEAT = SECOND;
const INACTIVE_THRESHOLD = 10 * SECOND;
const ACK_WAIT = 22 * 3600 * SECOND;
const API_PREFIX = "$JS.API";

/** Who copies. */
export interface Copier {
  /** Configuration of the copying stream. */
  readonly config: StreamConfig;
  readonly account: string;
  /** Empty: none. */
  readonly domain: string;
  readonly random: Random;
}

/** Where the origin is to begin. */
export interface StartPoint {
  /** 0: not by sequence. */
  readonly sequence: number;
  /** RFC 3339; null: not by time. */
  readonly time: string | null;
}

/** A request to the API of the origin. */
export interface OriginRequest {
  /** Byte string. */
  readonly subject: string;
  /** JSON; empty for resets. */
  readonly body: string;
}

/** How to ask for a consumer. */
export interface ConsumerWish {
  readonly start: StartPoint;
  /** Byte string. */
  readonly deliver: string;
  /** Distinguishes the consumer where the origin does not; empty: it does. */
  readonly suffix: string;
}

/** One origin of a stream. */
export class Origin {
  readonly source: StreamSource;
  readonly kind: "mirror" | "source";
  /** What tells it from others of the same stream. */
  readonly key: string;
  readonly #copier: Copier;
  readonly #transforms: readonly SubjectTransform[];

  constructor(kind: "mirror" | "source", source: StreamSource, copier: Copier) {
    this.kind = kind;
    this.source = source;
    this.#copier = copier;
    this.key = sourceKey(source);
    this.#transforms = source.subject_transforms.flatMap(({ src, dest }) =>
      createTransform(subjectFromText(src), subjectFromText(dest), copier) ?? []
    );
  }

  get name(): string {
    return this.source.name;
  }

  /** Whether the consumer exists already and is only reset. */
  get isDurable(): boolean {
    return this.source.consumer !== null;
  }

  /** Prefix of subjects that the origin delivers to, byte string. */
  get deliverPrefix(): string {
    const prefix = this.source.external?.deliver ?? "";
    const letter = this.kind === "mirror" ? "M" : "S";
    if (prefix === "") return `$JS.${letter}.`;
    return subjectFromText(`${prefix}.${letter}.`).replaceAll("..", ".");
  }

  /** Subjects that are wanted; empty: all. */
  get filters(): string[] {
    const { filter_subject, subject_transforms } = this.source;
    if (filter_subject !== "") return [filter_subject];
    return subject_transforms.map(({ src }) => src);
  }

  /** Under which subject a message is stored. */
  rename(subject: string): string {
    for (const transform of this.#transforms) {
      try {
        return transform.match(subject);
      } catch (error) {
        if (!(error instanceof SubjectTransformError)) throw error;
      }
    }
    return subject;
  }

  /** Name that the consumer is asked to have. */
  get consumerName(): string {
    const { config, account, domain } = this.#copier;
    const owner = `${config.name} ${account}` +
      (domain === "" ? "" : ` ${domain}`);
    if (this.kind === "mirror") return `JS_MIRROR_${shortHash(owner)}`;
    const sameStream = config.sources.filter(({ name }) => name === this.name);
    const hash = shortHash(owner);
    const id = sameStream.length > 1 ? `${hash} ${this.key}` : hash;
    return `JS_SRC_${shortHash(id)}`;
  }

  /** Asks for a consumer that has just been made for this. */
  create({ start, deliver, suffix }: ConsumerWish): OriginRequest {
    const name = this.consumerName + (suffix === "" ? "" : `_${suffix}`);
    const filters = this.filters;
    const [only] = filters;
    const single = filters.length === 1 && only !== undefined && only !== "";
    const config = {
      ...CONSUMER_CONFIG.zero(),
      ...startConfig(start),
      name,
      deliver_subject: deliver,
      ack_policy: "none" as const,
      ack_wait: ACK_WAIT,
      max_deliver: 1,
      idle_heartbeat: HEARTBEAT,
      flow_control: true,
      direct: true,
      sourcing: suffix === "",
      inactive_threshold: INACTIVE_THRESHOLD,
      filter_subject: single ? only : "",
      filter_subjects: single || filters.length <= 1 ? [] : filters,
      metadata: this.#metadata(),
    };
    const target = single ? `.${name}.${only}` : "";
    return {
      subject: this.#api(`CONSUMER.CREATE.${this.name}${target}`),
      body: CREATE_CONSUMER_REQUEST.write({
        stream_name: this.name,
        config,
        action: "",
        pedantic: false,
      }),
    };
  }

  /** Asks a durable consumer to begin anew behind what was acknowledged. */
  reset(): OriginRequest {
    const consumer = this.source.consumer?.name ?? "";
    const subject = this.#api(`CONSUMER.RESET.${this.name}.${consumer}`);
    return { subject, body: "" };
  }

  /** Asks for the end of the consumer. */
  remove(): OriginRequest {
    const target = `${this.name}.${this.consumerName}`;
    return { subject: this.#api(`CONSUMER.DELETE.${target}`), body: "" };
  }

  #metadata(): Map<string, string> {
    const { config, account, domain } = this.#copier;
    const kind = this.kind === "mirror" ? "mirror" : "src";
    const metadata = new Map([
      [`_nats.${kind}.stream`, config.name],
      [`_nats.${kind}.acc`, account],
    ]);
    if (domain !== "") metadata.set(`_nats.${kind}.domain`, domain);
    return metadata;
  }

  /** A subject of the API that the origin has. */
  #api(request: string): string {
    const { external } = this.source;
    if (external === null) return subjectFromText(`${API_PREFIX}.${request}`);
    return subjectFromText(`${external.api}.${request}`).replaceAll("..", ".");
  }
}

function startConfig({ sequence, time }: StartPoint) {
  if (time !== null) {
    return {
      deliver_policy: "by_start_time" as const,
      opt_start_time: time,
    };
  }
  return sequence > 0
    ? {
      deliver_policy: "by_start_sequence" as const,
      opt_start_seq: sequence,
    }
    : { deliver_policy: "all" as const };
}
