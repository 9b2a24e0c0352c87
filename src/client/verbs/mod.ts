/**
 * The verbs that a client may use, each in a file of its own.
 *
 * @module
 */

import { VerbTable } from "../../protocol/mod.ts";
import type { ClientSession } from "../session.ts";
import { CONNECT } from "./connect.ts";
import { HMSG } from "./hmsg.ts";
import { HPUB } from "./hpub.ts";
import { ERR, INFO, OK } from "./info.ts";
import { PING, PONG } from "./ping.ts";
import { PUB } from "./pub.ts";
import { SUB } from "./sub.ts";
import { UNSUB } from "./unsub.ts";

export const CLIENT_VERBS: VerbTable<ClientSession> = new VerbTable([
  PUB,
  HPUB,
  HMSG,
  SUB,
  UNSUB,
  PING,
  PONG,
  CONNECT,
  INFO,
  OK,
  ERR,
]);
