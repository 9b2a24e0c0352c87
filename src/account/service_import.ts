/**
 * A service of another account, used under a subject of one's own.
 *
 * @module
 */

import type { Message } from "../protocol/mod.ts";
import type { Random } from "../runtime/mod.ts";
import {
  createTransform,
  destinationPattern,
  hasWildcard,
  identityDestination,
  subjectToBytes,
  type SubjectTransform,
} from "../subject/mod.ts";
import type { Account } from "./account.ts";
import type { ServiceExport } from "./exports.ts";
import { type Producer, type Receiver, Subscription } from "./subscription.ts";

/** The API of JetStream, which the system account exports … */
const JETSTREAM_API = "$JS.API.>";
/** … and what of it streams and consumers answer in their own account. */
const ANSWERED_LOCALLY = ["$JS.API.CONSUMER.MSG.NEXT.", "$JS.API.DIRECT.GET"]
  .map((prefix) => subjectToBytes(prefix));

/** Takes requests across the border between two accounts. */
export interface RequestCarrier {
  isSystemAccount(account: Account): boolean;
  /** @returns whether the request reached anybody */
  request(
    service: ServiceImport,
    message: Message,
    producer: Producer,
  ): boolean;
}

/** Receives requests in the importer's account. */
export class ServiceImport implements Receiver {
  /** Its presence in the importer's account. */
  readonly subscription: Subscription;
  readonly seesImports = false;
  readonly sends = false;
  readonly #carrier: RequestCarrier;
  /** Subject in the account of the service. */
  readonly exported: string;
  readonly #transform: SubjectTransform | null;
  readonly #transparent: boolean;
  readonly #isJetStream: boolean;

  /**
   * @param exported subject in the account of the service
   * @param local subject in the importer's account, wildcards possibly by number
   * @throws SubjectTransformError when one does not use all wildcards of the other
   */
  constructor(
    readonly importer: Account,
    readonly service: ServiceExport,
    { exported, local, share }: {
      readonly exported: string;
      readonly local: string;
      readonly share: boolean;
    },
    carrier: RequestCarrier,
    random: Random,
  ) {
    this.share = share;
    this.#carrier = carrier;
    this.exported = exported;
    const pattern = hasWildcard(exported);
    this.#transparent = pattern && exported === local;
    this.#isJetStream = exported === JETSTREAM_API &&
      carrier.isSystemAccount(service.account);
    this.#transform = pattern && exported !== local
      ? createTransform(
        destinationPattern(exported).pattern,
        identityDestination(local),
        { random, strict: true },
      )?.reverse() ?? null
      : null;
    const subject = this.#transform === null
      ? local
      : destinationPattern(local).pattern;
    this.subscription = new Subscription(this, subject, null, "");
  }

  /** Whether the service may know who its requestors are. */
  readonly share: boolean;

  /** The subject that a request has in the account of the service. */
  target(subject: string): string {
    if (this.#transparent) return subject;
    return this.#transform?.apply(subject) ?? this.exported;
  }

  deliver(
    _subscription: Subscription,
    message: Message,
    producer: Producer,
  ): boolean {
    if (this.#isJetStream && isAnsweredLocally(message)) return false;
    return this.#carrier.request(this, message, producer);
  }
}

/** Whether a request of JetStream's API need not leave the account. */
function isAnsweredLocally(message: Message): boolean {
  for (const prefix of ANSWERED_LOCALLY) {
    if (startsWith(message, prefix)) return true;
  }
  return false;
}

function startsWith(
  { subjectChunk: { bytes }, subjectStart, subjectEnd }: Message,
  prefix: Uint8Array,
): boolean {
  if (subjectEnd - subjectStart < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) {
    if (bytes[subjectStart + i] !== prefix[i]) return false;
  }
  return true;
}
