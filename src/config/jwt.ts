/**
 * Claims in the JWTs that a configuration holds: operators and accounts.
 *
 * @module
 */

import { createPublicKey, verify } from "node:crypto";
import { Buffer } from "node:buffer";
import { quote } from "./go_text.ts";
import { isPublicKey, type KeyKind, publicKeyBytes } from "./nkeys.ts";

/** DER in front of the 32 bytes of an Ed25519 public key. */
const PUBLIC_KEY_PREFIX = Uint8Array.from([
  48,
  42,
  48,
  5,
  6,
  3,
  43,
  101,
  112,
  3,
  33,
  0,
]);

/** A JWT that can't be used. The message is Go's. */
export class JwtError extends Error {
  override readonly name = "JwtError";
}

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A verified claim. */
export interface Claims {
  readonly kind: string;
  readonly issuer: string;
  readonly subject: string;
  readonly name: string;
  /** Seconds since the epoch; 0: never. */
  readonly expires: number;
  /** The part that is particular to the kind. */
  readonly nats: JsonObject;
}

/** Who may sign which claims. */
const SIGNERS: Readonly<Record<string, readonly KeyKind[]>> = {
  operator: ["operator"],
  account: ["account", "operator"],
  user: ["account"],
};

/**
 * Decodes a JWT and verifies its signature.
 * @throws JwtError
 */
export function decodeJwt(token: string): Claims {
  const [header = "", payload = "", signature = "", ...rest] = token.split(".");
  if (token.split(".").length !== 3 || rest.length > 0) {
    throw new JwtError("expected 3 chunks");
  }
  checkHeader(json(header));
  const claims = json(payload);
  const nats = isObject(claims.nats) ? claims.nats : {};
  const version = typeof nats.version === "number" ? nats.version : 1;
  const kind = text(version > 1 ? nats.type : claims.type);
  const issuer = text(claims.iss);
  const signed = version > 1 ? `${header}.${payload}` : payload;
  if (!isSigned(signed, signature, issuer)) {
    throw new JwtError(
      `claim failed V${version > 1 ? 2 : 1} signature verification`,
    );
  }
  const signers = SIGNERS[kind];
  if (
    signers !== undefined &&
    !signers.some((signer) => isPublicKey(issuer, signer))
  ) {
    throw new JwtError(
      `unable to validate expected prefixes - [${signers.join(" ")}]`,
    );
  }
  return {
    kind,
    issuer,
    subject: text(claims.sub),
    name: text(claims.name),
    expires: typeof claims.exp === "number" ? claims.exp : 0,
    nats,
  };
}

/** The JWT in a file that may decorate it with lines of dashes. */
export function undecorated(contents: string): string {
  const match =
    /-{3,}[^\n]*-{3,}\r?\n([\w\-.=]+)\r?\n-{3,}[^\n]*-{3,}(?:\r?\n|$)/.exec(
      contents,
    );
  return match?.[1] ?? contents;
}

function checkHeader(header: JsonObject): void {
  if (text(header.typ).toUpperCase() !== "JWT") {
    throw new JwtError(`not supported type ${quote(text(header.typ))}`);
  }
  const algorithm = text(header.alg);
  if (!/^ed25519(-nkey)?$/i.test(algorithm)) {
    throw new JwtError(`unexpected ${quote(algorithm)} algorithm`);
  }
}

function isSigned(signed: string, signature: string, issuer: string): boolean {
  const key = publicKeyBytes(issuer);
  if (key === undefined) return false;
  const der = Buffer.concat([PUBLIC_KEY_PREFIX, key]);
  const publicKey = createPublicKey({ key: der, format: "der", type: "spki" });
  return verify(
    null,
    Buffer.from(signed),
    publicKey,
    Buffer.from(signature, "base64url"),
  );
}

function json(chunk: string): JsonObject {
  try {
    const value: unknown = JSON.parse(
      Buffer.from(chunk, "base64url").toString(),
    );
    if (isObject(value)) return value;
  } catch {
    // Falls through to the error for whatever is no object.
  }
  throw new JwtError("invalid JSON in token");
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A JSON string, or an empty one. */
export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The strings of a JSON array. */
export function texts(value: unknown): string[] {
  return Array.isArray(value)
    ? value.filter((one) => typeof one === "string")
    : [];
}
