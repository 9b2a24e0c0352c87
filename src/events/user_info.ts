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
    user_name: orOmit(userName(session.connect.jwt)),
    permissions: permissions?.describe(),
    expires: orOmit(nanoseconds(Math.trunc(left / 1000) * 1000)),
  };
}

/** The name in a user's JWT, which was checked when the user came in. */
function userName(jwt: string): string {
  const body = jwt.split(".")[1];
  if (body === undefined) return "";
  const bytes = Uint8Array.from(
    atob(body.replace(/-/g, "+").replace(/_/g, "/")),
    (char) => char.charCodeAt(0),
  );
  const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
  return typeof claims === "object" && claims !== null && "name" in claims
    ? String(claims.name)
    : "";
}
