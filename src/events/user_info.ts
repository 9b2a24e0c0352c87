/**
 * `$SYS.REQ.USER.INFO`: what users may know of themselves.
 *
 * @module
 */

import { ClientSession } from "../client/mod.ts";
import { nanoseconds, orOmit, userOf } from "../monitor/mod.ts";
import type { EventServer } from "./event_server.ts";
import type { Publisher } from "./publisher.ts";
import type { ReceivedMessage } from "./system_client.ts";

/** Tells the client that asks who it is and what it may do. */
export async function answerUserInfo(
  server: EventServer,
  publisher: Publisher,
  { reply, producer }: ReceivedMessage,
): Promise<void> {
  if (reply === "" || !(producer instanceof ClientSession)) return;
  const data = userInfo(producer, server.clock.now());
  await publisher.answer(reply, { server: publisher.header(), data });
}

function userInfo(session: ClientSession, now: number): object {
  const { account, identity } = session;
  const { permissions, expires } = identity;
  const left = expires === undefined ? 0 : expires - now;
  return {
    user: userOf(session),
    account: account.name,
    account_name: account.title === "" ? account.name : account.title,
    user_name: orOmit(identity.jwt?.name ?? ""),
    permissions: permissions?.describe(),
    expires: orOmit(nanoseconds(Math.trunc(left / 1000) * 1000)),
  };
}
