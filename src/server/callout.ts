/**
 * What external authentication needs of this server: its keys, its name, and a
 * way to put a request to a service in an account.
 *
 * @module
 */

import type { KeyPair } from "@nats-io/nkeys";
import {
  type Account,
  type AccountContext,
  dispatch,
  type Producer,
  Subscription,
} from "../account/mod.ts";
import {
  type AuthRequest,
  CALLOUT_SUBJECT,
  type CalloutContext,
  rawChains,
  type ServerIdentity,
  XKEY_HEADER,
} from "../auth/mod.ts";
import { Chunk, encodeByteString, Message } from "../protocol/mod.ts";
import type { Clock, Random, Timers } from "../runtime/mod.ts";
import { signEd25519 } from "../runtime/mod.ts";
import type { Logger } from "../log/mod.ts";
import type { ServerKeys } from "./identity.ts";
import type { ServerState } from "./state.ts";

const INBOX_PREFIX = "$SYS._INBOX.";
const INBOX_BYTES = 12;
const NONCE_BYTES = 24;

/** The service's view of a message that the server itself publishes. */
const SERVER: Producer = {
  throttle: () => false,
  clientInfo: () => null,
  measureRoundTrip: () => {},
};

/** Belongs to one server. */
export class CalloutDesk implements CalloutContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly xkey: string;
  readonly #timers: Timers;
  readonly #state: ServerState;
  readonly #seed: Uint8Array;
  readonly #curve: KeyPair;

  constructor(state: ServerState, keys: ServerKeys) {
    this.#state = state;
    this.clock = state.clock;
    this.random = state.random;
    this.logger = state.logger;
    this.#timers = state.timers;
    this.#seed = keys.seed;
    this.#curve = keys.curvePair;
    this.xkey = keys.curve;
  }

  get authTimeout(): number {
    return this.#state.options.authTimeout;
  }

  verifiedChains({ connectionType, tls }: AuthRequest): Uint8Array[][] {
    const { options } = this.#state;
    const listener = connectionType === "STANDARD"
      ? options.tls
      : options.websocket.tls;
    return tls === null || listener?.verify !== true
      ? []
      : rawChains(tls.peerCertificates, listener.ca ?? "");
  }

  serverIdentity(): ServerIdentity {
    const { server_name: name, host, server_id: id, version, cluster = "" } =
      this.#state.info();
    return {
      name,
      host,
      id,
      version,
      cluster,
      tags: this.#state.options.serverTags,
    };
  }

  sign(message: Uint8Array): Uint8Array {
    return signEd25519(this.#seed, message);
  }

  seal(message: Uint8Array, recipient: string): Uint8Array {
    return this.#curve.seal(message, recipient, this.#draw(NONCE_BYTES));
  }

  open(message: Uint8Array, sender: string): Uint8Array | null {
    try {
      return this.#curve.open(message, sender);
    } catch {
      // What is too short to be encrypted makes the library throw.
      return null;
    }
  }

  hasAccount(name: string): boolean {
    return this.#state.accounts.get(name) !== null;
  }

  request(
    name: string,
    payload: Uint8Array,
    xkey: string,
  ): Promise<Uint8Array | null> {
    const account = this.#state.accounts.get(name);
    if (account === null) return Promise.resolve(null);
    const inbox = INBOX_PREFIX +
      Array.from(this.#draw(INBOX_BYTES), (byte) => byte.toString(36)).join("");
    const answer = this.#await(account, inbox);
    const context: AccountContext = this.#state;
    dispatch(account, requestMessage(inbox, payload, xkey), SERVER, context);
    return answer;
  }

  /** The first message to `inbox`, or null after the time that there is. */
  #await(account: Account, inbox: string): Promise<Uint8Array | null> {
    const { promise, resolve } = Promise.withResolvers<Uint8Array | null>();
    const finish = (answer: Uint8Array | null) => {
      if (subscription.closed) return;
      subscription.closed = true;
      timer.cancel();
      account.subscriptions.remove(subscription);
      resolve(answer);
    };
    const subscription = new Subscription(
      {
        seesImports: false,
        sends: false,
        deliver: (_subscription, message) => {
          const { chunk, bodyStart, bodyEnd, headerSize } = message;
          const start = bodyStart + Math.max(0, headerSize);
          finish(chunk.bytes.slice(start, bodyEnd));
          return true;
        },
      },
      inbox,
      null,
      "",
    );
    const timer = this.#timers.after(this.authTimeout, () => finish(null));
    account.subscriptions.insert(subscription);
    return promise;
  }

  #draw(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.random.fill(bytes);
    return bytes;
  }
}

function requestMessage(
  reply: string,
  payload: Uint8Array,
  xkey: string,
): Message {
  const header = xkey === ""
    ? ""
    : `NATS/1.0\r\n${XKEY_HEADER}: ${xkey}\r\n\r\n`;
  const body = new Uint8Array(header.length + payload.length);
  body.set(encodeByteString(header), 0);
  body.set(payload, header.length);
  const message = new Message();
  message.setSubject(CALLOUT_SUBJECT);
  message.replyChunk = Chunk.of(encodeByteString(reply));
  message.replyStart = 0;
  message.replyEnd = reply.length;
  message.chunk = Chunk.of(body);
  message.bodyStart = 0;
  message.bodyEnd = body.length;
  message.headerSize = header === "" ? -1 : header.length;
  return message;
}
