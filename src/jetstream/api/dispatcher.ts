/**
 * The API: listens in the system account, hands requests to their endpoints
 * and answers.
 *
 * @module
 */

import {
  type Account,
  type ClientInfo,
  type Producer,
  type Receiver,
  Subscription,
} from "../../account/mod.ts";
import type { BatchEnd } from "../../connection/mod.ts";
import { quoteText } from "../../log/mod.ts";
import {
  decodeByteString,
  encodeGoJson,
  type Message,
} from "../../protocol/mod.ts";
import {
  subjectToText,
  SubscriptionIndex,
  tokenize,
} from "../../subject/mod.ts";
import type { Advisories } from "../advisories.ts";
import type { JetStreamAccount } from "../account.ts";
import type { JetStreamContext } from "../context.ts";
import { ApiError } from "../errors.ts";
import type { Speaker } from "../speaker.ts";
import { headerValue } from "../stream/header_block.ts";
import { Call, type CallFacts } from "./call.ts";
import {
  type Answer,
  DelayedError,
  type Endpoint,
  typeName,
} from "./endpoint.ts";
import { RequestLines } from "./lines.ts";
import { RequestQueue } from "./queue.ts";

const ALL = "$JS.API.>";
const CLIENT_INFO = "Nats-Request-Info";
const ACCOUNT_INFO = "$JS.API.INFO";

/** Handled elsewhere, or by nobody: they are of the system account. */
const SYSTEM_SUBJECTS: ReadonlySet<string> = new Set([
  "$JS.API.META.LEADER.STEPDOWN",
  "$JS.API.SERVER.REMOVE",
  "$JS.API.SERVER.EVACUATE",
  "$JS.API.META.RESCUE",
]);
const ACCOUNT_PREFIX = "$JS.API.ACCOUNT.";

/** Requests in a queue unless configured otherwise. */
const QUEUE_LIMIT = 10_000;
/** Milliseconds of handling requests without a rest. */
const SLICE = 5;
/** Milliseconds by which some errors are held back. */
const DELAY = 500;

/** What the dispatcher needs of the service. */
export interface DispatcherContext {
  readonly server: JetStreamContext;
  readonly speaker: Speaker;
  readonly advisories: Advisories;
  /** Answers of the whole server. */
  readonly api: { total: number; errors: number; inflight: number };
  /** Empty: none. */
  readonly domain: string;
  jetstreamOf(account: Account): JetStreamAccount | null;
  /** Resolves when the streams of an account are back; null: they are. */
  returning(account: JetStreamAccount): Promise<void> | null;
}

/** An endpoint, found by its subject as if it were a subscription. */
class Entry {
  readonly queue = null;
  constructor(readonly endpoint: Endpoint) {}
  get subject(): string {
    return this.endpoint.subject;
  }
}

/** A request as it came in. */
interface Request {
  readonly endpoint: Endpoint;
  readonly subject: string;
  readonly reply: string;
  readonly headers: string;
  readonly body: Uint8Array;
}

/** A request that waits for another. */
interface Task {
  /** What it is about. */
  readonly key: string;
  readonly request: Request;
  /** Null when it is to be looked at anew. */
  readonly facts: CallFacts | null;
}

/** One per server with JetStream. */
export class ApiDispatcher implements Receiver, BatchEnd {
  readonly seesImports = false;
  readonly sends = false;
  readonly #context: DispatcherContext;
  readonly #endpoints: SubscriptionIndex<Entry>;
  readonly #requests: RequestQueue<Request>;
  readonly #questions: RequestQueue<Request>;
  /** Those for streams that are busy with one before. */
  readonly #lines: RequestLines<Task>;
  #system: Account | null = null;
  #subscription: Subscription | null = null;
  #atWork = false;
  #stopped = false;

  constructor(context: DispatcherContext, endpoints: readonly Endpoint[]) {
    this.#context = context;
    const { random, options } = context.server;
    this.#endpoints = new SubscriptionIndex({ seed: random.below(2 ** 31) });
    for (const endpoint of endpoints) {
      this.#endpoints.insert(new Entry(endpoint));
    }
    const { requestQueueLimit, infoQueueLimit } = options.jetstream;
    const limit = requestQueueLimit || QUEUE_LIMIT;
    this.#lines = new RequestLines(limit);
    this.#requests = new RequestQueue("JetStream API queue", limit);
    this.#questions = new RequestQueue(
      "JetStream API info queue",
      infoQueueLimit || limit,
    );
  }

  /** Begins to listen. */
  start(system: Account): void {
    this.#system = system;
    this.#subscription = new Subscription(this, ALL, null, "");
    system.subscriptions.insert(this.#subscription);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#subscription !== null) {
      this.#system?.subscriptions.remove(this.#subscription);
    }
  }

  /** Requests that wait: those that change something, and those that ask. */
  get waiting(): { readonly requests: number; readonly questions: number } {
    return { requests: this.#requests.size, questions: this.#questions.size };
  }

  deliver(
    _subscription: Subscription,
    message: Message,
    producer: Producer,
  ): boolean {
    const subject = message.subject();
    if (SYSTEM_SUBJECTS.has(subject)) return true;
    const request = parts(message);
    const isDirect = headerValue(request.headers, CLIENT_INFO) === null;
    if (subject.startsWith(ACCOUNT_PREFIX)) {
      // What other accounts ask of accounts is passed over.
      if (!isDirect) return true;
    } else if (isDirect) {
      if (subject !== ACCOUNT_INFO) {
        this.#refuse(request, producer, new ApiError("notEnabledForAccount"));
        return true;
      }
    }
    const [entry, ...others] = this.#endpoints.matchSubject(subject).plain;
    if (entry === undefined) return true;
    if (others.length > 0) {
      this.#refuse(request, producer, new ApiError("badRequest"));
      return true;
    }
    this.#enqueue({ ...request, endpoint: entry.endpoint });
    return true;
  }

  onBatchEnd(): void {
    const { clock, flushQueue } = this.#context.server;
    const begun = clock.monotonic();
    for (;;) {
      if (this.#stopped || !this.#handleNext()) {
        this.#atWork = false;
        return;
      }
      if (clock.monotonic() - begun > SLICE) {
        flushQueue.later(() => this.onBatchEnd());
        return;
      }
    }
  }

  /** @returns whether there was anything to handle */
  #handleNext(): boolean {
    const task = this.#lines.shift();
    if (task !== undefined) {
      if (task.facts === null) this.#handle(task.request);
      else this.#serve(task.key, task.request.endpoint, task.facts);
      return true;
    }
    if (this.#lines.isFull) return false;
    const request = this.#requests.shift() ?? this.#questions.shift();
    if (request === undefined) return false;
    this.#handle(request);
    return true;
  }

  #enqueue(request: Request): void {
    const { server, advisories, api, domain } = this.#context;
    api.inflight++;
    const queue = request.endpoint.informs ? this.#questions : this.#requests;
    const dropped = queue.push(request);
    if (dropped > 0) {
      server.logger.warn(
        `${queue.name} limit reached, dropping ${dropped} requests`,
      );
      api.inflight -= dropped;
      advisories.advise(null, "API.LIMIT_REACHED", "api_limit_reached", () => ({
        server: server.name,
        domain: domain || undefined,
        dropped,
      }));
    }
    this.#goOn();
  }

  #goOn(): void {
    if (this.#atWork) return;
    this.#atWork = true;
    this.#context.server.flushQueue.atEnd(this);
  }

  #handle(request: Request): void {
    const { server, api } = this.#context;
    const facts = this.#facts(request);
    if (facts === null) {
      api.inflight--;
      const body = new TextDecoder().decode(request.body);
      server.logger.warn(
        `Malformed JetStream API Request: ${quoteText(body)}`,
      );
      return;
    }
    const { endpoint } = request;
    if (this.#waitsFor(facts.jetstream, request)) return;
    const key = assetOf(endpoint, facts);
    if (this.#lines.wait({ key, request, facts })) return;
    this.#serve(key, endpoint, facts);
  }

  /** Handles a request whose turn it is, once nothing of its stream is half done. */
  #serve(key: string, endpoint: Endpoint, facts: CallFacts): void {
    const busy = facts.jetstream?.streams.get(nameOf(endpoint, facts))?.busy;
    if (busy) {
      const handle = () =>
        this.#stopped ? null : endpoint.handle(new Call(facts));
      return this.#await(key, endpoint, facts, busy.then(handle));
    }
    try {
      const answer = endpoint.handle(new Call(facts));
      if (answer instanceof Promise) {
        return this.#await(key, endpoint, facts, answer);
      }
      this.#finish(endpoint, facts, answer);
    } catch (error) {
      this.#failed(endpoint, facts, error);
    }
    this.#context.api.inflight--;
    this.#lines.end(key);
  }

  /** Has a request wait for the streams of its account. @returns whether it does */
  #waitsFor(jetstream: JetStreamAccount | null, request: Request): boolean {
    const returning = jetstream && this.#context.returning(jetstream);
    if (jetstream === null || returning === null) return false;
    const task = { key: `${jetstream.name} `, request, facts: null };
    if (this.#lines.wait(task)) return true;
    this.#lines.begin(task.key);
    this.#lines.wait(task);
    void returning.then(() => {
      this.#lines.endAll(task.key);
      if (!this.#stopped) this.#goOn();
    });
    return true;
  }

  /** Goes on with others until the answer is there. */
  #await(
    key: string,
    endpoint: Endpoint,
    facts: CallFacts,
    answer: Promise<Answer | null>,
  ): void {
    this.#lines.begin(key);
    const end = (action: () => void) => {
      const { api, server: { flushQueue } } = this.#context;
      this.#lines.end(key);
      api.inflight--;
      if (this.#stopped) return;
      flushQueue.begin();
      try {
        action();
        this.#goOn();
      } finally {
        flushQueue.end();
      }
    };
    answer.then(
      (found) => end(() => this.#finish(endpoint, facts, found)),
      (error) => end(() => this.#failed(endpoint, facts, error)),
    );
  }

  #finish(endpoint: Endpoint, facts: CallFacts, answer: Answer | null): void {
    if (answer !== null) this.#answer(endpoint, facts, answer);
  }

  #failed(endpoint: Endpoint, facts: CallFacts, error: unknown): void {
    const { server } = this.#context;
    if (error instanceof DelayedError) {
      server.timers.after(DELAY, () => {
        if (!this.#stopped) this.#fail(endpoint, facts, error.error);
      });
      return;
    }
    if (!(error instanceof ApiError)) {
      // A mistake of the program must not end the service for everybody.
      const reason = error instanceof Error ? error.stack : String(error);
      server.logger.error(`JetStream request failed: ${reason}`);
    }
    this.#fail(endpoint, facts, ApiError.from(error, "streamGeneralError"));
  }

  /** Null when a request is on behalf of nobody. */
  #facts(request: Request): CallFacts | null {
    const { server } = this.#context;
    const client = clientOf(request.headers);
    if (client === null) return null;
    const name = client.svc || client.acc;
    const account = name === undefined
      ? this.#system
      : server.accounts.get(name);
    if (account === null) return null;
    return {
      ...request,
      account,
      client,
      jetstream: this.#context.jetstreamOf(account),
      strict: server.options.jetstream.strict,
      warn: (reason) =>
        server.logger.warn(
          `Invalid JetStream request '${account.name} > ${
            subjectToText(request.subject)
          }': ${reason}`,
        ),
    };
  }

  #answer(endpoint: Endpoint, facts: CallFacts, answer: Answer): void {
    const { fields, error, headers = "", after } = answer;
    const text = answerText(endpoint.type, error ?? null, fields);
    if (!endpoint.uncounted) this.#count(facts, false);
    this.#say(facts.reply, text, headers);
    if (!endpoint.uncounted) this.#audit(facts, text);
    after?.();
  }

  #fail(endpoint: Endpoint, facts: CallFacts, error: ApiError): void {
    const text = answerText(endpoint.type, error, endpoint.besideError ?? "");
    this.#count(facts, true);
    this.#say(facts.reply, text);
    this.#audit(facts, text);
  }

  /** Answers a request that has no endpoint, if a client made it. */
  #refuse(
    request: Omit<Request, "endpoint">,
    producer: Producer,
    error: ApiError,
  ): void {
    if (producer.clientInfo(false) === null) return;
    this.#say(request.reply, answerText("system_response", error, ""));
  }

  #count({ jetstream }: CallFacts, isError: boolean): void {
    if (jetstream === null) return;
    const { api } = this.#context;
    for (const count of [jetstream.api, api]) {
      count.total++;
      if (isError) count.errors++;
    }
  }

  #say(reply: string, text: string, headers = ""): void {
    if (reply === "" || this.#system === null) return;
    const body = new TextEncoder().encode(text);
    const account = this.#system;
    this.#context.speaker.say({ account, subject: reply, headers, body });
  }

  #audit(facts: CallFacts, response: string): void {
    const { server, advisories, domain } = this.#context;
    const { account, subject, body } = facts;
    const { advised } = new Call(facts);
    advisories.advise(account, "API", "api_audit", () => ({
      server: server.name,
      client: advised,
      subject: subjectToText(subject),
      request: new TextDecoder().decode(body) || undefined,
      response,
      domain: domain || undefined,
    }));
  }
}

/** The stream that a request is about, apart from those of other accounts. */
function assetOf(endpoint: Endpoint, facts: CallFacts): string {
  return `${facts.account.name} ${nameOf(endpoint, facts)}`;
}

/** The name of that stream, text; empty: none. */
function nameOf({ subject }: Endpoint, facts: CallFacts): string {
  const position = tokenize(subject).indexOf("*");
  if (position < 0) return "";
  return subjectToText(tokenize(facts.subject)[position] ?? "");
}

function parts(message: Message): Omit<Request, "endpoint"> {
  const { chunk, bodyStart, bodyEnd, headerSize } = message;
  const split = bodyStart + Math.max(0, headerSize);
  return {
    subject: message.subject(),
    reply: message.reply(),
    headers: decodeByteString(chunk.bytes, bodyStart, split),
    body: chunk.bytes.slice(split, bodyEnd),
  };
}

/** Who asks, as the import of the API tells; null when that can't be read. */
function clientOf(headers: string): ClientInfo | null {
  const json = headerValue(headers, CLIENT_INFO);
  if (json === null) return {};
  try {
    const bytes = Uint8Array.from(json, (char) => char.charCodeAt(0));
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === "object" ? value as ClientInfo : null;
  } catch {
    return null;
  }
}

function answerText(
  type: string,
  error: ApiError | null,
  fields: string,
): string {
  const parts = [
    `"type":"${typeName(type)}"`,
    ...(error === null ? [] : [`"error":${encodeGoJson(error)}`]),
    ...(fields === "" ? [] : [fields]),
  ];
  return `{${parts.join(",")}}`;
}
