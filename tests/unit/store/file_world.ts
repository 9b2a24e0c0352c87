/**
 * One stream in files on a simulated disk, for tests of particular events.
 *
 * @module
 */

import {
  type EncryptionSettings,
  FileAccountStores,
  type StoreLimits,
  type StreamStore,
} from "../../../src/store/mod.ts";
import type { SimHost } from "../../sim/host.ts";
import { CALM, type DiskOptions } from "../../sim/options.ts";
import { CountdownDisk } from "../../sim/ports/countdown_disk.ts";
import { Simulation } from "../../sim/simulation.ts";
import { storeOptions } from "./support.ts";

const ROOT = "/store/A";

/** How the stream is kept. */
export interface WorldSettings {
  readonly limits?: Partial<StoreLimits>;
  readonly blockSize?: number;
  readonly digestFrom?: number;
  readonly syncAlways?: boolean;
  readonly encryption?: EncryptionSettings;
  readonly disk?: Partial<DiskOptions>;
}

/** A simulated machine, and what was said about its stores. */
export class FileWorld {
  readonly simulation: Simulation;
  readonly host: SimHost;
  readonly warnings: string[] = [];
  readonly messages = `${ROOT}/streams/S/msgs`;
  readonly disk: CountdownDisk;
  settings: WorldSettings;

  constructor(settings: WorldSettings = {}) {
    this.settings = settings;
    const disk = { ...CALM.disk, ...settings.disk };
    this.simulation = new Simulation(1, { ...CALM, disk });
    this.host = this.simulation.host("server");
    this.disk = new CountdownDisk(this.host.runtime.disk);
  }

  stores(): FileAccountStores {
    const { clock, timers, random } = this.host.runtime;
    const { blockSize, digestFrom, syncAlways, encryption } = this.settings;
    return new FileAccountStores({
      disk: this.disk,
      clock,
      timers,
      random,
      turns: { next: () => timers.sleep(1) },
      directory: ROOT,
      syncInterval: 60_000,
      syncAlways: syncAlways ?? false,
      encryption: encryption ?? null,
      ...blockSize === undefined ? {} : { blockSize },
      ...digestFrom === undefined ? {} : { digestFrom },
      warn: (text) => this.warnings.push(text),
    });
  }

  open(): StreamStore {
    return this.stores().open({
      ...storeOptions(this.settings.limits),
      storage: "file",
    });
  }

  /** The bytes of a file of messages, as text. */
  text(name: string): string {
    const bytes = this.host.disk.readFile(`${this.messages}/${name}`);
    return new TextDecoder("latin1").decode(bytes);
  }

  names(): string[] {
    return this.host.disk.list(this.messages);
  }

  /** Lets virtual time pass. */
  pass(millis: number): Promise<void> {
    return this.simulation.runFor(millis);
  }
}
