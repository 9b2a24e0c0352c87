/** Consumers that are found with their stream. */

import { finish } from "../../../src/connection/mod.ts";
import { assertEquals } from "@std/assert";
import type {
  ConsumerState,
  StoredConsumer,
  StreamStore,
} from "../../../src/store/mod.ts";
import { FileWorld } from "./file_world.ts";
import { storedConsumers } from "./support.ts";

const NAMES = Array.from({ length: 20 }, (_, i) => `C${10 + i}`);
const NOWHERE: ConsumerState = {
  delivered: { consumer: 0, stream: 0 },
  ackFloor: { consumer: 0, stream: 0 },
  pending: new Map(),
  redelivered: new Map(),
};

function crowded(): { world: FileWorld; store: StreamStore } {
  const world = new FileWorld();
  const store = world.open();
  store.writeMeta('{"name":"S"}');
  for (const name of NAMES) {
    store.consumer(name, () => NOWHERE).writeMeta(`{"name":"${name}"}`);
  }
  return { world, store };
}

Deno.test("stored consumers - no step reads more than one of them", () => {
  const { world, store } = crowded();
  store.stop();
  const [stream] = finish(world.stores().recovering()).streams;
  for (const each of [world.open(), stream]) {
    const found: StoredConsumer[] = [];
    const work = each?.findingConsumers((one) => found.push(one));
    for (let steps = 1; work?.next().done === false; steps++) {
      assertEquals(found.length < steps, true, `${found.length} in ${steps}`);
    }
    assertEquals(found.map(({ name }) => name), NAMES);
  }
});

Deno.test("stored consumers - one that can't be read is passed over, and told of", () => {
  const { world, store } = crowded();
  world.host.disk.remove("/store/A/streams/S/obs/C15/meta.inf");
  assertEquals(
    storedConsumers(store).map(({ name }) => name),
    NAMES.filter((name) => name !== "C15"),
  );
  assertEquals(world.warnings.length, 1);
});

Deno.test("stored consumers - a search that is given up leaves everything as it was", () => {
  const { world, store } = crowded();
  const found: StoredConsumer[] = [];
  const work = store.findingConsumers((one) => found.push(one));
  for (let i = 0; i < 5; i++) work.next();
  work.return();
  assertEquals(found.map(({ name }) => name), NAMES.slice(0, 4));
  assertEquals(storedConsumers(store).length, NAMES.length);
  assertEquals(world.warnings, []);
});

Deno.test("stored consumers - what was looked at ahead is told once, and forgotten", async () => {
  const { world, store } = crowded();
  store.stop();
  const stores = world.stores();
  const forget = await world.simulation.run(() => stores.lookAhead());
  const [stream] = finish(stores.recovering()).streams;
  const directory = "/store/A/streams/S/obs";
  const list = world.disk.list.bind(world.disk);
  let listed = 0;
  world.disk.list = (path) => {
    if (path === directory) listed++;
    return list(path);
  };
  const namesOf = () => {
    const found: string[] = [];
    const visit = ({ name }: StoredConsumer) => void found.push(name);
    for (const _ of stream?.findingConsumers(visit) ?? []);
    return found;
  };
  assertEquals([namesOf(), listed], [NAMES, 0]);
  world.host.disk.remove(`${directory}/C15`, { recursive: true });
  assertEquals([namesOf().length, listed], [NAMES.length - 1, 1]);
  const again = await world.simulation.run(() => stores.lookAhead());
  world.host.disk.remove(`${directory}/C16`, { recursive: true });
  again();
  assertEquals([namesOf().length, listed], [NAMES.length - 2, 2]);
  forget();
});

Deno.test("stored consumers - there may be nothing to look at ahead", async () => {
  const world = new FileWorld();
  const forget = await world.simulation.run(() => world.stores().lookAhead());
  forget();
  assertEquals(finish(world.stores().recovering()).streams, []);
});
