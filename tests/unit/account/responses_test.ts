import { assertEquals, assertFalse } from "@std/assert";
import { Account } from "../../../src/account/mod.ts";
import {
  AwaitedReplies,
  PendingResponse,
  PendingResponses,
} from "../../../src/account/responses.ts";
import { ServiceExport } from "../../../src/account/exports.ts";
import { SeededRandom } from "../../sim/ports/random.ts";
import { capability } from "../../tools/capability.ts";

const provider = new Account("A", { cache: true, seed: 1 });
const requestor = new Account("B", { cache: true, seed: 2 });

function service(subject: string, responseThreshold: number): ServiceExport {
  return new ServiceExport(provider, subject, {
    kind: "service",
    subject,
    accounts: [],
    accountTokenPosition: 0,
    responseType: "stream",
    responseThreshold,
    latency: undefined,
    allowTrace: false,
  });
}

const quick = service("quick", 10);
const slow = service("slow", 100);

function response(
  subject: string,
  of: ServiceExport,
  now: number,
  reply = "inbox",
): PendingResponse {
  return new PendingResponse({
    account: provider,
    subject,
    reply,
    requestor,
    service: of,
    share: false,
    measurement: null,
  }, now);
}

capability(
  "PendingResponses - knows which responses are overdue, service by service",
  { positive: ["accounts/response-threshold"] },
  () => {
    const pending = new PendingResponses();
    const [a, b, c] = [
      response("a", quick, 0),
      response("b", slow, 2),
      response("c", quick, 4),
    ];
    for (const one of [a, b, c]) pending.add(one);
    assertEquals(pending.deadline(quick), 10);
    assertEquals(pending.deadline(slow), 102);
    assertEquals(pending.overdue(quick, 9.9), []);
    assertEquals(pending.overdue(quick, 10), [a]);
    assertEquals(pending.overdue(quick, 14), [a, c]);
    assertEquals(pending.overdue(slow, 14), []);
    pending.delete(a);
    assertEquals(pending.deadline(quick), 14);
    pending.delete(c);
    assertEquals(pending.deadline(quick), null);
  },
);

capability(
  "PendingResponses - activity begins the wait anew",
  { edge: ["accounts/response-threshold", "accounts/response-types"] },
  () => {
    const pending = new PendingResponses();
    const [a, b] = [response("a", quick, 0), response("b", quick, 1)];
    pending.add(a);
    pending.add(b);
    pending.touch(a, 8);
    assertEquals(pending.overdue(quick, 11), [b]);
    assertEquals(pending.overdue(quick, 18), [b, a]);
    pending.delete(a);
    pending.touch(a, 20);
    assertEquals(pending.get("a"), undefined, "what is settled stays settled");
    assertFalse(pending.delete(a));
    assertEquals(pending.size, 1);
  },
);

capability(
  "PendingResponses - equals a plain list under random use",
  { edge: ["accounts/response-threshold"] },
  () => {
    const random = new SeededRandom(21n);
    const pending = new PendingResponses();
    const list: PendingResponse[] = [];
    for (let now = 0; now < 3000; now++) {
      const one = list[random.below(Math.max(1, list.length))];
      const action = random.below(4);
      if (action < 2 || one === undefined) {
        const added = response(`s${now}`, action === 0 ? quick : slow, now);
        pending.add(added);
        list.push(added);
      } else if (action === 2) {
        pending.touch(one, now);
      } else {
        pending.delete(one);
        list.splice(list.indexOf(one), 1);
      }
      for (const each of [quick, slow]) {
        const late = list.filter(({ service, active }) =>
          service === each && active + each.responseThreshold <= now
        );
        assertEquals(new Set(pending.overdue(each, now)), new Set(late));
        for (const settled of late) {
          pending.delete(settled);
          list.splice(list.indexOf(settled), 1);
        }
      }
      assertEquals(pending.size, list.length);
    }
  },
);

capability(
  "AwaitedReplies - holds several responses to one reply subject",
  {
    positive: ["accounts/reverse-map-cleanup"],
    edge: ["accounts/reverse-map-cleanup"],
  },
  () => {
    const awaited = new AwaitedReplies();
    const [a, b, c] = [
      response("a", quick, 0, "in.1"),
      response("b", quick, 0, "in.1"),
      response("c", quick, 0, "in.2"),
    ];
    for (const one of [a, b, c]) awaited.add(one);
    assertEquals(awaited.of("in.1"), [a, b]);
    const nobody = () => false;
    assertEquals(awaited.orphaned(["in.1"], nobody), ["in.1"]);
    assertEquals(awaited.orphaned(["in.*"], nobody), ["in.1", "in.2"]);
    assertEquals(awaited.orphaned([">", "x"], nobody), ["in.1", "in.2"]);
    assertEquals(awaited.orphaned(["in.3", "*"], nobody), []);
    const second = (reply: string) => reply === "in.2";
    assertEquals(awaited.orphaned(["in.2", "in.*"], second), ["in.1"]);
    assertEquals(awaited.orphaned(["in.2"], second), []);
    awaited.delete(a);
    assertEquals(awaited.of("in.1"), [b]);
    awaited.delete(b);
    awaited.delete(b);
    assertEquals(awaited.orphaned(["in.*"], nobody), ["in.2"]);
    assertEquals(awaited.size, 1);
  },
);
