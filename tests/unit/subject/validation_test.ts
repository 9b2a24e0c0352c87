import { assert, assertEquals, assertFalse } from "@std/assert";
import {
  hasWildcard,
  isLiteral,
  isValid,
  isValidLiteral,
  isValidLiteralSubject,
  isValidPublishSubject,
  isValidSubject,
  isValidTextSubject,
  subjectFromText,
  subjectToBytes,
} from "../../../src/subject/mod.ts";
import { capability } from "../../tools/capability.ts";

const id = (row: string) => `sublist-and-mapping/${row}`;

/** Both forms of a check, over a string and inside a larger buffer. */
function both(
  subject: string,
  text: (subject: string) => boolean,
  bytes: (buffer: Uint8Array, start: number, end: number) => boolean,
): boolean {
  const verdict = text(subject);
  const buffer = subjectToBytes(`x.${subject}.y`);
  assertEquals(bytes(buffer, 2, 2 + subject.length), verdict, subject);
  return verdict;
}

const valid = (subject: string) => both(subject, isValidSubject, isValid);
const validLiteral = (subject: string) =>
  both(subject, isValidLiteralSubject, isValidLiteral);

capability(
  "wildcards are wildcards only as whole tokens",
  { positive: [id("tokens")], edge: [id("tokens")] },
  () => {
    for (const pattern of ["*", ">", "foo.*", "*.bar", "foo.*.bar", "foo.>"]) {
      assert(hasWildcard(pattern), pattern);
      assertFalse(isLiteral(pattern), pattern);
    }
    for (
      const literal of ["foo", "foo*", "*foo", "f>o", "foo.>>", "**", ".", ""]
    ) {
      assertFalse(hasWildcard(literal), literal);
      assert(isLiteral(literal), literal);
    }
  },
);

capability(
  "a valid subject has non-empty tokens and nothing behind >",
  { positive: [id("valid-subject")] },
  () => {
    for (
      const subject of ["*", ">", "foo", "foo.*", "foo.>", "*.*.>", "foo*bar"]
    ) assert(valid(subject), subject);
    for (const subject of ["foo.*.bar", "f>o.b*r", "\x00", "a\x0bb", "\xff"]) {
      assert(valid(subject), subject);
    }
  },
);

capability(
  "empty tokens, tokens behind > and white space make a subject invalid",
  { edge: [id("valid-subject")] },
  () => {
    for (
      const subject of [
        "",
        ".",
        ".foo",
        "foo.",
        "foo..bar",
        ">.foo",
        "foo.>.bar",
        "foo.>.",
        ...[" ", "\t", "\n", "\f", "\r"].flatMap((c) => [
          c,
          `a${c}b`,
          `foo.${c}`,
          `foo.${c}a.bar`,
          `foo${c}`,
        ]),
      ]
    ) assertFalse(valid(subject), JSON.stringify(subject));
  },
);

capability(
  "a char that is no byte makes no subject",
  { edge: [id("valid-subject"), id("valid-literal-subject")] },
  () => {
    assertFalse(isValidSubject("foo.\u0100"));
    assertFalse(isValidLiteralSubject("foo.\u0100"));
  },
);

capability(
  "the text check wants UTF-8 without NUL and without U+FFFD",
  { positive: [id("valid-subject")], edge: [id("valid-subject")] },
  () => {
    for (const text of ["foo", "foo.ü.*", "日本.>", "😀", "\ufeffa"]) {
      assert(isValidTextSubject(subjectFromText(text)), text);
    }
    for (
      const bytes of [
        "foo\0",
        "\xff",
        "a.\xc3",
        "\xc0\x80", // overlong
        "\xed\xa0\x80", // surrogate
        "\xf5\x80\x80\x80", // beyond the last code point
        subjectFromText("\ufffd"),
        "a..b",
        "a b",
      ]
    ) assertFalse(isValidTextSubject(bytes), JSON.stringify(bytes));
  },
);

capability(
  "a valid literal subject has no empty and no wildcard tokens",
  {
    positive: [id("valid-literal-subject")],
    edge: [id("valid-literal-subject")],
  },
  () => {
    for (
      const subject of ["foo", "foo.bar", "foo*", ">>", "foo.*bar.a", "a b"]
    ) {
      assert(validLiteral(subject), subject);
    }
    for (
      const subject of [
        "",
        ".foo",
        "foo.",
        "foo..bar",
        "*",
        ">",
        "foo.*",
        "*.foo",
        "foo.>",
        "foo.*.bar",
        "foo.>.bar",
      ]
    ) assertFalse(validLiteral(subject), subject);
  },
);

capability(
  "a valid publish subject is valid and literal",
  {
    positive: [id("valid-publish-subject")],
    edge: [id("valid-publish-subject")],
  },
  () => {
    for (const subject of ["foo", "foo.bar", "foo*", "a.b>c"]) {
      assert(isValidPublishSubject(subject), subject);
    }
    for (const subject of ["foo.*", ">", "foo bar", "foo.", ""]) {
      assertFalse(isValidPublishSubject(subject), subject);
    }
  },
);
