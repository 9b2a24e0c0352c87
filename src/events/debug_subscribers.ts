/**
 * `$SYS.DEBUG.SUBSCRIBERS`: how many clients of the asker's account subscribe
 * to a subject. The body is `<subject> [queue group]`.
 *
 * @module
 */

import type { Account, Subscription } from "../account/mod.ts";
import { ClientSession } from "../client/mod.ts";
import { decodeByteString } from "../protocol/mod.ts";
import { isLiteral, isSubsetMatch } from "../subject/mod.ts";
import type { EventServer } from "./event_server.ts";
import type { Publisher } from "./publisher.ts";
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
