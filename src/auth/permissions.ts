/**
 * What a user may publish and subscribe to.
 *
 * @module
 */

import type { Permissions, ResponsePermission } from "../config/mod.ts";
import {
  hasWildcard,
  type IndexedSubscription,
  isSubsetMatch,
  isValidSubject,
  subjectFromText,
  subjectsCollide,
  subjectToText,
  SubscriptionIndex,
} from "../subject/mod.ts";

/** A pattern of a permission list, with the queue group it is confined to. */
interface Pattern extends IndexedSubscription {
  readonly subject: string;
  readonly queue: string | null;
}

/** A permission whose text is no subject; it is left out, and reported. */
export interface InvalidPermission {
  readonly kind: string;
  readonly text: string;
}

/** One user's permissions, compiled; shared by the user's connections. */
export class CompiledPermissions {
  readonly #publishAllow: SubscriptionIndex<Pattern> | null;
  readonly #publishDeny: SubscriptionIndex<Pattern> | null;
  readonly #subscribeAllow: SubscriptionIndex<Pattern> | null;
  readonly #subscribeDeny: SubscriptionIndex<Pattern> | null;
  readonly #deniedSubscriptions: readonly Pattern[];
  readonly responses: ResponsePermission | undefined;
  readonly invalid: InvalidPermission[] = [];
  /** What was compiled. */
  readonly source: Permissions;

  constructor(permissions: Permissions, seed: number) {
    this.source = permissions;
    const { publish, subscribe, responses } = permissions;
    const index = (kind: string, texts: readonly string[]) =>
      this.#compile(kind, texts, seed);
    this.#publishAllow = publish.allow === undefined
      ? null
      : index("publish", publish.allow);
    this.#publishDeny = publish.deny.length === 0
      ? null
      : index("publish deny", publish.deny);
    const allowed = subscribe.allow ?? [];
    this.#subscribeAllow = allowed.length === 0
      ? null
      : index("subscribe allow", allowed);
    this.#subscribeDeny = subscribe.deny.length === 0
      ? null
      : index("subscribe deny", subscribe.deny);
    this.#deniedSubscriptions = [...this.#subscribeDeny ?? []];
    this.responses = responses;
  }

  /** In the form in which users are told of them. */
  describe(): object {
    const { responses } = this;
    return {
      publish: {
        allow: textsOf(this.#publishAllow),
        deny: textsOf(this.#publishDeny),
      },
      subscribe: {
        allow: textsOf(this.#subscribeAllow),
        deny: textsOf(this.#subscribeDeny),
      },
      responses: responses === undefined ? undefined : {
        max: responses.max,
        ttl: Math.round(responses.expires * 1e6),
      },
    };
  }

  /** Whether publishing is restricted at all. */
  get limitsPublish(): boolean {
    return this.#publishAllow !== null || this.#publishDeny !== null;
  }

  /** Whether the subject in `buffer[start, end)` may be published to. */
  mayPublish(buffer: Uint8Array, start: number, end: number): boolean {
    if (
      this.#publishAllow !== null &&
      this.#publishAllow.match(buffer, start, end).plain.length === 0
    ) return false;
    return this.#publishDeny === null ||
      this.#publishDeny.match(buffer, start, end).plain.length === 0;
  }

  /** Whether a subscription may be made. Denied parts of a wider one are filtered on delivery. */
  maySubscribe(subject: string, queue: string | null): boolean {
    if (this.#subscribeAllow !== null) {
      const { plain, queues } = this.#subscribeAllow.matchSubject(subject);
      let allowed = plain.length > 0;
      if (queue !== null && queues.length > 0) {
        allowed = queueMatches(queue, queues);
      }
      if (!allowed) return false;
    }
    if (this.#subscribeDeny === null) return true;
    const { plain, queues } = this.#subscribeDeny.matchSubject(subject);
    if (plain.length > 0) return false;
    return queue === null || queues.length === 0 ||
      !queueMatches(queue, queues);
  }

  /** Whether deliveries to such a subscription must be filtered. */
  needsDeliveryFilter(subject: string, queue: string | null): boolean {
    if (queue === null && !hasWildcard(subject)) return false;
    return this.#deniedSubscriptions.some((denied) =>
      subjectsCollide(denied.subject, subject)
    );
  }

  /** Whether a message on the subject in `buffer` must not be delivered. */
  deniesDelivery(
    buffer: Uint8Array,
    start: number,
    end: number,
    queue: string | null,
  ): boolean {
    if (this.#subscribeDeny === null) return false;
    const { plain, queues } = this.#subscribeDeny.match(buffer, start, end);
    if (plain.length > 0) return true;
    return queue !== null && queues.length > 0 && queueMatches(queue, queues);
  }

  #compile(
    kind: string,
    texts: readonly string[],
    seed: number,
  ): SubscriptionIndex<Pattern> {
    const index = new SubscriptionIndex<Pattern>({ seed });
    for (const text of texts) {
      const pattern = parsePattern(text, kind.startsWith("publish"));
      if (pattern === null) this.invalid.push({ kind, text });
      else index.insert(pattern);
    }
    return index;
  }
}

/** Reads `subject` or `subject queue`; a queue does not confine a publish. */
function parsePattern(text: string, publish: boolean): Pattern | null {
  const [subject, queue, ...more] = subjectFromText(text).trim().split(/\s+/);
  if (subject === undefined || more.length > 0 || !isValidSubject(subject)) {
    return null;
  }
  if (queue !== undefined && !isValidSubject(queue)) return null;
  return { subject, queue: publish ? null : queue ?? null };
}

function queueMatches(
  queue: string,
  groups: readonly (readonly Pattern[])[],
): boolean {
  return groups.some((group) => {
    const name = group[0]?.queue ?? "";
    return queue === name || (hasWildcard(name) && isSubsetMatch(queue, name));
  });
}

/** Patterns as they are written; undefined when there are none. */
function textsOf(
  index: SubscriptionIndex<Pattern> | null,
): string[] | undefined {
  const texts = [...index ?? []].map(({ subject, queue }) =>
    subjectToText(queue === null ? subject : `${subject} ${queue}`)
  );
  return texts.length === 0 ? undefined : texts;
}
