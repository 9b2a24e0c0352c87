/**
 * The CONNECT op: what a client says of itself.
 *
 * @module
 */

/** Fields of a client's CONNECT with the values that absent ones take. */
export interface ConnectOptions {
  echo: boolean;
  verbose: boolean;
  pedantic: boolean;
  tls_required: boolean;
  nkey: string;
  jwt: string;
  sig: string;
  auth_token: string;
  user: string;
  pass: string;
  name: string;
  lang: string;
  version: string;
  protocol: number;
  account: string;
  new_account: boolean;
  headers: boolean;
  no_responders: boolean;
  remote_account: string;
  proxy_sig: string;
}

/** What holds for a client that never sends a CONNECT. */
export function defaultConnectOptions(): ConnectOptions {
  return {
    echo: true,
    verbose: true,
    pedantic: true,
    tls_required: false,
    nkey: "",
    jwt: "",
    sig: "",
    auth_token: "",
    user: "",
    pass: "",
    name: "",
    lang: "",
    version: "",
    protocol: 0,
    account: "",
    new_account: false,
    headers: false,
    no_responders: false,
    remote_account: "",
    proxy_sig: "",
  };
}

/** A CONNECT whose JSON does not parse or has fields of a wrong type. */
export class ConnectError extends Error {
  override readonly name = "ConnectError";
}

/** Largest and smallest values of Go's `int` that a double tells apart. */
const isGoInt = Number.isSafeInteger;

/**
 * Reads the JSON of a CONNECT over the values of `previous`, as Go's decoder
 * does: unknown fields are ignored, names match without regard to case,
 * `null` keeps a value, any other type than the field's is an error.
 * @throws ConnectError
 */
export function parseConnect(
  json: Uint8Array,
  previous: ConnectOptions,
): ConnectOptions {
  const parsed = parseObject(json);
  const options: ConnectOptions = { ...previous };
  if (parsed === null) return options;
  const known = new Map(
    Object.entries(options).map(([key, value]) => [key, typeof value]),
  );
  for (const [written, value] of Object.entries(parsed)) {
    const key = known.has(written) ? written : written.toLowerCase();
    const type = known.get(key);
    if (type === undefined || value === null) continue;
    if (typeof value !== type || (type === "number" && !isGoInt(value))) {
      throw new ConnectError(
        `json: cannot unmarshal ${jsonKind(value)} into Go struct field ` +
          `ClientOpts.${key} of type ${GO_TYPE[type]}`,
      );
    }
    Object.assign(options, { [key]: value });
  }
  return options;
}

const GO_TYPE: Readonly<Record<string, string>> = {
  boolean: "bool",
  string: "string",
  number: "int",
};

function parseObject(json: Uint8Array): Record<string, unknown> | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder().decode(json));
  } catch (cause) {
    throw new ConnectError("invalid CONNECT: not JSON", { cause });
  }
  if (parsed === null) return null;
  if (typeof parsed !== "object" || Array.isArray(parsed)) {
    throw new ConnectError(
      `json: cannot unmarshal ${
        jsonKind(parsed)
      } into Go value of type server.ClientOpts`,
    );
  }
  return { ...parsed };
}

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") {
    return Number.isInteger(value) ? `number ${value}` : "number";
  }
  return typeof value;
}
