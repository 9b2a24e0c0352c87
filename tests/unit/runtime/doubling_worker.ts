/** Answers numbers with their double, and breaks on anything else. */
self.addEventListener("message", (event: Event) => {
  const data: unknown = event instanceof MessageEvent ? event.data : undefined;
  if (typeof data !== "number") throw new TypeError("not a number");
  Reflect.get(self, "postMessage")(data * 2);
});
