/**
 * Carries out a scenario against one server and writes down what happened.
 *
 * A transcript line is `<connection> < <operation>` for what the server sent,
 * `<connection> - <event>` for closes and handshakes, and
 * `<connection> ? <event>` for what a step waited for in vain.
 *
 * @module
 */

import type { Peer } from "../../tools/oracle.ts";
import { normaliseText, showOperation } from "./normalise.ts";
import type { Operation } from "./operations.ts";
import type { Scenario, Service, Step } from "./scenario.ts";
import { sleep, Wire } from "./wire.ts";

/** Milliseconds that a `PONG`, a close after the client's, or a log line may take. */
const PATIENCE = 4_000;

/** Plays the steps; connections left open are finished at the end. */
export async function play(scenario: Scenario, peer: Peer): Promise<string[]> {
  const stage = new Stage(peer);
  try {
    for (const step of scenario.steps) await stage.perform(step);
    await stage.finishAll();
    return stage.transcript;
  } finally {
    stage.clear();
  }
}

class Stage {
  readonly transcript: string[] = [];
  readonly #wires = new Map<string, Wire>();
  readonly #placeholders = new Map<string, string>();
  /** Reply subject of the last message that a connection got. */
  readonly #replies = new Map<string, string>();
  readonly #logStart: number;

  constructor(readonly peer: Peer) {
    this.#logStart = peer.log().length;
    for (const [listener, port] of Object.entries(peer.ports)) {
      this.#placeholders.set(`:${port}`, `:<${listener} port>`);
    }
  }

  async perform(step: Step): Promise<void> {
    switch (step.kind) {
      case "open":
        return await this.#open(step.on, step.host ?? this.peer.host);
      case "send":
        return await this.#wire(step.on).send(step.bytes, step.chunking);
      case "answer":
        return await this.#answer(step.on, step.fields);
      case "respond": {
        const reply = this.#replies.get(step.seenBy) ?? "no.reply.seen";
        const text = step.text.replaceAll("{{reply}}", reply);
        return await this.#wire(step.on).send(encoder.encode(text), {});
      }
      case "consult":
        return await this.#consult(step.on, step.service);
      case "sync":
        await this.#wire(step.on).send(PING, {});
        return await this.#expect(
          step.on,
          (operation) => /^PONG\r?\n$/.test(operation),
          "PONG",
          PATIENCE,
        );
      case "expect":
        return await this.#expect(
          step.on,
          (operation) => operation.includes(step.text),
          step.text,
          step.within,
        );
      case "gather":
        return await this.#gather(step.on, step.count);
      case "quiet":
        return await this.#quiet(step.on, step.during);
      case "tls":
        return await this.#tls(step);
      case "stall":
        return this.#wire(step.on).stall();
      case "finish":
        return await this.#finish(step.on);
      case "closed":
        return await this.#closed(step.on, step.after, step.within);
      case "pause":
        return await sleep(step.during);
      case "signal":
        return this.peer.signal(step.name);
      case "reload":
        return await this.#reload(step.config, step.log);
      case "reloadLog":
        return await this.#reloadLog(step.config);
      case "logged":
        return await this.#logged(step.pattern);
      case "monitor":
        return await this.#monitor(step.path, step.select);
    }
  }

  /** Finishes what is still open, so that the server is rid of it before the next scenario. */
  async finishAll(): Promise<void> {
    for (const [on, wire] of this.#wires) {
      if (!wire.closed && !wire.stalled) await this.#finish(on);
    }
  }

  clear(): void {
    for (const wire of this.#wires.values()) wire.destroy();
  }

  async #open(on: string, host: string): Promise<void> {
    const wire = await Wire.connect(host, this.peer.port);
    this.#wires.set(on, wire);
    this.#placeholders.set(`:${wire.localPort}`, `:<${on} port>`);
  }

  async #expect(
    on: string,
    stop: (operation: Operation) => boolean,
    what: string,
    within: number,
  ): Promise<void> {
    const wire = this.#wire(on);
    const { operations, found } = await wire.take(stop, within);
    this.#record(on, operations);
    if (found) return;
    this.#note(
      on,
      "?",
      wire.closed ? `closed before ${what}` : `no ${what} within ${within} ms`,
    );
  }

  async #answer(
    on: string,
    fields: (nonce: string) => Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const wire = this.#wire(on);
    const { operations } = await wire.take(
      (operation) => operation.startsWith("INFO "),
      PATIENCE,
    );
    this.#record(on, operations);
    const info = operations.find((operation) => operation.startsWith("INFO "));
    const { nonce } = JSON.parse(info?.slice("INFO ".length) ?? "{}");
    const options = { verbose: false, pedantic: false, ...fields(nonce ?? "") };
    const line = `CONNECT ${JSON.stringify(options)}\r\n`;
    await wire.send(new TextEncoder().encode(line), {});
  }

  async #consult(on: string, service: Service): Promise<void> {
    const wire = this.#wire(on);
    const { operations, found } = await wire.take(
      (operation) => REQUEST.test(operation),
      PATIENCE,
    );
    if (!found) {
      this.#record(on, operations);
      return this.#note(on, "?", "no request");
    }
    const request = operations.pop() ?? "";
    this.#record(on, operations);
    const [line = "", reply = "", headerSize = "0"] = REQUEST.exec(request) ??
      [];
    const headerEnd = line.length + Number(headerSize);
    const { seen, answer } = await service({
      header: request.slice(line.length, headerEnd),
      body: request.slice(headerEnd, -2),
    });
    for (const text of seen) {
      this.#note(on, "<", normaliseText(text, this.#placeholders));
    }
    if (answer === null) return;
    await wire.send(encoder.encode(`PUB ${reply} ${answer.length}\r\n`), {});
    await wire.send(answer, {});
    await wire.send(encoder.encode("\r\n"), {});
  }

  async #gather(on: string, count: number): Promise<void> {
    const wire = this.#wire(on);
    let seen = 0;
    const { operations, found } = await wire.take(
      () => ++seen === count,
      PATIENCE,
    );
    this.#record(on, operations.toSorted());
    if (!found) {
      this.#note(on, "?", `only ${operations.length} of ${count} operations`);
    }
  }

  async #quiet(on: string, during: number): Promise<void> {
    const wire = this.#wire(on);
    this.#record(on, await wire.takeUntilClosed(during));
    if (wire.closed) this.#note(on, "-", "closed");
  }

  async #tls(step: Step & { kind: "tls" }): Promise<void> {
    const wire = this.#wire(step.on);
    try {
      const version = await wire.upgrade(step.choice);
      // Under TLS 1.3 the client is done before the server has judged its certificate.
      if (step.refused) {
        this.#record(step.on, await wire.takeUntilClosed(PATIENCE));
      }
      this.#note(
        step.on,
        "-",
        step.refused && wire.closed ? "TLS refused" : `TLS up, ${version}`,
      );
    } catch {
      this.#note(step.on, "-", "TLS refused");
    }
  }

  async #finish(on: string): Promise<void> {
    const wire = this.#wire(on);
    wire.finish();
    this.#record(on, await wire.takeUntilClosed(PATIENCE));
    if (!wire.closed) {
      this.#note(on, "?", "not closed after the client's close");
    }
  }

  async #closed(on: string, after: number, within: number): Promise<void> {
    const wire = this.#wire(on);
    const start = performance.now();
    this.#record(on, await wire.takeUntilClosed(within));
    const elapsed = performance.now() - start;
    if (!wire.closed) {
      return this.#note(on, "?", `not closed within ${within} ms`);
    }
    this.#note(
      on,
      elapsed < after ? "?" : "-",
      elapsed < after ? `closed before ${after} ms` : "closed",
    );
  }

  async #reload(config: string, log: RegExp): Promise<void> {
    await this.#logged(log, await this.#hangUp(config));
  }

  /** @returns how much the server has logged so far */
  async #hangUp(config: string): Promise<number> {
    const { directory } = this.peer;
    await Deno.writeTextFile(
      `${directory}/server.conf`,
      config.replaceAll("{{dir}}", directory),
    );
    const logged = this.peer.log().length;
    this.peer.signal("SIGHUP");
    return logged;
  }

  async #reloadLog(config: string): Promise<void> {
    const from = await this.#hangUp(config);
    const end = /Reloaded server configuration|Failed to reload/;
    const deadline = performance.now() + PATIENCE;
    while (!end.test(this.peer.log().slice(from))) {
      if (performance.now() > deadline) return this.#note("log", "?", `${end}`);
      await sleep(10);
    }
    const { directory } = this.peer;
    for (const line of this.peer.log().slice(from).split("\n")) {
      const said = /\[(?:INF|WRN|ERR)\] (?!Trapped|\d)(.*)/.exec(line)?.[0];
      if (said === undefined) continue;
      const text = said.replaceAll(directory, "<dir>")
        .replace(/sha256:\w+/, "<digest>")
        .replace(/Took \S+ to start/, "Took <time> to start")
        .replaceAll(String(this.peer.port), "<port>");
      this.#note("log", "<", normaliseText(text, this.#placeholders));
      if (end.test(said)) return;
    }
  }

  async #logged(pattern: RegExp, from = this.#logStart): Promise<void> {
    const deadline = performance.now() + PATIENCE;
    while (!pattern.test(this.peer.log().slice(from))) {
      if (performance.now() > deadline) {
        return this.#note("log", "?", `no ${pattern}`);
      }
      await sleep(10);
    }
    this.#note("log", "-", String(pattern));
  }

  async #monitor(
    path: string,
    select: (body: unknown) => unknown,
  ): Promise<void> {
    const { monitor } = this.peer.ports;
    if (monitor === undefined) {
      return this.#note("monitor", "?", "does not listen");
    }
    const response = await fetch(`http://${this.peer.host}:${monitor}${path}`);
    const selected = JSON.stringify(select(await response.json()));
    this.#note(
      "monitor",
      "-",
      `${path} ${normaliseText(selected, this.#placeholders)}`,
    );
  }

  #wire(on: string): Wire {
    const wire = this.#wires.get(on);
    if (wire === undefined) throw new Error(`the scenario did not open ${on}`);
    return wire;
  }

  #record(on: string, operations: readonly Operation[]): void {
    for (const operation of operations) {
      const reply = operation.match(
        /^H?MSG \S+ \S+ (\S*[^\s\d]\S*) [\d ]+\r\n/,
      );
      if (reply !== null) this.#replies.set(on, reply[1] ?? "");
      this.#note(on, "<", showOperation(operation, this.#placeholders));
    }
  }

  #note(on: string, mark: "<" | "-" | "?", what: string): void {
    this.transcript.push(`${on} ${mark} ${what}`);
  }
}

/** The line of a message that wants an answer: reply subject, size of the header. */
const REQUEST = /^H?MSG \S+ \S+ +(\S*[^\s\d]\S*)(?: (\d+))? \d+\r\n/;
const encoder = new TextEncoder();
const PING = encoder.encode("PING\r\n");
