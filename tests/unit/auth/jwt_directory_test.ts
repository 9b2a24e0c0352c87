import { createAccount, createOperator } from "@nats-io/nkeys";
import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { JwtDirectory } from "../../../src/auth/resolver/jwt_directory.ts";
import { ResolverError } from "../../../src/auth/mod.ts";
import { denoRuntime } from "../../../src/runtime/mod.ts";
import { capability, type Claims } from "../../tools/capability.ts";
import { forge } from "../../tools/operator.ts";

type Options = ConstructorParameters<typeof JwtDirectory>[0];

const OPERATOR = createOperator();

/** A JWT of an account, issued and expiring at those seconds. */
function token(key: string, iat = 100, exp?: number): string {
  return forge(OPERATOR, {
    iss: OPERATOR.getPublicKey(),
    sub: key,
    jti: `${key}-${iat}-${exp}`,
    iat,
    ...(exp === undefined ? {} : { exp }),
    nats: { type: "account", version: 2 },
  });
}

function newKey(): string {
  return createAccount().getPublicKey();
}

/** Time that tests set, and the checks that wait for it. */
class Hand {
  now = 1_000_000;
  check = () => {};
  readonly runtime = denoRuntime();

  open(directory: string, options: Partial<Options> = {}): JwtDirectory {
    const opened = new JwtDirectory({
      directory,
      sharded: false,
      limit: 0,
      evicts: false,
      ttl: 0,
      deletion: "never",
      ...options,
    }, {
      disk: this.runtime.disk,
      clock: {
        now: () => this.now,
        nowNanos: () => BigInt(this.now) * 1_000_000n,
        monotonic: () => this.now,
        utcOffset: () => 0,
      },
      timers: {
        after: () => ({ cancel: () => {} }),
        soon: () => ({ cancel: () => {} }),
        sleep: () => Promise.resolve(),
        every: (_interval, callback) => {
          this.check = callback;
          return { cancel: () => {} };
        },
      },
    });
    opened.open();
    return opened;
  }
}

/** A test with a directory of its own and a clock in its hand. */
function scenario(
  name: string,
  claims: Claims,
  run: (directory: string, hand: Hand) => void,
): void {
  capability(`jwt directory - ${name}`, claims, () => {
    const directory = Deno.makeTempDirSync();
    try {
      run(directory, new Hand());
    } finally {
      Deno.removeSync(directory, { recursive: true });
    }
  });
}

function names(directory: string): string[] {
  return [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
}

scenario("keeps one file per account and finds it again", {
  positive: ["auth/dir-store-internals"],
}, (directory, hand) => {
  const key = newKey();
  const first = hand.open(`${directory}/deep/er`);
  assertEquals(first.load(key), undefined);
  first.save(key, token(key));
  assertEquals(names(`${directory}/deep/er`), [`${key}.jwt`]);
  first.close();
  const second = hand.open(`${directory}/deep/er`);
  assertEquals(second.load(key), token(key));
  assertEquals(second.hash, first.hash);
});

scenario("shards by the last two characters", {
  positive: ["auth/dir-store-internals"],
}, (directory, hand) => {
  const key = newKey();
  const store = hand.open(directory, { sharded: true });
  store.save(key, token(key));
  assertEquals(names(directory), [key.slice(-2)]);
  assertEquals(hand.open(directory, { sharded: true }).pack(), [
    `${key}|${token(key)}`,
  ]);
});

scenario("accepts keys only, which can't lead out of the directory", {
  edge: ["auth/full", "auth/dir-store-internals"],
}, (directory, hand) => {
  const store = hand.open(directory);
  for (const bad of ["", "A", "../escape", newKey().slice(1)]) {
    assertThrows(() => store.save(bad, "x"), ResolverError);
    assertThrows(() => store.load(bad), ResolverError);
  }
  assertThrows(() => store.save(newKey(), ""), ResolverError, "invalid JWT");
});

scenario("the hash is that of the contents, whatever their order", {
  positive: ["auth/dir-store-internals"],
  edge: ["auth/dir-store-internals"],
}, (directory, hand) => {
  const [a, b] = [newKey(), newKey()];
  const one = hand.open(`${directory}/1`);
  const two = hand.open(`${directory}/2`, { deletion: "hard" });
  assertEquals(one.hash, new Uint8Array(32));
  one.save(a, token(a));
  one.save(b, token(b));
  two.save(b, token(b, 50));
  two.save(b, token(b));
  two.save(a, token(a));
  assertEquals(one.hash, two.hash);
  two.delete(a);
  assertNotEquals(one.hash, two.hash);
  two.save(a, token(a));
  assertEquals(one.hash, two.hash);
});

scenario("merges what is newer, and nothing else", {
  positive: ["auth/dir-store-internals"],
  edge: ["auth/dir-store-internals"],
}, (directory, hand) => {
  const [a, b, c] = [newKey(), newKey(), newKey()];
  const theirs = hand.open(`${directory}/theirs`);
  for (const key of [a, b, c]) theirs.save(key, token(key, 100));
  const ours = hand.open(`${directory}/ours`);
  ours.save(a, token(a, 50));
  ours.save(b, token(b, 200));
  const changed: string[] = [];
  ours.listener = {
    changed: (key) => changed.push(key),
    deleted: () => {},
  };
  ours.merge(theirs.pack().join("\n") + "\n\n");
  assertEquals(changed.sort(), [a, c].sort());
  assertEquals(ours.load(b), token(b, 200));
  assertThrows(() => ours.merge("one entry"), ResolverError, "2 entries");
  assertThrows(() => ours.merge("bad|x"), ResolverError, "valid public");
  assertThrows(
    () => ours.merge(`${a}|${token(c, 300)}`),
    ResolverError,
    "do not match",
  );
});

scenario("a full one refuses, a cache forgets what was used least", {
  edge: ["auth/full", "auth/cache"],
}, (directory, hand) => {
  const [a, b, c] = [newKey(), newKey(), newKey()];
  const full = hand.open(`${directory}/full`, { limit: 1 });
  full.save(a, token(a));
  full.save(a, token(a, 200));
  assertThrows(
    () => full.save(b, token(b)),
    ResolverError,
    "jwt store is full",
  );
  const cache = hand.open(`${directory}/cache`, { limit: 2, evicts: true });
  cache.save(a, token(a));
  cache.save(b, token(b));
  cache.load(a);
  cache.save(c, token(c));
  assertEquals(
    names(`${directory}/cache`),
    [a, c].map((k) => `${k}.jwt`).sort(),
  );
  assertEquals(cache.load(b), undefined);
});

scenario("files go when their JWT, or their time, is over", {
  positive: ["auth/dir-store-internals"],
  edge: ["auth/dir-store-internals"],
}, (directory, hand) => {
  const [mortal, eternal] = [newKey(), newKey()];
  const store = hand.open(`${directory}/store`);
  store.save(mortal, token(mortal, 100, hand.now / 1000 + 10));
  store.save(eternal, token(eternal));
  hand.check();
  assertEquals(store.size, 2);
  hand.now += 11_000;
  assertEquals(store.keys(), [eternal]);
  hand.check();
  assertEquals(names(`${directory}/store`), [`${eternal}.jwt`]);
  const cache = hand.open(`${directory}/cache`, { evicts: true, ttl: 5000 });
  cache.save(mortal, token(mortal));
  cache.save(eternal, token(eternal));
  hand.now += 4000;
  cache.load(mortal);
  hand.now += 2000;
  hand.check();
  assertEquals(names(`${directory}/cache`), [`${mortal}.jwt`]);
});

scenario("deletes as configured", {
  edge: ["auth/delete"],
}, (directory, hand) => {
  const key = newKey();
  const cases = [["rename", [`${key}.jwt.deleted`]], ["hard", []]] as const;
  for (const [deletion, left] of cases) {
    const path = `${directory}/${deletion}`;
    const store = hand.open(path, { deletion });
    const gone: string[] = [];
    store.listener = { changed: () => {}, deleted: (each) => gone.push(each) };
    store.save(key, token(key));
    store.delete(key);
    store.delete(key);
    assertEquals([gone, names(path)], [[key], [...left]]);
    assertEquals(store.hash, new Uint8Array(32));
  }
  const keeper = hand.open(`${directory}/never`);
  keeper.save(key, token(key));
  assertThrows(() => keeper.delete(key), ResolverError, "not set up");
});

scenario("reload finds what others wrote", {
  edge: ["auth/full"],
}, (directory, hand) => {
  const [same, edited, added] = [newKey(), newKey(), newKey()];
  const store = hand.open(directory);
  store.save(same, token(same));
  store.save(edited, token(edited));
  Deno.writeTextFileSync(`${directory}/${edited}.jwt`, token(edited, 300));
  Deno.writeTextFileSync(`${directory}/${added}.jwt`, token(added));
  const changed: string[] = [];
  store.listener = { changed: (key) => changed.push(key), deleted: () => {} };
  store.reload();
  assertEquals(changed, [edited]);
  assertEquals(store.load(added), token(added));
  assertEquals(store.size, 3);
});

capability(
  "JWT directory - what can't be read keeps a reload from nothing else",
  { edge: ["reload/resolver-hook"] },
  async () => {
    const hand = new Hand();
    const path = await Deno.makeTempDir();
    const directory = hand.open(path);
    const [good, bad] = [newKey(), newKey()];
    directory.save(good, token(good));
    directory.save(bad, token(bad));
    const changed: string[] = [];
    directory.listener = {
      changed: (key) => changed.push(key),
      deleted: () => {},
    };
    await Deno.writeTextFile(`${path}/${good}.jwt`, token(good, 200));
    await Deno.remove(`${path}/${bad}.jwt`);
    await Deno.symlink(`${path}/${bad}.jwt`, `${path}/${bad}.jwt`);
    assertThrows(() => directory.reload(), ResolverError);
    assertEquals(changed, [good]);
    assertEquals(directory.load(good), token(good, 200));
    assertEquals(directory.size, 1);
    directory.close();
  },
);
