import { answerRequests } from "../../../src/runtime/mod.ts";

/** Answers numbers with their double, and breaks on anything else. */
answerRequests((value: unknown) => {
  if (typeof value !== "number") throw new TypeError("not a number");
  return value * 2;
});
