/**
 * Random configurations, requests and acknowledgements: mostly what a server
 * takes, sometimes what it must refuse.
 *
 * What the Go server and ours do differently on purpose, and what the Go
 * server leaves to chance, is left out; each place says which.
 *
 * @module
 */

import type { SeededRandom } from "../../sim/ports/random.ts";
import type { Fields } from "./session.ts";

const MILLISECOND = 1_000_000;
const SECOND = 1000 * MILLISECOND;

/** How a value is chosen: how often there is one, good ones, and bad ones. */
type Choice = readonly [
  probability: number,
  good: readonly unknown[],
  bad?: readonly unknown[],
];

/** `{P}` stands for the prefix of the stream's subjects, `{S}` for its name. */
const FILTERS = ["{P}.a", "{P}.b", "{P}.*", "{P}.>", "{P}.*.x", ">", "other"];
const FILTER_LISTS = [
  ["{P}.a", "{P}.b"],
  ["{P}.a", "{P}.a.x", "{P}.c"],
  ["{P}.*.x", "{P}.a"],
  ["{P}.b", "other"],
];

// `replay_policy` original is missing: it is about time only.
const COMMON: Readonly<Record<string, Choice>> = {
  deliver_policy: [
    0.5,
    ["all", "all", "last", "new", "undefined"],
    ["bogus", "by_start_time", null, 3],
  ],
  ack_policy: [
    0.9,
    ["explicit", "explicit", "explicit", "none"],
    ["flow_control", "bogus", 0],
  ],
  ack_wait: [0.3, [300 * MILLISECOND, 30 * SECOND, 0], [-1, "1s"]],
  max_deliver: [0.35, [-1, 1, 2, 3], [-5, 2.5]],
  backoff: [0.1, [[200 * MILLISECOND, 500 * MILLISECOND], []], [[-1], 3]],
  sample_freq: [0.1, ["100", "100%", "0"], ["abc", "-5", "50.5"]],
  headers_only: [0.12, [true, false]],
  inactive_threshold: [0.1, [60 * SECOND, 0], [-1]],
  num_replicas: [0.1, [0, 1], [2, -1]],
  mem_storage: [0.15, [true, false]],
  metadata: [0.15, [{ a: "b" }, {}, { "_nats.level": "7" }], [{ a: 1 }]],
  pause_until: [0.05, ["2001-01-01T00:00:00Z"], ["x", "2099-01-01"]],
};

const WAITS: Readonly<Record<string, Choice>> = {
  ack_policy: [0.2, ["all"]],
  max_ack_pending: [0.4, [1, 2, 3, -1], [-5]],
};

const PULL: Readonly<Record<string, Choice>> = {
  max_waiting: [0.2, [1, 2, 3, 0], [-1]],
  max_batch: [0.15, [1, 2, 10], [-1]],
  max_expires: [0.1, [60 * SECOND, 0], [1]],
  max_bytes: [0.1, [100, 1000]],
};

const PUSH: Readonly<Record<string, Choice>> = {
  deliver_group: [0.2, ["q", ""]],
  idle_heartbeat: [0.3, [5 * SECOND, 0], [50 * MILLISECOND]],
  rate_limit_bps: [0.1, [1_000_000_000, 0]],
};

/** One of some. */
export function pick<T>(random: SeededRandom, from: readonly T[]): T {
  return from[random.below(from.length)] as T;
}

/** One of some, each as often as its weight says. */
export function weighted<T>(
  random: SeededRandom,
  from: readonly (readonly [number, T])[],
): T {
  let at = random.unit() * from.reduce((sum, [weight]) => sum + weight, 0);
  const found = from.find(([weight]) => (at -= weight) < 0) ?? from[0];
  return (found as readonly [number, T])[1];
}

function choose(
  random: SeededRandom,
  choices: Readonly<Record<string, Choice>>,
  badness: number,
): Record<string, unknown> {
  const chosen: Record<string, unknown> = {};
  for (const [name, [probability, good, bad]] of Object.entries(choices)) {
    if (!random.chance(probability)) continue;
    const from = bad !== undefined && random.chance(badness) ? bad : good;
    chosen[name] = pick(random, from);
  }
  return chosen;
}

/** What stays the same for all configurations of one name. */
export interface Character {
  /** A change wakes our consumer, but not Go's. */
  readonly filters: Fields;
  /** The Go server keeps a pin beyond the policy that it was for. */
  readonly priority: Fields;
}

export function randomCharacter(random: SeededRandom): Character {
  const filters = weighted<() => Fields>(random, [
    [2, () => ({})],
    [2, () => ({ filter_subject: pick(random, FILTERS) })],
    [1, () => ({ filter_subjects: pick(random, FILTER_LISTS) })],
  ])();
  if (!random.chance(0.4)) return { filters, priority: {} };
  const policies = ["overflow", "pinned_client", "prioritized"];
  return {
    filters,
    priority: {
      priority_policy: pick(random, policies),
      priority_groups: pick(random, [["g"], ["g", "h"]]),
    },
  };
}

/** Configuration of a consumer. @param badness how often a value is a bad one */
export function randomConsumer(
  random: SeededRandom,
  name: string,
  { filters, priority }: Character,
  theme: Theme,
  badness: number,
): Fields {
  const common = {
    ...choose(random, COMMON, badness),
    ...(theme === "waits" ? choose(random, WAITS, badness) : {}),
    ...filters,
  };
  if (random.chance(0.15)) {
    // Beyond the end, the Go server counts what comes before as pending.
    common["deliver_policy"] = "by_start_sequence";
    common["opt_start_seq"] = pick(random, [1, 2, 3]);
  }
  if (!random.chance(0.3)) {
    return { ...common, ...choose(random, PULL, badness), ...priority };
  }
  const push = {
    ...common,
    ...choose(random, PUSH, badness),
    deliver_subject: `{S}-${pick(random, ["d1", "d1", "d2"])}.${name}`,
  };
  if (!random.chance(0.3)) return push;
  return { ...push, flow_control: true, idle_heartbeat: 5 * SECOND };
}

/**
 * What happens in a history: messages are removed, or consumers wait for
 * acknowledgements with much at stake. Both at once end differently: the Go
 * server takes what is before a removed message for acknowledged, and does not
 * go on when a purge ends a wait.
 */
export type Theme = "removals" | "waits";

export function randomStream(random: SeededRandom, theme: Theme): Fields {
  const retention = weighted(random, [
    [4, "limits"],
    [2, "interest"],
    [0.7, "workqueue"],
  ]);
  return {
    storage: pick(random, ["memory", "file"]),
    retention,
    ...choose(
      random,
      theme === "removals"
        ? { max_msgs: [0.12, [3, 6]], max_msgs_per_subject: [0.15, [1, 2]] }
        : { consumer_limits: [0.2, [{ max_ack_pending: 2 }]] },
      0,
    ),
    ...choose(random, { max_consumers: [0.1, [2]] }, 0),
  };
}

const ODD_REQUESTS = [
  "",
  "1",
  "5",
  "0",
  "-1",
  "x",
  "{",
  "[]",
  " 3",
  "1.5",
  "+2",
  '{"batch":"x"}',
  '{"batch":1}x',
  '{"Batch":2}',
];

/** Body of a request for messages. `{pin}` stands for the last pin seen. */
export function randomPull(random: SeededRandom): unknown {
  if (random.chance(0.15)) return pick(random, ODD_REQUESTS);
  const expires = { expires: 100 * SECOND };
  const wait = weighted<Fields>(random, [
    [3, { no_wait: true }],
    [5, expires],
    [1, { no_wait: true, ...expires }],
    [1, {}],
  ]);
  const more = choose(random, {
    batch: [0.85, [1, 2, 3, 4, 0, -1, 100]],
    max_bytes: [0.15, [1, 60, 120, 200, 1000]],
    idle_heartbeat: [0.08, [40 * SECOND, 60 * SECOND]],
    group: [0.5, ["g", "g", "g", "h", "x"]],
    min_pending: [0.1, [1, 3]],
    min_ack_pending: [0.1, [1, 2]],
    id: [0.12, ["{pin}", "{pin}", "bogus"]],
    priority: [0.12, [0, 1, 9, 10, -1]],
  }, 0);
  return { ...wait, ...more };
}

const VERBS: readonly (readonly [number, string])[] = [
  [6, "+ACK"],
  [1, ""],
  [3, "-NAK"],
  [1, '-NAK {"delay":300000000}'],
  [0.5, '-NAK {"delay":60000000000}'],
  [0.3, "-NAK bogus"],
  [1.5, "+WPI"],
  [2, "+NXT"],
  [0.7, "+NXT 2"],
  [0.7, '+NXT {"batch":2,"no_wait":true}'],
  [0.2, "+NXT {"],
  [1.5, "+TERM"],
  [0.7, "+TERM some reason"],
  [0.5, "garbage"],
  [0.3, "+ACK x"],
];

export function randomVerb(random: SeededRandom): string {
  return weighted(random, VERBS);
}
