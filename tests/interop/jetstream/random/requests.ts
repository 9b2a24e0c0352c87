/**
 * Requests to the API about streams that may be there, and nonsense.
 *
 * @module
 */

import type { Dice } from "./dice.ts";
import { api, type Fields, jsonOf, type Step } from "./plan.ts";
import { FILTERS, FUTURE, NAMES, PAST, SMALL } from "./subjects.ts";

/** Sequences below 2^53, and what is none. */
function sequence(dice: Dice): unknown {
  return dice.weighted<unknown>(
    [8, dice.of(...SMALL)],
    [0.7, dice.of<unknown>(-1, "1", 1.5, "18446744073709551616", null)],
  );
}

/** Sets some fields. */
class Body {
  readonly fields: Fields = {};
  constructor(readonly dice: Dice) {}

  maybe(probability: number, field: string, ...values: unknown[]): this {
    if (this.dice.likely(probability)) {
      this.fields[field] = this.dice.of(...values);
    }
    return this;
  }
}

function level(dice: Dice): string[] {
  if (!dice.likely(0.06)) return [];
  const value = dice.of("0", "1", "2", "5", "6", "99", "x", "", "-1", "1.5");
  return [`Nats-Required-Api-Level: ${value}`];
}

/** A request, spoilt now and then. */
export function request(dice: Dice, name: string, body: Step["body"]): Step {
  const text = dice.likely(0.07) ? spoilt(dice, jsonOf(body)) : body;
  return api(name, text, level(dice));
}

function name(dice: Dice): string {
  return dice.weighted(
    [6, "~A"],
    [2, dice.of(...NAMES)],
    [0.3, dice.of("~N", "*", "é")],
  );
}

/** Reads messages, one way or another. */
export function reading(dice: Dice): Step {
  const { fields } = readingBody(new Body(dice))
    .maybe(0.15, "max_bytes", 1, 50, 100, 200, 1000, 0, -1)
    .maybe(0.15, "no_hdr", true, false);
  if (dice.likely(0.4)) {
    return request(dice, `STREAM.MSG.GET.${name(dice)}`, fields);
  }
  const answers = "several";
  if (dice.likely(0.8)) {
    return { ...request(dice, `DIRECT.GET.${name(dice)}`, fields), answers };
  }
  const subject = dice.of("s.a", "s.*", "none", "*.b", "s.b", "t");
  const body = dice.of<Step["body"]>("", fields, {}, { no_hdr: true });
  return {
    ...request(dice, `DIRECT.GET.${name(dice)}.${subject}`, body),
    answers,
  };
}

/**
 * Go finds nothing up to a sequence behind the last of a stream on disk, and
 * not the last of all when the last that was stored is gone: neither is asked
 * for.
 */
function readingBody(body: Body): Body {
  const { dice } = body;
  const filter = dice.of(...FILTERS);
  const some = filter === ">" ? "*" : filter;
  switch (dice.below(6)) {
    case 0:
      return body.maybe(1, "seq", sequence(dice));
    case 1:
      return body.maybe(1, "last_by_subj", some);
    case 2:
      return body.maybe(1, "next_by_subj", filter)
        .maybe(0.7, "seq", sequence(dice));
    case 3:
      return body
        .maybe(
          1,
          "multi_last",
          ["s.>"],
          ["s.a", "s.b"],
          [">"],
          ["s.*", "s.a"],
          [],
          [""],
          ["none"],
          null,
          "s.a",
          ["s.a", "none", "*.b"],
          [1],
        )
        .maybe(0.4, "up_to_seq", 0, 1)
        .maybe(0.2, "up_to_time", PAST, FUTURE, "x", null)
        .maybe(0.3, "batch", 0, 1, 2, 10, -1)
        .maybe(0.2, "seq", sequence(dice));
    case 4:
      return body.maybe(1, "batch", 0, 1, 2, 3, 10, -1, 1001)
        .maybe(0.6, "seq", sequence(dice))
        .maybe(0.4, "next_by_subj", filter)
        .maybe(0.2, "start_time", PAST, FUTURE, "x", null);
    default:
      return body.maybe(0.4, "seq", sequence(dice))
        .maybe(0.3, "last_by_subj", some)
        .maybe(0.3, "next_by_subj", filter)
        .maybe(0.3, "start_time", PAST, FUTURE, "x", null)
        .maybe(0.2, "batch", 0, 1, 2, 10)
        .maybe(0.2, "multi_last", ["s.>"])
        .maybe(0.2, "up_to_seq", 0, 1)
        .maybe(0.2, "up_to_time", PAST, FUTURE);
  }
}

export function removal(dice: Dice): Step {
  const { fields } = new Body(dice).maybe(1, "seq", sequence(dice))
    .maybe(0.4, "no_erase", true, false);
  return request(dice, `STREAM.MSG.DELETE.${name(dice)}`, fields);
}

export function purge(dice: Dice): Step {
  const { fields } = new Body(dice).maybe(0.5, "filter", ...FILTERS)
    .maybe(0.4, "seq", ...SMALL)
    .maybe(0.3, "keep", ...SMALL, -1);
  const body = dice.likely(0.15) ? "" : fields;
  return request(dice, `STREAM.PURGE.${name(dice)}`, body);
}

export function info(dice: Dice): Step {
  const { fields } = new Body(dice)
    .maybe(0.5, "subjects_filter", ...FILTERS)
    .maybe(0.4, "deleted_details", true, true, false)
    .maybe(0.3, "offset", 0, 1, 2, 5, -1, 100);
  const body = dice.likely(0.1) ? "" : fields;
  return request(dice, `STREAM.INFO.${name(dice)}`, body);
}

export function listing(dice: Dice): Step {
  const { fields } = new Body(dice).maybe(0.5, "subject", ...FILTERS)
    .maybe(0.4, "offset", 0, 1, 2, 5, -1, 100);
  const body = dice.likely(0.2) ? "" : fields;
  const what = dice.of("STREAM.NAMES", "STREAM.LIST", "INFO", "STREAM.NAMES");
  return request(dice, what, body);
}

export function deletion(dice: Dice): Step {
  const body = dice.of("", "", "{}", '{"x":1}');
  return request(dice, `STREAM.DELETE.${dice.of(...NAMES)}`, body);
}

/**
 * Something with a consumer, as far as streams are concerned. None begins with
 * the last of each subject: where subjects are transformed, Go takes a filter
 * for all of the stream's for none.
 */
export function consuming(dice: Dice): Step {
  const stream = name(dice);
  const consumer = dice.of("c", "d");
  const what = dice.weighted([5, "create"], [1, "delete"], [4, "next"]);
  if (what === "delete") {
    return request(dice, `CONSUMER.DELETE.${stream}.${consumer}`, "");
  }
  if (what === "next") {
    return {
      ...api(`CONSUMER.MSG.NEXT.${stream}.${consumer}`, {
        no_wait: true,
        batch: dice.of(1, 2),
      }),
      answers: "any",
      acks: dice.likely(0.8),
      pause: 40,
    };
  }
  const { fields } = new Body(dice)
    .maybe(0.6, "filter_subject", "s.a", "s.*", "s.>", "t.>", "none")
    .maybe(0.3, "deliver_policy", "all", "last", "new");
  return request(dice, `CONSUMER.CREATE.${stream}.${consumer}`, {
    stream_name: stream,
    config: {
      durable_name: consumer,
      ack_policy: dice.of("explicit", "all", "none"),
      ...fields,
    },
  });
}

const ENDPOINTS = [
  ...["CREATE", "UPDATE", "INFO", "PURGE", "MSG.GET", "MSG.DELETE", "RESTORE"]
    .map((each) => `STREAM.${each}.~A`),
  ...["PEER.REMOVE", "PEER.EVACUATE", "LEADER.STEPDOWN", "CANCEL_MOVE"]
    .map((each) => `STREAM.${each}.~A`),
  "STREAM.NAMES",
  "STREAM.LIST",
  "INFO",
  "META.LEADER.STEPDOWN",
  "SERVER.REMOVE",
  "STREAM.DELETE.~N",
  "STREAM.SNAPSHOT.~N",
  "STREAM.TEMPLATE.NAMES",
  "CONSUMER.NAMES.~A",
  "CONSUMER.LIST.~A",
  "NONSENSE",
  "STREAM.INFO",
  "STREAM.CREATE.~A.b",
];

/** Bodies that fit nowhere. */
export function nonsense(dice: Dice): Step {
  return request(
    dice,
    dice.of(...ENDPOINTS),
    dice.of(
      "",
      "{",
      "{}",
      "null",
      "[]",
      "[1]",
      '"x"',
      "1",
      "true",
      "{}x",
      " {} ",
      "\ufeff{}",
      '{"name":"~A"}',
      '{"NAME":"~A","subjects":["s.>"],"Storage":"memory"}',
      '{"name":null}',
      '{"offset":"1"}',
      '{"offset":1.5}',
      '{"offset":1e0}',
      '{"seq":01}',
      '{"seq":1,}',
      '{"seq":1,"seq":2}',
      "{'seq':1}",
      '{"seq":true}',
      '{"filter":5}',
      '{"subject":["a"]}',
      '{"deleted_details":"true"}',
      '{"subjects_filter":null}',
      '{"x":NaN}',
      '{"a":"\\ud800"}',
      '{"name":"\\u007eA"}',
      "[".repeat(10_001),
    ),
  );
}

/** JSON with something wrong, or unusual. */
function spoilt(dice: Dice, text: string): string {
  const value = () =>
    dice.of("null", '"5"', "5", "5.5", "1e2", "true", "{}", "[]", "-1", "-0");
  return dice.of<() => string>(
    () => text.slice(0, dice.below(text.length + 1)),
    () => text + dice.of("x", " ", "}", "\n", "\u0000", ",{}"),
    () => dice.of(" ", "\n", "\ufeff", "x") + text,
    () => text.replace(/"[a-z_]+":/, (key) => key.toUpperCase()),
    () =>
      text.replace(
        /:(\d+|true|false|"[^"]*"|\[[^\]]*\])/,
        () => `:${value()}`,
      ),
    () =>
      text.replace(
        ",",
        `,${dice.of('"zzz":1', '"name":"~B"', '"seq":3', '"":1')},`,
      ),
    () => text.replaceAll(",", " ,\n\t"),
    () => text.replace(':"', ':"\\u0041'),
    () => text.replace(':"', ':"\\x'),
    () => text.replace(':"', ':"\u0001'),
  )();
}
