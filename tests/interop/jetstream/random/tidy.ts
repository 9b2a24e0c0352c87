/**
 * What differs between two runs, taken out of what a server said.
 *
 * @module
 */

/** Times of the runs; those in requests are older, or in a far future. */
const TIME = /\b20[2-8]\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/g;

/** A Go server says of a stream on disk that had no message yet that it has lost the message 0. */
const NOTHING_LOST =
  /("last_ts":"0001-01-01T00:00:00Z",)"num_deleted":1,"deleted":\[0\],/;

/** Text of an answer, or headers. */
export function tidy(text: string): string {
  return text
    .replace(
      /"hdrs":"([^"]*)"/g,
      (_, block) => `"hdrs":${JSON.stringify(atob(block))}`,
    )
    .replace(NOTHING_LOST, "$1")
    .replace(TIME, "<time>")
    .replace(
      /(\$JS\.ACK\.\S+?\.\d+\.\d+\.\d+\.)\d{16,19}(\.\d+)/g,
      "$1<ns>$2",
    )
    .replace(/"active":\d+/g, '"active":<ns>')
    // The account has had other plans before.
    .replace(
      /("api":\{"level":\d+),"total":\d+,"errors":\d+/g,
      "$1,<counts>",
    )
    .replace(/("deliver_subject":")[^"]+/g, "$1<subject>");
}
