/**
 * What the log says when JetStream starts.
 *
 * @module
 */

import type { Options } from "../config/mod.ts";
import type { Logger } from "../log/mod.ts";
import { friendlyBytes, type Settings } from "./settings.ts";
import { API_LEVEL } from "./versioning.ts";

const BANNER = [
  "    _ ___ _____ ___ _____ ___ ___   _   __  __",
  " _ | | __|_   _/ __|_   _| _ \\ __| /_\\ |  \\/  |",
  "| || | _|  | | \\__ \\ | | |   / _| / _ \\| |\\/| |",
  " \\__/|___| |_| |___/ |_| |_|_\\___/_/ \\_\\_|  |_|",
  "",
  "         https://docs.nats.io/jetstream",
  "",
];

/** Ciphers as the log names them. */
export const CIPHERS = { chacha: "ChaCha20-Poly1305", aes: "AES-GCM" };

export function logStart(
  logger: Logger,
  { jetstream }: Options,
  settings: Settings,
): void {
  const { maxMemory, maxStore, storeDirectory, isTemporary } = settings;
  if (isTemporary) {
    logger.warn(
      "Temporary storage directory used, data could be lost on system reboot",
    );
  }
  for (const line of BANNER) logger.notice(line);
  logger.notice("---------------- JETSTREAM ----------------");
  if (jetstream.strict) logger.notice("  Strict:          true");
  logger.notice(`  Max Memory:      ${friendlyBytes(maxMemory)}`);
  logger.notice(`  Max Storage:     ${friendlyBytes(maxStore)}`);
  logger.notice(`  Store Directory: "${storeDirectory}"`);
  if (jetstream.domain !== "") {
    logger.notice(`  Domain:          ${jetstream.domain}`);
  }
  if (jetstream.key !== "") {
    logger.notice(
      `  Encryption:      ${CIPHERS[jetstream.cipher ?? "chacha"]}`,
    );
  }
  logger.notice(`  API Level:       ${API_LEVEL}`);
  logger.notice("-------------------------------------------");
}
