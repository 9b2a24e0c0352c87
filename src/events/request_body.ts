/**
 * The JSON of requests, read as strictly as Go's decoder does.
 *
 * @module
 */

/** What a field must be; the words are Go's. */
export type FieldType =
  | "bool"
  | "int"
  | "uint64"
  | "time.Duration"
  | "string"
  | "[]string"
  | "[]uint8";

/** The options of a request. */
export interface RequestShape {
  /** Go's name of the whole, for errors. */
  readonly name: string;
  /** Go's name of the part with the fields of the request itself. */
  readonly part: string;
  readonly fields: Readonly<Record<string, FieldType>>;
}

/** A body that can't be understood; the message is for the asker. */
export class RequestError extends Error {
  override readonly name = "RequestError";
}

/** Fields by which a request picks servers; all requests have them. */
const FILTER_FIELDS: Readonly<Record<string, FieldType>> = {
  server_name: "string",
  cluster: "string",
  host: "string",
  exact_match: "bool",
  tags: "[]string",
  domain: "string",
};

const BASE64 =
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The fields of a request; those that are absent have their zero value. */
export class RequestBody {
  readonly #values: ReadonlyMap<string, unknown>;

  private constructor(values: ReadonlyMap<string, unknown>) {
    this.#values = values;
  }

  /** @param body empty: no field is set. @throws RequestError */
  static read(body: Uint8Array, shape: RequestShape): RequestBody {
    if (body.length === 0) return new RequestBody(new Map());
    const value = parse(new TextDecoder().decode(body));
    if (value === null) return new RequestBody(new Map());
    if (typeof value !== "object" || Array.isArray(value)) {
      throw new RequestError(
        `json: cannot unmarshal ${
          kindOf(value)
        } into Go value of type server.${shape.name}`,
      );
    }
    const values = new Map<string, unknown>();
    for (const [name, field] of Object.entries(value)) {
      const known = name.toLowerCase();
      const own = shape.fields[known];
      const type = own ?? FILTER_FIELDS[known];
      if (type === undefined || field === null) continue;
      const part = own === undefined ? "EventFilterOptions" : shape.part;
      check(field, type, `${shape.name}.${part}.${known}`);
      values.set(known, field);
    }
    return new RequestBody(values);
  }

  text(name: string): string {
    const value = this.#values.get(name);
    return typeof value === "string" ? value : "";
  }

  flag(name: string): boolean {
    return this.#values.get(name) === true;
  }

  count(name: string): number {
    const value = this.#values.get(name);
    return typeof value === "number" ? value : 0;
  }

  /** What base64 stands for, as a byte string; undefined when it is absent. */
  bytes(name: string): string | undefined {
    const value = this.#values.get(name);
    return typeof value === "string" ? atob(value) : undefined;
  }

  list(name: string): string[] {
    const value = this.#values.get(name);
    return Array.isArray(value) ? value.map(String) : [];
  }
}

function check(value: unknown, type: FieldType, field: string): void {
  if (fits(value, type)) return;
  const shown = typeof value === "number" && type !== "bool" &&
      type !== "string" && type !== "[]string"
    ? `number ${value}`
    : kindOf(value);
  throw new RequestError(
    `json: cannot unmarshal ${shown} into Go struct field ${field} of type ${type}`,
  );
}

function fits(value: unknown, type: FieldType): boolean {
  switch (type) {
    case "bool":
      return typeof value === "boolean";
    case "string":
      return typeof value === "string";
    case "int":
    case "time.Duration":
      return Number.isInteger(value);
    case "uint64":
      return Number.isInteger(value) && Number(value) >= 0;
    case "[]uint8":
      return typeof value === "string" && BASE64.test(value);
    case "[]string":
      return Array.isArray(value) &&
        value.every((element) => typeof element === "string");
  }
}

function kindOf(value: unknown): string {
  if (typeof value === "boolean") return "bool";
  return Array.isArray(value) ? "array" : typeof value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RequestError(syntaxError(text, String(error)));
  }
}

/** Go's words for what is wrong with a JSON text, as far as they are alike. */
function syntaxError(text: string, report: string): string {
  const place = /at position (\d+)/.exec(report)?.[1];
  const start = text.search(/\S/);
  const at = place === undefined ? start : Number(place);
  const char = [...text.slice(Math.max(0, at))][0];
  if (/end of JSON|Unterminated/.test(report) || char === undefined) {
    return "unexpected end of JSON input";
  }
  return `invalid character '${char}' looking for beginning of value`;
}
