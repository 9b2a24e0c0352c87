/**
 * Plays plans to a server and writes down what it says.
 *
 * @module
 */

import type { Peer } from "../../../tools/oracle.ts";
import { sleep, Wire } from "../../harness/wire.ts";
import { jsonOf, type Plan, type Step } from "./plan.ts";
import { tidy } from "./tidy.ts";

/** Milliseconds until there is no answer, and for what comes unasked. */
const PATIENCE = 250;
const QUIET = 25;
/** Messages of a stream that are looked at in the end. */
const MESSAGES_MAX = 60;
/** Length of a stream's number, the same for all: it counts in sizes. */
const DIGITS = 5;

/** What the steps brought, then what streams are left, then what came unasked. */
export type Transcript = readonly (readonly string[])[];

interface Received {
  readonly subject: string;
  readonly isAnswer: boolean;
  readonly reply: string;
  readonly headers: string;
  readonly body: string;
}

/** One client. */
export class Player {
  readonly #wire: Wire;
  #received: Received[] = [];
  #requests = 0;
  #pongs = 0;

  private constructor(wire: Wire) {
    this.#wire = wire;
  }

  static async open(peer: Peer): Promise<Player> {
    const player = new Player(await Wire.connect(peer.host, peer.port));
    const options = { verbose: false, headers: true, no_responders: true };
    await player.#send(
      `CONNECT ${JSON.stringify({ ...options, pedantic: false })}\r\n` +
        "SUB _INBOX.z.> answers\r\nSUB r.> again\r\nSUB _FB.> batches\r\n",
    );
    await player.#sync();
    return player;
  }

  close(): void {
    this.#wire.destroy();
  }

  /** @param number of the run, the same for both servers; its streams are named by it */
  async play({ steps }: Plan, number: number): Promise<Transcript> {
    const suffix = String(number).padStart(DIGITS, "0");
    const named = (text: string) => text.replace(/~([A-Z])/g, `$1${suffix}`);
    const unnamed = (text: string) =>
      text.replaceAll(new RegExp(`([A-Z])${suffix}`, "g"), "~$1");
    this.#received = [];
    const before = await this.#counts();
    const transcript: string[][] = [];
    for (const step of steps) transcript.push(await this.#perform(step, named));
    const after = await this.#counts();
    // Requests for copies come when they want to.
    if (!steps.some(({ body }) => /mirror|sources/i.test(jsonOf(body)))) {
      transcript.push(after.map((each, i) => `${each - (before[i] ?? 0)}`));
    }
    transcript.push(await this.#whatIsLeft());
    await this.#sync();
    await this.#wait(() => false, QUIET);
    transcript.push(this.#unasked());
    return transcript.map((lines) => lines.map(unnamed));
  }

  async #perform(
    step: Step,
    named: (text: string) => string,
  ): Promise<string[]> {
    const { subject, headers, reply, answers, acks, pause } = step;
    const inbox = `_INBOX.z.${++this.#requests}`;
    const body = named(jsonOf(step.body));
    const to = reply === undefined ? inbox : named(reply);
    const lines = headers.map((line) => `${named(line)}\r\n`).join("");
    await this.#publish(named(subject), to, lines, body);
    const mine = () => this.#received.filter((each) => each.subject === inbox);
    if (answers === "any") {
      await this.#sync();
      await this.#wait(() => false, QUIET);
    } else {
      const isDone = answers === "one"
        ? () => mine().length > 0
        : () => isLast(mine().at(-1), body);
      await this.#wait(isDone, PATIENCE);
    }
    const got = mine();
    this.#received = this.#received.filter((each) => !got.includes(each));
    if (acks) { for (const { reply } of got) await this.#acknowledge(reply); }
    if (pause !== undefined) await sleep(pause);
    return got.length === 0 && answers !== "any"
      ? ["(silence)"]
      : got.map((each) => show(each));
  }

  /** Requests and errors of the account. */
  async #counts(): Promise<number[]> {
    const { total, errors } = JSON.parse(await this.#ask("$JS.API.INFO")).api;
    return [total, errors];
  }

  async #acknowledge(reply: string): Promise<void> {
    if (reply.startsWith("$JS.ACK.")) await this.#ask(reply, "+ACK");
  }

  /** Streams with all that is in them; they are removed. */
  async #whatIsLeft(): Promise<string[]> {
    const names: string[] =
      JSON.parse(await this.#ask("$JS.API.STREAM.NAMES")).streams ?? [];
    const lines: string[] = [];
    for (const name of names) lines.push(...await this.#contents(name));
    lines.push(tidy(await this.#ask("$JS.API.STREAM.LIST")));
    for (const name of names) await this.#ask(`$JS.API.STREAM.DELETE.${name}`);
    return lines;
  }

  async #contents(stream: string): Promise<string[]> {
    const info = await this.#ask(
      `$JS.API.STREAM.INFO.${stream}`,
      '{"deleted_details":true,"subjects_filter":">"}',
    );
    const lines = [tidy(info)];
    const { first_seq, last_seq } = JSON.parse(info).state;
    const end = Math.min(last_seq, first_seq + MESSAGES_MAX);
    for (let seq = Math.max(1, first_seq); seq <= end; seq++) {
      const message = await this.#ask(
        `$JS.API.STREAM.MSG.GET.${stream}`,
        JSON.stringify({ seq }),
      );
      lines.push(`${stream} ${tidy(message)}`);
    }
    return lines;
  }

  /** What came to other subjects, in the order of each. */
  #unasked(): string[] {
    const bySubject = Map.groupBy(
      this.#received.splice(0).filter(({ isAnswer }) => !isAnswer),
      ({ subject }) => subject,
    );
    return [...bySubject.keys()].sort().flatMap((subject) =>
      (bySubject.get(subject) ?? []).map((each) => `${subject} ${show(each)}`)
    );
  }

  async #ask(subject: string, body = ""): Promise<string> {
    const inbox = `_INBOX.z.${++this.#requests}`;
    await this.#publish(subject, inbox, "", body);
    const find = () => this.#received.find((each) => each.subject === inbox);
    await this.#wait(() => find() !== undefined, 20 * PATIENCE);
    const found = find();
    this.#received = this.#received.filter((each) => each !== found);
    return found?.body ?? "{}";
  }

  async #publish(
    subject: string,
    reply: string,
    headers: string,
    body: string,
  ): Promise<void> {
    const block = headers === "" ? "" : `NATS/1.0\r\n${headers}\r\n`;
    const [own, total] = [byteLength(block), byteLength(block + body)];
    const line = block === ""
      ? `PUB ${subject} ${reply} ${total}`
      : `HPUB ${subject} ${reply} ${own} ${total}`;
    await this.#send(`${line}\r\n${block}${body}\r\n`);
  }

  #send(text: string): Promise<void> {
    return this.#wire.send(new TextEncoder().encode(text), {});
  }

  /** Everything sent so far has been read. */
  async #sync(): Promise<void> {
    const awaited = this.#pongs + 1;
    await this.#send("PING\r\n");
    await this.#wait(() => this.#pongs >= awaited, 20 * PATIENCE);
  }

  async #wait(isDone: () => boolean, within: number): Promise<void> {
    const deadline = performance.now() + within;
    while (!isDone()) {
      const left = deadline - performance.now();
      if (left <= 0 || this.#wire.closed) return;
      const { operations } = await this.#wire.take(() => true, left);
      for (const operation of operations) this.#note(operation);
    }
  }

  #note(operation: string): void {
    if (operation.startsWith("PONG")) this.#pongs++;
    if (!/^H?MSG /.test(operation)) return;
    const end = operation.indexOf("\r\n");
    const words = operation.slice(0, end).split(/ +/);
    const hasHeaders = words[0] === "HMSG";
    const headerSize = hasHeaders ? Number(words.at(-2)) : 0;
    const content = operation.slice(end + 2, -2);
    this.#received.push({
      subject: words[1] ?? "",
      isAnswer: words[2] === "answers",
      reply: words.length === (hasHeaders ? 6 : 5) ? words[3] ?? "" : "",
      headers: content.slice(0, headerSize),
      body: content.slice(headerSize),
    });
  }
}

/** Whether an answer to a direct request is the last. */
function isLast(answer: Received | undefined, request: string): boolean {
  if (answer === undefined) return false;
  if (/^NATS\/1\.0 \d/.test(answer.headers)) return true;
  if (answer.headers.includes("Nats-Num-Pending")) return false;
  const mayBeBatch = /"(batch|multi_last)"/.test(request);
  return !(answer.headers === "" && mayBeBatch);
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

function show({ reply, headers, body }: Received): string {
  return [reply, headers, body].map(tidy).filter((text) => text !== "")
    .map((text) => text.startsWith("{") ? text : JSON.stringify(text))
    .join(" ");
}
