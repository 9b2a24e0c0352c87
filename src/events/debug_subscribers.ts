/**
 * How many clients of an account subscribe to a subject.
 *
 * - `$SYS.DEBUG.SUBSCRIBERS` asks of the asker's own account. The body is
 *   `<subject> [queue group]`.
 * - `$SYS.REQ.ACCOUNT.NSUBS` is how servers ask each other. The body is
 *   `{acc, subject, queue}`, the queue group in base64.
 *
 * @module
 */

import type { Account, Subscription } from "../account/mod.ts";
import { ClientSession } from "../client/mod.ts";
import { decodeByteString } from "../protocol/mod.ts";
import { isLiteral, isSubsetMatch, subjectFromText } from "../subject/mod.ts";
import type { EventServer } from "./event_server.ts";
import type { Publisher } from "./publisher.ts";
import {
  RequestBody,
  RequestError,
  type RequestShape,
} from "./request_body.ts";
import type { ReceivedMessage } from "./system_client.ts";

/** Header by which an import tells who asks. */
const ASKER = /\r\nNats-Request-Info: ?(\{[^\r]*\})\r\n/;

/** Answers with the number alone. */
export async function answerSubscribers(
  server: EventServer,
  publisher: Publisher,
  message: ReceivedMessage,
): Promise<void> {
  const { reply, body, producer } = message;
  if (!(producer instanceof ClientSession)) return;
  const account = accountOf(server, message, producer);
  if (account === null) return;
  const text = decodeByteString(body, 0, body.length).trim();
  const [subject = "", queue] = text.split(" ");
  await publisher.answer(reply, countSubscribers(account, subject, queue));
}

const COUNT: RequestShape = {
  name: "accNumSubsReq",
  part: "",
  fields: { acc: "string", subject: "string", queue: "[]uint8" },
};

/** Answers another server with the number alone; who asks badly gets no answer. */
export async function answerSubscriberCount(
  { accounts, logger }: EventServer,
  publisher: Publisher,
  { reply, body }: ReceivedMessage,
): Promise<void> {
  if (body.length === 0) {
    logger.error("SYSTEM - request requires a body");
    return;
  }
  let request: RequestBody;
  try {
    request = RequestBody.read(body, COUNT);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    logger.error(
      `SYSTEM - Error unmarshalling account nsubs request message: ${error.message}`,
    );
    return;
  }
  const account = accounts.get(request.text("acc"));
  if (account === null || account.clients === 0) return;
  const subject = subjectFromText(request.text("subject"));
  const queue = request.bytes("queue");
  await publisher.answer(reply, countSubscribers(account, subject, queue));
}

/** Without a header, the asker is a member of the system account itself. */
function accountOf(
  { accounts }: EventServer,
  { headers }: ReceivedMessage,
  { account }: ClientSession,
): Account | null {
  const header = decodeByteString(headers, 0, headers.length);
  const json = ASKER.exec(header)?.[1];
  if (json === undefined) return account;
  const { svc, acc }: { svc?: string; acc?: string } = JSON.parse(json);
  return accounts.get(svc ?? acc);
}

/** Clients' subscriptions that match, or with wildcards are covered by, a subject. */
function countSubscribers(
  { subscriptions }: Account,
  subject: string,
  queue: string | undefined,
): number {
  const counts = (subscription: Subscription) =>
    subscription.receiver instanceof ClientSession &&
    (queue === undefined || subscription.queue === queue);
  if (!isLiteral(subject)) {
    return subscriptions.filter((subscription) =>
      counts(subscription) && isSubsetMatch(subscription.subject, subject)
    ).length;
  }
  const { plain, queues } = subscriptions.matchSubject(subject);
  return [...plain, ...queues.flat()].filter(counts).length;
}
