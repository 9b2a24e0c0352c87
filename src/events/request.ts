/**
 * A request that is answered with an envelope: `{server, data}`, or
 * `{server, error}`.
 *
 * @module
 */

import { Pacer } from "../monitor/mod.ts";
import { acceptedEncoding } from "./encoding.ts";
import type { EventServer } from "./event_server.ts";
import type { Publisher } from "./publisher.ts";
import {
  RequestBody,
  RequestError,
  type RequestShape,
} from "./request_body.ts";
import { isAddressed } from "./server_filter.ts";
import type { ReceivedMessage } from "./system_client.ts";

/** Instead of data: there is nothing to say, and nobody is answered. */
export const SILENCE: unique symbol = Symbol("silence");

/** What a request asks for and how its data come about. */
export interface RequestDefinition {
  readonly shape: RequestShape;
  /**
   * @param account the one named in the subject; empty: none is
   * @returns data, `undefined` for none, or `SILENCE`
   * @throws Error whose message is for the asker
   */
  readonly make: (
    server: EventServer,
    body: RequestBody,
    pacer: Pacer,
    account: string,
  ) => unknown;
  /** Whether failures show empty data, as those of typed answers do. */
  readonly typed?: boolean;
}

/** Answers one request. */
export async function answerRequest(
  server: EventServer,
  publisher: Publisher,
  { shape, make, typed = true }: RequestDefinition,
  message: ReceivedMessage,
  account: string,
): Promise<void> {
  const { reply } = message;
  if (reply === "") return;
  const fail = (code: number, error: unknown, data?: null) =>
    publisher.answer(reply, {
      server: publisher.header(),
      data,
      error: {
        code,
        description: error instanceof Error ? error.message : String(error),
      },
    });
  let body: RequestBody;
  try {
    body = RequestBody.read(message.body, shape);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return await fail(400, error);
  }
  if (!isAddressed(server, body)) return;
  let data: unknown;
  try {
    data = await make(server, body, new Pacer(server), account);
  } catch (error) {
    return await fail(500, error, typed ? null : undefined);
  }
  if (data === SILENCE) return;
  await publisher.answer(
    reply,
    { server: publisher.header(), data },
    acceptedEncoding(message.headers),
  );
}
