import { createAccount, createOperator } from "@nats-io/nkeys";
import { assertEquals, assertThrows } from "@std/assert";
import { emptyOptions } from "../../../src/config/mod.ts";
import { checkedOptions } from "../../../src/server/checked_options.ts";
import { StartError } from "../../../src/server/start_error.ts";
import { capability } from "../../tools/capability.ts";

const row = "auth/trusted-keys-stamped";
const KEYS = [createOperator(), createOperator()].map((key) =>
  key.getPublicKey()
);

capability("stamped keys - are trusted", {
  positive: [row],
}, () => {
  for (const stamped of [KEYS.join(" "), `\t${KEYS.join("\n")} `]) {
    const { trustedKeys } = checkedOptions(emptyOptions(), stamped);
    assertEquals(trustedKeys, KEYS);
  }
  assertEquals(checkedOptions(emptyOptions()).trustedKeys, []);
});

capability(
  "stamped keys - can't be replaced, and have to be keys of operators",
  {
    edge: [row],
  },
  () => {
    const [stamped = "", other = ""] = KEYS;
    const configured = { ...emptyOptions(), trustedKeys: [other] };
    assertEquals(checkedOptions(configured).trustedKeys, [other]);
    const refused = [
      [configured, stamped],
      [emptyOptions(), " "],
      [emptyOptions(), "keys"],
      [emptyOptions(), `${stamped} ${createAccount().getPublicKey()}`],
    ] as const;
    for (const [options, keys] of refused) {
      assertThrows(
        () => checkedOptions(options, keys),
        StartError,
        "Error processing trusted operator keys",
      );
    }
  },
);
