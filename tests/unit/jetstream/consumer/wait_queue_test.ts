import { assertEquals } from "@std/assert";
import {
  type RequestGroup,
  type WaitingRequest,
  WaitQueue,
  type Wish,
} from "../../../../src/jetstream/consumer/wait_queue.ts";
import { Destination } from "../../../../src/jetstream/consumer/destination.ts";
import { SeededRandom } from "../../../sim/ports/random.ts";
import { World } from "../../account/world.ts";

const { accounts } = new World("");
const inbox = new Destination(accounts.global, "in");

function wish(batch: number, priority: number | null): Wish {
  const group: RequestGroup | null = priority === null ? null : {
    group: "g",
    minPending: 0,
    minAckPending: 0,
    priority,
    pin: "",
  };
  return {
    inbox,
    target: inbox,
    batch,
    bytes: 0,
    expires: Infinity,
    heartbeat: 0,
    noWait: false,
    received: 0,
    group,
  };
}

function listed(queue: WaitQueue): WaitingRequest[] {
  const list: WaitingRequest[] = [];
  for (let each = queue.first; each !== null; each = queue.after(each)) {
    list.push(each);
  }
  return list;
}

for (const byPriority of [false, true]) {
  Deno.test(`requests wait like in a plain list, by priority: ${byPriority}`, () => {
    for (let seed = 1n; seed <= 50n; seed++) {
      const random = new SeededRandom(seed);
      const queue = new WaitQueue(20, byPriority);
      let model: WaitingRequest[] = [];
      const rank = (each: WaitingRequest) => each.group?.priority ?? Infinity;
      const insert = (each: WaitingRequest) => {
        const at = byPriority
          ? model.findLastIndex((other) => rank(other) <= rank(each)) + 1
          : model.length;
        model = model.toSpliced(at, 0, each);
      };
      for (let step = 0; step < 200; step++) {
        const [first] = model;
        switch (random.below(4)) {
          case 0:
          case 1: {
            if (queue.isFull) break;
            const priority = random.below(4);
            insert(queue.add(wish(
              1 + random.below(3),
              priority === 3 ? null : priority,
            )));
            break;
          }
          case 2: {
            if (first === undefined) break;
            const done = queue.serve(first);
            model = model.slice(1);
            if (!done) {
              if (model.length > 0) insert(first);
              else model = [first];
            }
            break;
          }
          case 3: {
            const chosen = model[random.below(Math.max(1, model.length))];
            if (chosen === undefined) break;
            queue.remove(chosen);
            model = model.filter((each) => each !== chosen);
            break;
          }
        }
        assertEquals(queue.size, model.length);
        const same = listed(queue).every((each, i) => each === model[i]);
        assertEquals(same, true, `seed ${seed} step ${step}`);
        assertEquals(queue.isFull, model.length === 20);
      }
    }
  });
}
