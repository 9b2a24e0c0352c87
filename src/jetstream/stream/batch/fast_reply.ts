/**
 * Reply subjects of fast batches, which carry what a publisher has to say:
 * `<prefix>.<batch>.<flow>.<gap mode>.<sequence>.<operation>.$FI`.
 *
 * @module
 */

import { subjectFromText, subjectToText } from "../../../subject/mod.ts";
import { parseUnsigned } from "../sequence_text.ts";

const SUFFIX = ".$FI";
const DEFAULT_FLOW = 10;
const FLOW_MAX = 65_535;

const OPERATIONS = ["start", "append", "commit", "end", "ping"] as const;

/** What a message of a fast batch is about. */
export interface FastReply {
  /** Byte string. */
  readonly batch: string;
  /** Messages between acknowledgements, at most. */
  readonly flow: number;
  /** Whether the batch goes on when messages are missing. */
  readonly gapsAllowed: boolean;
  readonly sequence: number;
  /** `end` commits what came before; the message itself is not stored. */
  readonly operation: typeof OPERATIONS[number];
}

/** Whether the reply subject `bytes[start, end)` is one of a fast batch. */
export function isFastReply(
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  return end - start > SUFFIX.length && bytes[end - 1] === 0x49 &&
    bytes[end - 2] === 0x46 && bytes[end - 3] === 0x24 &&
    bytes[end - 4] === 0x2e;
}

/**
 * The reply subject that a publisher in another account gave; empty when it is
 * none of a fast batch.
 * @param info what the import tells of the publisher, JSON
 */
export function importedFastReply(info: string): string {
  let told: unknown;
  try {
    told = JSON.parse(subjectToText(info));
  } catch {
    return "";
  }
  if (typeof told !== "object" || told === null || !("reply" in told)) {
    return "";
  }
  const { reply } = told;
  return typeof reply === "string" && reply.endsWith(SUFFIX)
    ? subjectFromText(reply)
    : "";
}

/** Null when the subject, which ends as it should, is malformed. */
export function parseFastReply(reply: string): FastReply | null {
  const tokens = reply.slice(0, -SUFFIX.length).split(".");
  const [batch, flow, gaps, number, code] = tokens.slice(-5);
  if (tokens.length < 6 || batch === undefined || code === undefined) {
    return null;
  }
  const operation = /^[0-9]+$/.test(code)
    ? OPERATIONS[Number(code)]
    : undefined;
  const sequence = parseUnsigned(number ?? "") ?? 0;
  if (operation === undefined || sequence === 0) return null;
  if (gaps !== "ok" && gaps !== "fail") return null;
  const first = sequence === 1;
  if (operation === "start" ? !first : operation === "append" && first) {
    return null;
  }
  if (operation === "end" && first) return null;
  return {
    batch,
    flow: parseFlow(flow ?? ""),
    gapsAllowed: gaps === "ok",
    sequence,
    operation,
  };
}

function parseFlow(text: string): number {
  const flow = /^[0-9]+$/.test(text) ? Number(text) : 0;
  return flow <= 0 ? DEFAULT_FLOW : Math.min(flow, FLOW_MAX);
}
