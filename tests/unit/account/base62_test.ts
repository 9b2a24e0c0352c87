import { assert, assertEquals } from "@std/assert";
import { Base62, nodeName } from "../../../src/account/base62.ts";
import { SeededRandom } from "../../sim/ports/random.ts";
import { capability } from "../../tools/capability.ts";

capability(
  "Base62 - draws all digits and letters equally often",
  { edge: ["accounts/reply-rewrite"] },
  () => {
    const letters = new Base62(new SeededRandom(9n));
    const counts = new Map<string, number>();
    for (const letter of letters.draw(62_000)) {
      counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
    assertEquals(counts.size, 62);
    const times = [...counts.values()];
    assert(Math.min(...times) > 850 && Math.max(...times) < 1150);
    assertEquals(letters.draw(0), "");
    assertEquals(letters.draw(6).length, 6);
  },
);

capability(
  "nodeName - hashes names as the Go server does",
  { positive: ["accounts/reply-rewrite"] },
  () => {
    assertEquals(nodeName("S1"), "sQnRv29R");
    assertEquals(nodeName("my-server"), "oqFMcm9P");
  },
);
