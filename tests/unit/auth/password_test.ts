import { assertEquals } from "@std/assert";
import {
  type BcryptRequest,
  PasswordChecker,
} from "../../../src/auth/password.ts";
import type { Worker, Workers } from "../../../src/runtime/mod.ts";
import { capability } from "../../tools/capability.ts";

const HASH = "$2a$04$abcdefghijklmnopqrstuv";

interface Asked {
  readonly password: string;
  readonly answer: (value: unknown) => void;
  readonly fail: () => void;
}

/** Threads that answer when they are told to. */
class StagedWorkers implements Workers {
  started = 0;
  closed = 0;
  readonly asked: Asked[] = [];

  start(): Worker {
    this.started++;
    return {
      request: (message) =>
        new Promise((answer, reject) => {
          const { password } = message as BcryptRequest;
          const fail = () => reject(new Error("thread failed"));
          this.asked.push({ password, answer, fail });
        }),
      close: () => this.closed++,
    };
  }
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

capability("bcrypt - one check per thread, first come, first served", {
  positive: ["auth/bcrypt"],
}, async () => {
  const workers = new StagedWorkers();
  const checker = new PasswordChecker(workers, 3);
  const answers = ["a", "b", "c", "d"].map((password) =>
    checker.check(HASH, password)
  );
  assertEquals(workers.started, 2);
  const order = () => workers.asked.map(({ password }) => password);
  assertEquals(order(), ["a", "b"]);
  workers.asked[1]?.answer(true);
  await settled();
  assertEquals(order(), ["a", "b", "c"]);
  workers.asked[0]?.answer(false);
  workers.asked[2]?.answer(true);
  await settled();
  workers.asked[3]?.answer("nonsense");
  assertEquals(await Promise.all(answers), [false, true, true, false]);
  assertEquals(workers.started, 2);
  checker.close();
  assertEquals(workers.closed, 2);
});

capability("bcrypt - who is gone costs no thread its time", {
  edge: ["auth/bcrypt"],
}, async () => {
  const workers = new StagedWorkers();
  const checker = new PasswordChecker(workers, 1);
  let gone = false;
  const first = checker.check(HASH, "first");
  const left = checker.check(HASH, "left", () => gone);
  const last = checker.check(HASH, "last", () => false);
  gone = true;
  workers.asked[0]?.answer(true);
  assertEquals([await first, await left], [true, false]);
  assertEquals(workers.asked.map(({ password }) => password), [
    "first",
    "last",
  ]);
  workers.asked[1]?.answer(true);
  assertEquals(await last, true);
  checker.close();
});

capability("bcrypt - failed threads and closed checkers refuse", {
  edge: ["auth/bcrypt"],
}, async () => {
  const workers = new StagedWorkers();
  const checker = new PasswordChecker(workers, 1);
  const broken = checker.check(HASH, "a");
  const next = checker.check(HASH, "b");
  workers.asked[0]?.fail();
  assertEquals(await broken, false);
  assertEquals(workers.started, 2);
  checker.close();
  workers.asked[1]?.fail();
  assertEquals(await next, false);
  assertEquals(checker.check(HASH, "c"), false);
  assertEquals(checker.check("clear", "clear"), true);
});

capability("bcrypt - threads that were started ahead are used", {
  positive: ["auth/bcrypt"],
}, async () => {
  const workers = new StagedWorkers();
  const checker = new PasswordChecker(workers, 9);
  checker.warmUp();
  assertEquals(workers.started, 4);
  const answer = checker.check(HASH, "a");
  workers.asked[0]?.answer(true);
  assertEquals([await answer, workers.started], [true, 4]);
  checker.close();
  assertEquals(workers.closed, 4);
});

capability("bcrypt - the queue has an end", {
  edge: ["auth/bcrypt"],
}, async () => {
  const checker = new PasswordChecker(new StagedWorkers(), 1);
  const answers: (boolean | Promise<boolean>)[] = [];
  for (let i = 0; i < 10_001; i++) answers.push(checker.check(HASH, "x"));
  assertEquals(checker.check(HASH, "x"), false);
  checker.close();
  const results = await Promise.all(answers.slice(1));
  assertEquals(results.includes(true), false);
});
