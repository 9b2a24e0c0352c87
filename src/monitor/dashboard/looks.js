// What the server tells, look by look, and what grew in between.

/** Looks that charts remember. */
export const HISTORY = 120;

/** Rows of a table at the most. */
export const ROWS = 25;

/** Asks for everything that is shown. @param {string} sort order of connections */
export async function look(sort) {
  const paths = {
    varz: "varz",
    vars: "debug/vars",
    subsz: "subsz",
    healthz: "healthz",
    connz: `connz?auth=1&limit=${ROWS}&sort=${sort}`,
    closed: "connz?state=closed&sort=stop&limit=200",
    accstatz: "accstatz?unused=1",
    jsz: "jsz?accounts=1&streams=1&config=1",
  };
  const answers = await Promise.all(
    Object.entries(paths).map(async ([name, path]) => [name, await ask(path)]),
  );
  return Object.fromEntries(answers);
}

async function ask(path) {
  const response = await fetch(path, { cache: "no-store" });
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${path}: ${text.slice(0, 80)}`);
  }
}

/** The last looks; tells how fast numbers grow. */
export class Looks {
  /** Figures of the charts, oldest first. */
  history = [];
  current;
  #previous;
  #seconds = 0;
  #at;

  /** @param at milliseconds on a clock that never goes back */
  take(next, at) {
    // What a server counts begins anew with it.
    const same = this.current?.varz.start === next.varz.start;
    this.#previous = same ? this.current : undefined;
    this.#seconds = (at - this.#at) / 1000;
    this.current = next;
    this.#at = at;
    this.history.push(this.#figures());
    this.history.splice(0, this.history.length - HISTORY);
  }

  /** Growth per second of what `read` finds; undefined if it can't be told. */
  growth(read) {
    if (this.#previous === undefined) return undefined;
    const before = read(this.#previous);
    const now = read(this.current);
    if (before === undefined || !(now >= before)) return undefined;
    return (now - before) / this.#seconds;
  }

  #figures() {
    return {
      messagesIn: this.growth(({ varz }) => varz.in_msgs),
      messagesOut: this.growth(({ varz }) => varz.out_msgs),
      bytesIn: this.growth(({ varz }) => varz.in_bytes),
      bytesOut: this.growth(({ varz }) => varz.out_bytes),
      ...this.#delays(),
    };
  }

  /** Milliseconds: the mean delay, and the lower bound of the worst. */
  #delays() {
    const now = this.current.vars.eventloop;
    const before = this.#previous?.vars.eventloop;
    const turns = now.turns - (before?.turns ?? 0);
    const total = now.delay_total_ms - (before?.delay_total_ms ?? 0);
    const grown = Object.entries(now.turns_by_delay_ms).filter(
      ([least, times]) => times > (before?.turns_by_delay_ms[least] ?? 0),
    );
    return {
      meanDelay: turns > 0 ? total / turns : undefined,
      worstDelay: Math.max(0, ...grown.map(([least]) => Number(least))),
    };
  }
}
