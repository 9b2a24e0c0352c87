/**
 * Plays a random history to a server, and writes down what comes of it.
 *
 * @module
 */

import type { Step } from "./random_steps.ts";
import type { Received, Session } from "./session.ts";
import { showDocument, showText } from "./show.ts";

/** Plays all steps, one after the other. */
export async function playHistory(
  session: Session,
  steps: readonly Step[],
): Promise<void> {
  const player = new Player(session);
  await player.begin();
  for (const [i, step] of steps.entries()) {
    session.note(`${i}: ${JSON.stringify(step)}`);
    await player.play(step);
  }
}

/** How far a consumer looked that delivered nothing depends on who woke it. */
function withoutLooks(text: string): string {
  return text.replace(
    /("delivered":\{"consumer_seq":0,"stream_seq":)\d+/g,
    "$1<looked>",
  );
}

class Player {
  readonly #session: Session;
  readonly #deliveries = new Map<string, Received[]>();
  readonly #pins = new Map<string, string>();

  constructor(session: Session) {
    this.#session = session;
  }

  async begin(): Promise<void> {
    const { stream } = this.#session;
    for (const sid of ["pulled", "acked"]) {
      await this.#session.listen(sid, `${stream}-${sid}.>`);
    }
    for (const kind of ["ADVISORY.CONSUMER.*", "METRIC.CONSUMER.ACK"]) {
      await this.#session.listen("told", `$JS.EVENT.${kind}.${stream}.>`);
    }
  }

  async play(step: Step): Promise<void> {
    await this.#do(step);
    await this.#session.settle();
    await this.#session.sync();
    this.#writeDown();
  }

  async #do(step: Step): Promise<void> {
    const session = this.#session;
    switch (step.does) {
      case "api":
        return await this.#ask(this.#fill(step.subject), this.#fill(step.body));
      case "reset":
        // Only the consumer itself answers, if there is one.
        return await session.publish(
          `$JS.API.CONSUMER.RESET.${session.stream}.${step.consumer}`,
          this.#fill(step.body),
          { reply: this.#inbox("acked", step.consumer) },
        );
      case "publish":
        return await session.publish(
          `${session.prefix}.${step.token}`,
          "x".repeat(step.size),
          { headers: step.headers },
        );
      case "pull":
        return await session.publish(
          `$JS.API.CONSUMER.MSG.NEXT.${session.stream}.${step.consumer}`,
          this.#fill(step.body).replace(
            "{pin}",
            this.#pins.get(step.consumer) ?? "none",
          ),
          { reply: this.#inbox("pulled", step.consumer) },
        );
      case "ack":
        return await this.#acknowledge(step);
      case "listen":
        return await session.listen(
          step.sid,
          `${session.stream}-${step.sid}.>`,
        );
      case "unlisten":
        return await session.unlisten(step.sid);
      case "wait":
        return await session.pause(step.milliseconds);
    }
  }

  async #ask(subject: string, body: string): Promise<void> {
    const { transcript } = this.#session;
    await this.#session.api(subject, body);
    transcript.push(withoutLooks(transcript.pop() ?? ""));
  }

  async #acknowledge(
    { consumer, back, verb, asks }: Extract<Step, { does: "ack" }>,
  ): Promise<void> {
    const delivery = this.#deliveries.get(consumer)?.at(-1 - back);
    if (delivery === undefined) return;
    const next = verb.startsWith("+NXT");
    const reply = this.#inbox(next ? "pulled" : "acked", consumer);
    await this.#session.publish(
      delivery.reply,
      verb,
      next || asks ? { reply } : {},
    );
  }

  /** Whatever has come. What different consumers send is in no order. */
  #writeDown(): void {
    const lines = new Map<string, string[]>();
    for (const [sid, each] of this.#session.drain()) {
      // How many of them come in a while is chance.
      if (each.headers.includes("Idle Heartbeat")) continue;
      const source = this.#sourceOf(sid, each);
      const { subject, reply, headers, body } = each;
      const parts = [subject, reply, headers, body].map((part) =>
        JSON.stringify(
          withoutLooks(
            part.startsWith("{") ? showDocument(part) : showText(part),
          ),
        )
      );
      const line = `${source} ${sid} < ${parts.join(" ")}`;
      lines.set(source, [...lines.get(source) ?? [], line]);
    }
    lines.get("told")?.sort();
    for (const source of [...lines.keys()].sort()) {
      for (const line of lines.get(source) ?? []) this.#session.note(line);
    }
  }

  /** Who sent it; notes deliveries. */
  #sourceOf(sid: string, received: Received): string {
    if (sid === "told" || sid === "acked") return sid;
    const { reply, subject, headers } = received;
    if (!reply.startsWith("$JS.ACK.")) return subject.split(".").at(-1) ?? "";
    const consumer = reply.split(".")[3] ?? "";
    const deliveries = this.#deliveries.get(consumer) ?? [];
    this.#deliveries.set(consumer, [...deliveries, received]);
    const pin = headers.match(/Nats-Pin-Id: (\w+)/)?.[1];
    if (pin !== undefined) this.#pins.set(consumer, pin);
    return consumer;
  }

  #inbox(sid: string, consumer: string): string {
    return `${this.#session.stream}-${sid}.${consumer}`;
  }

  #fill(value: unknown): string {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    const { stream, prefix } = this.#session;
    return text.replaceAll("{S}", stream).replaceAll("{P}", prefix);
  }
}
