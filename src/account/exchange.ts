/**
 * Requests to services of other accounts, and the responses that come back.
 *
 * @module
 */

import {
  type Message,
  TRACE_DEST_HEADER,
  TRACE_DISABLED,
} from "../protocol/mod.ts";
import { subjectToText } from "../subject/mod.ts";
import type { Account, ReplyWatch } from "./account.ts";
import { Base62, nodeName } from "./base62.ts";
import {
  CLIENT_INFO_HEADER,
  type ClientInfo,
  encodeClientInfo,
} from "./client_info.ts";
import type { AccountContext } from "./context.ts";
import { dispatch } from "./dispatch.ts";
import { Envelope } from "./envelope.ts";
import type { ServiceExport } from "./exports.ts";
import { setHeader } from "./headers.ts";
import { LatencyOutcome } from "./latency.ts";
import { LatencyReporter } from "./latency_reporter.ts";
import {
  type ResponseCarrier,
  ResponseDesk,
  SERVICE_REPLY_PREFIX,
} from "./response_desk.ts";
import {
  AwaitedReplies,
  type ExpectedResponse,
  type Measurement,
  PendingResponse,
} from "./responses.ts";
import { sampleRequest } from "./sampling.ts";
import type { RequestCarrier, ServiceImport } from "./service_import.ts";
import type { Border } from "./shadow.ts";
import type { Producer } from "./subscription.ts";

/** Replies to it go to JetStream under the subject that the requestor gave. */
const ACK_PREFIX = "$JS.ACK.";

/** Reply subjects that end so tell a stream which batch a message is part of. */
const FAST_BATCH_SUFFIX = ".$FI";

/** A border that the message at hand has crossed. */
interface Crossing {
  readonly service: ServiceExport;
  readonly share: boolean;
  /** What the service was told of the requestor; null for a response. */
  readonly info: ClientInfo | null;
}

/** Where replies arrive. */
export interface ReplyTarget {
  readonly account: Account;
  /** Byte string. */
  readonly subject: string;
}

/** Takes messages across the borders between accounts; one per server. */
export class Exchange
  implements Border, RequestCarrier, ResponseCarrier, ReplyWatch {
  readonly #context: AccountContext;
  readonly #systemAccount: () => Account | null;
  readonly #letters: Base62;
  readonly #reporter: LatencyReporter;
  readonly #desks = new Map<Account, ResponseDesk>();
  /** Borders crossed by the message at hand; handling it is synchronous. */
  readonly #path: Crossing[] = [];
  readonly #envelopes: Envelope[] = [];
  /** Name of the server that `#nodeName` was made from. */
  #nodeOf = "";
  #nodeName = "";

  constructor(context: AccountContext, systemAccount: () => Account | null) {
    this.#context = context;
    this.#systemAccount = systemAccount;
    this.#letters = new Base62(context.random);
    this.#reporter = new LatencyReporter(context, this.#letters);
  }

  get isBeingCrossed(): boolean {
    return this.#path.length > 0;
  }

  request(from: ServiceImport, message: Message, producer: Producer): boolean {
    const { service, importer, share } = from;
    const { account } = service;
    const target = from.target(message.route || message.subject());
    const subject = account.mappings?.mapSubject(target) ?? target;
    // Responses are for those who asked; nobody gets at them by an import.
    const forbidden = subject.startsWith(SERVICE_REPLY_PREFIX);
    if (forbidden || this.#hasCrossed(service)) return false;
    const measurement = this.#measure(from, message, producer);
    const reply = message.reply();
    const expects = reply !== "" && !reply.startsWith(ACK_PREFIX);
    const response = expects
      ? this.#expect(account, {
        reply,
        requestor: importer,
        service,
        share,
        measurement,
      })
      : null;
    const info = this.#describe(from, producer, reply);
    const header = info === null
      ? null
      : { name: CLIENT_INFO_HEADER, value: encodeClientInfo(info) };
    const outgoing = this.#envelope()
      .fill(message, { subject, reply: response?.subject ?? reply, header });
    const crossing = { service, share, info };
    const delivered =
      this.#mayGoOn(message, outgoing, account, service.allowsTrace) &&
      this.#cross(crossing, account, outgoing, producer);
    if (response !== null) {
      if (!delivered) this.#settle(response, LatencyOutcome.undelivered);
      // Nobody got the request who could answer.
      else if (message.trace?.only) this.#forgetResponse(response);
    }
    return delivered;
  }

  respond(
    response: PendingResponse,
    message: Message,
    producer: Producer,
  ): void {
    const { account, requestor, service, share, type } = response;
    if (this.#hasCrossed(service)) return;
    this.#report(response, LatencyOutcome.answered, producer);
    const reply = message.reply();
    // A response may ask back.
    const asks = reply !== "" && !reply.startsWith(ACK_PREFIX);
    const next = asks
      ? this.#expect(requestor, {
        reply,
        requestor: account,
        service,
        share,
        measurement: null,
      })
      : null;
    const subject = requestor.mappings?.mapSubject(response.reply) ??
      response.reply;
    const outgoing = this.#envelope()
      .fill(message, { subject, reply: next?.subject ?? reply, header: null });
    const crossing = { service, share, info: null };
    const delivered = this.#mayGoOn(message, outgoing, requestor, false) &&
      this.#cross(crossing, requestor, outgoing, producer);
    const isLast = type === "singleton" || message.size === 0;
    if (!delivered || isLast) {
      this.#settle(response, LatencyOutcome.undelivered);
    } else this.#desks.get(account)?.touch(response);
    if (!delivered && next !== null) {
      this.#settle(next, LatencyOutcome.undelivered);
    }
  }

  expire(response: PendingResponse): void {
    this.#settle(response, LatencyOutcome.timedOut);
  }

  interestLost(account: Account, subjects: readonly string[]): void {
    const replies = account.awaited?.replies;
    if (replies === undefined) return;
    const orphaned = replies.orphaned(
      subjects,
      (reply) => account.subscriptions.hasInterest(reply),
    );
    for (const response of orphaned.flatMap((reply) => replies.of(reply))) {
      this.#settle(response, LatencyOutcome.interestLost);
    }
  }

  /** Where what is sent to `subject` in `account` arrives in the end. */
  replyTarget(account: Account, subject: string): ReplyTarget {
    let target: ReplyTarget = { account, subject };
    // A reply may cross as many borders as its request did.
    while (target.subject.startsWith(SERVICE_REPLY_PREFIX)) {
      const response = this.#desks.get(target.account)
        ?.pending.get(target.subject);
      if (response === undefined) break;
      target = { account: response.requestor, subject: response.reply };
    }
    return target;
  }

  isSystemAccount(account: Account): boolean {
    return account === this.#systemAccount();
  }

  /** The responses that are awaited in an account. */
  pendingIn(account: Account): Iterable<PendingResponse> {
    return this.#desks.get(account)?.pending ?? [];
  }

  /** Forgets what an account that is gone would have answered. */
  forget(account: Account): void {
    for (const response of [...this.pendingIn(account)]) {
      this.#forgetResponse(response);
    }
    this.#desks.get(account)?.close();
    this.#desks.delete(account);
  }

  /** Waits for nothing any more. */
  close(): void {
    for (const desk of this.#desks.values()) desk.close();
  }

  /** Whether the message at hand went to that service already. */
  #hasCrossed(service: ServiceExport): boolean {
    return this.#path.some((crossing) => crossing.service === service);
  }

  /**
   * Traces that a message goes to another account, and stops its trace there
   * unless the other account allows it.
   * @returns false for a message that is to be traced only, and can't be
   */
  #mayGoOn(
    message: Message,
    outgoing: Message,
    account: Account,
    allowed: boolean,
  ): boolean {
    const { trace } = message;
    if (trace === null) return true;
    trace.serviceImport(
      account.name,
      subjectToText(message.subject()),
      subjectToText(outgoing.subject()),
    );
    if (allowed) {
      // What is traced behind the border reports to a subject of that side.
      const dest = this.#deskOf(account).drawSubject();
      setHeader(outgoing, TRACE_DEST_HEADER, dest);
      return true;
    }
    if (trace.only) return false;
    outgoing.trace = null;
    setHeader(outgoing, TRACE_DEST_HEADER, TRACE_DISABLED);
    return true;
  }

  /** One for each border that is being crossed. */
  #envelope(): Envelope {
    return this.#envelopes[this.#path.length] ??= new Envelope();
  }

  #cross(
    crossing: Crossing,
    account: Account,
    message: Message,
    producer: Producer,
  ): boolean {
    this.#path.push(crossing);
    try {
      return dispatch(account, message, producer, this.#context);
    } finally {
      this.#path.pop();
    }
  }

  /** Waits in `account` for a response. */
  #expect(
    account: Account,
    expected: Omit<ExpectedResponse, "account" | "subject">,
  ): PendingResponse {
    const desk = this.#deskOf(account);
    const measured = expected.measurement !== null;
    const response = new PendingResponse({
      ...expected,
      account,
      // The suffix tells other servers which one measures.
      subject: desk.drawSubject() +
        (measured ? `.${this.#node()}.T` : ""),
    }, this.#context.clock.monotonic());
    desk.add(response);
    const { requestor } = expected;
    requestor.awaited ??= { replies: new AwaitedReplies(), watch: this };
    requestor.awaited.replies.add(response);
    return response;
  }

  /** This server's name in reply subjects. */
  #node(): string {
    const { name } = this.#context;
    if (name !== this.#nodeOf) {
      this.#nodeOf = name;
      this.#nodeName = nodeName(name);
    }
    return this.#nodeName;
  }

  #deskOf(account: Account): ResponseDesk {
    const present = this.#desks.get(account);
    if (present !== undefined) return present;
    const desk = new ResponseDesk(account, this, this.#context, this.#letters);
    this.#desks.set(account, desk);
    return desk;
  }

  /** Waits no longer, without a word. */
  #forgetResponse(response: PendingResponse): void {
    this.#desks.get(response.account)?.pending.delete(response);
    response.requestor.awaited?.replies.delete(response);
  }

  /** Waits no longer; tells so if the request was measured and not reported. */
  #settle(response: PendingResponse, outcome: LatencyOutcome): void {
    this.#forgetResponse(response);
    this.#report(response, outcome);
  }

  #report(
    response: PendingResponse,
    outcome: LatencyOutcome,
    responder?: Producer,
  ): void {
    const { measurement, account, share } = response;
    if (measurement === null || response.reported) return;
    response.reported = true;
    this.#reporter.report({
      account,
      outcome,
      measurement,
      share,
      ...(responder === undefined ? {} : { responder }),
    });
  }

  /** Begins to measure a request if it is to be measured. */
  #measure(
    { service, share }: ServiceImport,
    message: Message,
    requestor: Producer,
  ): Measurement | null {
    const { latency, account } = service;
    if (latency === undefined) return null;
    const { clock, random } = this.#context;
    const headers = sampleRequest(latency.sampling, message, random);
    if (message.hasReply) requestor.measureRoundTrip();
    if (headers === null) return null;
    const measurement = {
      requestor,
      headers,
      subject: latency.subject,
      started: clock.now(),
      startedMonotonic: clock.monotonic(),
    };
    if (message.hasReply) return measurement;
    const outcome = LatencyOutcome.badRequest;
    this.#reporter.report({ account, outcome, measurement, share });
    return null;
  }

  /** What the service is told of who asks: little, unless the import shares it. */
  #describe(
    from: ServiceImport,
    producer: Producer,
    reply: string,
  ): ClientInfo | null {
    const previous = this.#path.at(-1);
    const share = previous?.share ?? from.share;
    const isSystem = from.service.account === this.#systemAccount();
    const told = previous?.info ?? null;
    const info = told === null
      ? producer.clientInfo(share)
      : { ...told, svc: from.importer.name };
    const namesServer = !share &&
      (isSystem || (told !== null && from.share));
    if (info === null) return null;
    if (namesServer) info.server = this.#context.name;
    if (told === null && reply.endsWith(FAST_BATCH_SUFFIX)) {
      info.reply = subjectToText(reply);
    }
    return info;
  }
}
