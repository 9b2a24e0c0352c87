/**
 * `PROFILEZ`: profiles for those who ask through the system account.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { formatDuration } from "../../config/mod.ts";
import { quoteText } from "../../log/mod.ts";
import type { MonitoredServer } from "../monitored_server.ts";
import { encodeProfile, type Profile } from "./pprof.ts";
import { ProfileError, type Profiles } from "./profiles.ts";

const NANOS = 1_000_000;
/** Milliseconds. */
const LONGEST = 15_000;
const ALLOCATIONS = 1000;

/** What is asked for. */
export interface ProfilezOptions {
  readonly name: string;
  /** Other than 0 asks for text. */
  readonly debug: number;
  /** Nanoseconds. */
  readonly duration: number;
}

/** A profile in Base64, or why there is none. */
export interface Profilez {
  readonly profile: string | null;
  readonly error: string;
}

/** Takes a profile, which may last. */
export async function profilez(
  { profiles }: MonitoredServer,
  options: ProfilezOptions,
): Promise<Profilez> {
  const error = fault(options);
  if (error !== undefined) return { profile: null, error };
  try {
    const taken = encodeProfile(await take(profiles, options));
    return { profile: Buffer.from(taken).toString("base64"), error: "" };
  } catch (error) {
    if (!(error instanceof ProfileError)) throw error;
    const reason = options.name === "cpu"
      ? `Failed to start CPU profile: ${error.message}`
      : `Profile ${quoteText(options.name)} error: ${error.message}`;
    return { profile: null, error: reason };
  }
}

const NAMES = new Set(["cpu", "heap", "allocs", "eventloop"]);

/** What is wrong with a request. */
function fault({ name, debug, duration }: ProfilezOptions): string | undefined {
  const lasting = duration / NANOS;
  if (name === "") return "Profile name not specified";
  if (!NAMES.has(name)) return `Profile ${quoteText(name)} not found`;
  if (name === "cpu" && (lasting <= 0 || lasting > LONGEST)) {
    return `Duration ${formatDuration(lasting)} should be between 0s and 15s`;
  }
  if (name !== "cpu" && debug !== 0) {
    return `Profile ${quoteText(name)} error: served as protobuf only`;
  }
  return undefined;
}

function take(
  profiles: Profiles,
  { name, duration }: ProfilezOptions,
): Profile | Promise<Profile> {
  switch (name) {
    case "cpu":
      return profiles.cpu(duration / NANOS);
    case "heap":
      return profiles.heap();
    case "allocs": {
      const lasting = Math.min(duration / NANOS, LONGEST);
      return profiles.allocations(lasting > 0 ? lasting : ALLOCATIONS);
    }
    default:
      return profiles.eventLoop();
  }
}
