/**
 * Numbers of the Go server's parser states, which its log line for a parser
 * error names. Ours has no such states; the log line is the same.
 *
 * @module
 */

export const STATE_MSG_END_R = 41;
export const STATE_MSG_END_N = 42;

/** State after the letters so far; a verb takes one state per letter and two more for blank and arguments. */
const FIRST_STATE: Readonly<Record<string, number>> = {
  "": 0,
  "+": 1,
  "-": 4,
  "C": 10,
  "H": 18,
  "HM": 24,
  "P": 29,
  "PI": 34,
  "PO": 37,
  "S": 43,
  "A": 48,
  "L": 55,
  "R": 57,
  "U": 59,
  "M": 66,
  "I": 71,
};

/** The state in which the Go parser stands after the upper case `letters` of a verb. */
export function goParserState(letters: string): number {
  for (let length = letters.length; length >= 0; length--) {
    const state = FIRST_STATE[letters.slice(0, length)];
    if (state !== undefined) return state + letters.length - length;
  }
  return 0;
}
