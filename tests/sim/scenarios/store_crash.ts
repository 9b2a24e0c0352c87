/**
 * Streams in files under random changes, killed processes and lost power, also
 * in the middle of any operation of the disk: what was promised is there
 * unharmed, what was removed stays away, and consumers have not got further
 * than they had said.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import {
  type ConsumerState,
  type EncryptionSettings,
  FileAccountStores,
  type StreamStore,
  type StreamStoreOptions,
} from "../../../src/store/mod.ts";
import { History, randomLimits } from "../../unit/store/history.ts";
import { ModelStore } from "../../unit/store/model.ts";
import { loaded, storeOptions } from "../../unit/store/support.ts";
import type { SimHost } from "../host.ts";
import { StoreLedger } from "../nats/store_ledger.ts";
import { CountdownDisk } from "../ports/countdown_disk.ts";
import type { Scenario } from "../scenario.ts";
import type { Simulation } from "../simulation.ts";

const LIVES = 6;
const STEPS = 40;

/** Acknowledgements wait for the disk: nothing promised may be lost. */
export const storeCrash: Scenario = {
  name: "store-crash",
  claims: {
    positive: ["stores/fsync"],
    edge: ["stores/deletes", "stores/purge", "stores/state-index"],
  },
  run: (simulation) => new StoreCrash(simulation, true).run(),
};

/** They do not, but what the operating system was given survives a kill. */
export const storeKill: Scenario = {
  name: "store-kill",
  claims: {
    edge: ["stores/write-path", "stores/compaction", "stores/truncate"],
  },
  run: (simulation) => new StoreCrash(simulation, false).run(),
};

/** One stream through several lives of its server. */
class StoreCrash {
  readonly #simulation: Simulation;
  readonly #host: SimHost;
  readonly #syncs: boolean;
  readonly #options: StreamStoreOptions;
  readonly #model: ModelStore;
  readonly #ledger: StoreLedger;
  readonly #blockSize: number;
  readonly #encryption: EncryptionSettings | null;
  readonly #warnings: string[] = [];
  #disk: CountdownDisk;
  /** All that consumers have said of themselves. */
  readonly #states: ConsumerState[] = [];
  #state: ConsumerState = stateAt(0);

  constructor(simulation: Simulation, syncs: boolean) {
    this.#simulation = simulation;
    this.#syncs = syncs;
    this.#host = simulation.host("server");
    const { random } = simulation;
    this.#blockSize = random.pick([200, 700, 2500, 20_000]);
    const cipher = random.pick(["aes", "chacha"] as const);
    this.#encryption = random.chance(0.15)
      ? { account: "A", secret: "s3cret", previousSecret: "", cipher }
      : null;
    const limits = {
      ...randomLimits(random),
      compression: random.pick(["none", "s2"] as const),
    };
    this.#options = { ...storeOptions(limits), storage: "file" };
    this.#model = new ModelStore(
      limits,
      ({ subject, header, payload }) =>
        30 + subject.length + payload.length +
        (header === "" ? 0 : 4 + header.length),
    );
    this.#ledger = new StoreLedger(this.#model);
    this.#disk = new CountdownDisk(this.#host.runtime.disk);
  }

  async run(): Promise<void> {
    for (let life = 0; life < LIVES; life++) {
      const store = this.#open();
      this.#ledger.check(store);
      this.#ledger.adopt(store);
      // What was found need not be durable yet.
      await this.#commit(store);
      await this.#live(store);
      this.#end(store);
    }
    const store = this.#open();
    this.#ledger.check(store);
    store.stop();
  }

  #open(): StreamStore {
    this.#disk = new CountdownDisk(this.#host.runtime.disk);
    const { clock, timers, random } = this.#host.runtime;
    return new FileAccountStores({
      disk: this.#disk,
      clock,
      timers,
      random,
      turns: { next: () => timers.sleep(1) },
      directory: "/store/A",
      syncInterval: 3000,
      syncAlways: this.#syncs,
      blockSize: this.#blockSize,
      digestFrom: 0,
      encryption: this.#encryption,
      warn: (text) => this.#warnings.push(text),
    }).open({ ...this.#options, limits: this.#model.limits });
  }

  async #live(store: StreamStore): Promise<void> {
    const { random } = this.#simulation;
    const history = new History(store, this.#model, random);
    const consumer = store.consumer("C", () => this.#state);
    this.#checkConsumer(loaded(consumer));
    if (random.chance(0.5)) this.#disk.stopAfter(random.below(200));
    try {
      for (let step = random.below(STEPS); step > 0; step--) {
        this.#ledger.beforeStep();
        try {
          history.step();
        } finally {
          this.#ledger.afterStep(history.removes, history.appended);
        }
        if (random.chance(0.2)) {
          this.#consume();
          consumer.changed();
        }
        if (random.chance(0.5)) await this.#commit(store);
        if (random.chance(0.1)) {
          // Sometimes so long that the index is written.
          const longest = random.chance(0.2) ? 200_000 : 5000;
          await this.#simulation.sleep(random.below(longest));
        }
      }
      if (random.chance(0.5)) history.compare();
    } catch (error) {
      if (!this.#disk.isDead) throw error;
    }
  }

  /** What is a batch for the server: its acknowledgements leave after this. */
  async #commit(store: StreamStore): Promise<void> {
    store.flush();
    const snapshot = this.#ledger.snapshot();
    await store.settled();
    this.#ledger.promise(snapshot);
  }

  #consume(): void {
    const { ackFloor } = this.#state;
    this.#state = stateAt(ackFloor.consumer + this.#simulation.random.below(3));
    this.#states.push(this.#state);
  }

  #checkConsumer(loaded: ConsumerState | null): void {
    if (loaded !== null) {
      const known = this.#states.some((each) =>
        each.ackFloor.consumer === loaded.ackFloor.consumer &&
        each.pending.size === loaded.pending.size
      );
      assert(known, "a consumer has got where it never was");
      assertEquals(loaded, stateAt(loaded.ackFloor.consumer));
    }
    this.#state = loaded ?? stateAt(0);
    this.#states.push(this.#state);
  }

  #end(store: StreamStore): void {
    const { random } = this.#simulation;
    if (!this.#disk.isDead && random.chance(0.2)) {
      store.stop();
      if (!this.#disk.isDead) {
        this.#ledger.promise(this.#ledger.snapshot());
      }
      this.#host.kill();
    } else if (this.#syncs && random.chance(0.7)) this.#host.crash();
    else this.#host.kill();
    this.#host.restart();
  }
}

/** A state that can be told from its floor: twenty times as many wait. */
function stateAt(floor: number): ConsumerState {
  const pending = new Map(
    Array.from(
      { length: (floor % 7) * 20 },
      (_, i) => [floor + i + 1, { sequence: floor + i + 1, time: 0n }],
    ),
  );
  return {
    ackFloor: { consumer: floor, stream: floor },
    delivered: { consumer: floor + 200, stream: floor + 200 },
    pending,
    redelivered: new Map(),
  };
}
