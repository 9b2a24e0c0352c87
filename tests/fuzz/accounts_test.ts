/**
 * What random accounts see of each other, compared with a plain model.
 *
 * Failures name their seed; `FUZZ_SEED` is the first one.
 */

import { assertEquals } from "@std/assert";
import { ConfigurationError } from "../../src/config/mod.ts";
import { isSubsetMatch, matchesPattern } from "../../src/subject/mod.ts";
import { SeededRandom } from "../sim/ports/random.ts";
import { capability } from "../tools/capability.ts";
import { type Member, World } from "../unit/account/world.ts";

const NAMES = ["A", "B", "C"];
const FIRST = Number(Deno.env.get("FUZZ_SEED") ?? 0);
const WORLDS = 1500;

interface Export {
  readonly exporter: string;
  readonly subject: string;
  readonly kind: "stream" | "service";
  /** Empty: everybody. */
  readonly accounts: readonly string[];
}

interface Import {
  readonly importer: string;
  readonly exporter: string;
  readonly subject: string;
  readonly kind: "stream" | "service";
  /** Empty: the subject stays; else it stands in front of it. */
  readonly prefix: string;
}

/** Draws configurations and subjects that are short enough to meet. */
class Dice {
  readonly #random: SeededRandom;

  constructor(seed: number) {
    this.#random = new SeededRandom(BigInt(seed));
  }

  one<T>(list: readonly T[]): T {
    const drawn = list[this.#random.below(list.length)];
    if (drawn === undefined) throw new Error("nothing to draw from");
    return drawn;
  }

  many<T>(most: number, draw: () => T): T[] {
    return Array.from({ length: this.#random.below(most + 1) }, draw);
  }

  literal(): string {
    return [this.one(["a", "b"]), ...this.many(2, () => this.one(["a", "b"]))]
      .join(".");
  }

  pattern(): string {
    const tokens = this.literal().split(".")
      .map((token) => this.one([token, token, "*"]));
    return this.one([tokens, tokens, [...tokens, ">"], [">"]]).join(".");
  }

  kind(): "stream" | "service" {
    return this.one(["stream", "service"]);
  }
}

function configuration(
  exports: readonly Export[],
  imports: readonly Import[],
): string {
  const accounts = NAMES.map((name) => {
    const own = exports.filter(({ exporter }) => exporter === name)
      .map(({ kind, subject, accounts }) =>
        `{${kind}: "${subject}"${
          accounts.length === 0 ? "" : `, accounts: [${accounts}]`
        }}`
      );
    const wanted = imports.filter(({ importer }) => importer === name)
      .map(({ kind, exporter, subject, prefix }) => {
        const local = prefix === ""
          ? ""
          : kind === "stream"
          ? `, prefix: ${prefix}`
          : `, to: "${prefix}.${subject}"`;
        return `{${kind}: {account: ${exporter}, subject: "${subject}"}${local}}`;
      });
    return `${name}: { exports: [${own}], imports: [${wanted}] }`;
  });
  return `accounts { ${accounts.join("\n")} }`;
}

/** The world of a random configuration, or null when it is refused. */
function draw(dice: Dice) {
  const exports = dice.many(5, (): Export => ({
    exporter: dice.one(NAMES),
    subject: dice.pattern(),
    kind: dice.kind(),
    accounts: dice.many(1, () => dice.one(NAMES)),
  }));
  const imports = dice.many(5, (): Import => {
    const { exporter, subject, kind } = exports.length === 0
      ? { exporter: "A", subject: dice.pattern(), kind: dice.kind() }
      : dice.one(exports);
    return {
      importer: dice.one(NAMES),
      exporter,
      subject: dice.one([subject, dice.pattern()]),
      kind,
      prefix: dice.one(["", "p", "q"]),
    };
  });
  try {
    return { world: new World(configuration(exports, imports)), imports };
  } catch (error) {
    if (error instanceof ConfigurationError) return null;
    throw error;
  }
}

/** Under which names a subscription of `member` sees a published stream. */
function expected(
  member: string,
  subscription: string,
  publisher: string,
  subject: string,
  imports: readonly Import[],
): string[] {
  const names = imports.filter((
    { kind, importer, exporter, subject: source },
  ) =>
    kind === "stream" && importer === member && exporter === publisher &&
    matchesPattern(subject, source)
  ).map(({ prefix }) => prefix === "" ? subject : `${prefix}.${subject}`);
  if (member === publisher) names.push(subject);
  return names.filter((name) => matchesPattern(name, subscription));
}

capability(
  "accounts - see exactly the streams that they import, each under its name",
  {
    positive: ["accounts/shadow-subs", "accounts/isolation"],
    edge: ["accounts/shadow-subs", "accounts/isolation"],
  },
  () => {
    let accepted = 0;
    for (let seed = FIRST; seed < FIRST + WORLDS; seed++) {
      const dice = new Dice(seed);
      const drawn = draw(dice);
      if (drawn === null) continue;
      accepted++;
      const { world, imports } = drawn;
      // Requests are for responders, of whom there are none here.
      const streams = imports.filter(({ kind }) => kind === "stream");
      const listeners = dice.many(4, () => {
        const name = dice.one(NAMES);
        const prefix = dice.one(["", "", "p.", "q.", "*."]);
        const subject = prefix + dice.pattern();
        const member = world.join(name);
        member.subscribe(subject);
        return { name, subject, member };
      });
      for (let i = 0; i < 5; i++) {
        const publisher = dice.one(NAMES);
        const subject = dice.literal();
        for (const { member } of listeners) member.seen.length = 0;
        if (servedBy(imports, publisher, subject)) continue;
        world.join(publisher).publish(subject);
        for (const { name, subject: subscription, member } of listeners) {
          assertEquals(
            member.subjects.toSorted(),
            expected(name, subscription, publisher, subject, streams)
              .toSorted(),
            `seed ${seed}: ${publisher} publishes ${subject}, ${name} listens to ${subscription}`,
          );
        }
      }
    }
    assertEquals(accepted > WORLDS / 5, true, `${accepted} worlds`);
  },
);

/** Whether a message would be a request to a service of another account. */
function servedBy(
  imports: readonly Import[],
  publisher: string,
  subject: string,
): boolean {
  return imports.some(({ kind, importer, subject: source, prefix }) =>
    kind === "service" && importer === publisher &&
    matchesPattern(subject, prefix === "" ? source : `${prefix}.${source}`)
  );
}

capability(
  "accounts - whatever is asked, only who asked hears the answer, and all is forgotten",
  {
    positive: ["accounts/reply-rewrite", "accounts/chaining"],
    edge: ["accounts/isolation", "accounts/reverse-map-cleanup"],
  },
  async () => {
    let answered = 0;
    for (let seed = FIRST; seed < FIRST + WORLDS; seed++) {
      const dice = new Dice(seed);
      const drawn = draw(dice);
      if (drawn === null) continue;
      const { world, imports } = drawn;
      const services = imports.filter(({ kind }) => kind === "service");
      if (services.length === 0) continue;
      const { importer, exporter, subject, prefix } = dice.one(services);
      const responders = [exporter, dice.one(NAMES)].map((name) => {
        const member = world.join(name);
        member.subscribe(dice.one([subject, ">"]));
        return member;
      });
      const requestor = world.join(importer);
      const inbox = requestor.subscribe("INBOX.mine");
      const target = subject.replaceAll("*", "a").replace(">", "b.a");
      const local = prefix === "" ? target : `${prefix}.${target}`;
      requestor.publish(local, "INBOX.mine", "ask");
      const others = NAMES.filter((name) => name !== requestor.account.name)
        .map((name) => world.join(name));
      for (const other of others) other.subscribe("INBOX.>");
      const answers = new Set<string>();
      for (const responder of responders) {
        const { reply } = responder;
        if (!reply.startsWith("_R_.")) continue;
        // Whoever else publishes to the subject reaches nobody.
        for (const other of others) forge(other, responder, reply);
        assertEquals(requestor.seen, [], `seed ${seed}`);
        responder.publish(reply, "", "answer");
        const heard = requestor.seen.map(({ body }) => body);
        // Responders of one account share one request and one answer.
        assertEquals(
          heard,
          answers.has(reply) ? [] : ["answer"],
          `seed ${seed}`,
        );
        answers.add(reply);
        requestor.seen.length = 0;
        answered++;
      }
      for (const other of others) {
        const heard = other.seen.filter(({ body }) => body === "answer");
        assertEquals(heard.every(() => seesInboxes(other, imports)), true);
      }
      requestor.account.unsubscribe(inbox);
      await world.pass(130_000);
      assertEquals(world.idleFor, Infinity, `seed ${seed}`);
    }
    assertEquals(answered > WORLDS / 20, true, `${answered} answers`);
  },
);

/** Publishes to a responder's reply subject from an account that is not the responder's. */
function forge(other: Member, responder: Member, reply: string): void {
  if (other.account !== responder.account) other.publish(reply, "", "forged");
}

/** Whether an account imports a stream so wide that answers are part of it. */
function seesInboxes({ account }: Member, imports: readonly Import[]): boolean {
  return imports.some(({ kind, importer, subject }) =>
    kind === "stream" && importer === account.name &&
    isSubsetMatch("INBOX.mine", subject)
  );
}
