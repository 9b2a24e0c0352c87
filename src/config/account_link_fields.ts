/**
 * Reading exports and imports of an account.
 *
 * Entries of an item are read in the order in which they stand; some errors
 * depend on what stands first.
 *
 * @module
 */

import {
  attempt,
  durationOf,
  type Field,
  isList,
  isMap,
  readBlock,
  schema,
  string,
  strings,
} from "./field.ts";
import { quote, quoteValue } from "./go_text.ts";
import type {
  LatencyOptions,
  ResponseType,
  ServiceExport,
  ServiceImport,
  StreamExport,
  StreamImport,
} from "./options_accounts.ts";
import { FieldError } from "./report.ts";
import type { ConfigNode } from "./value.ts";

/** Percent of requests whose latency is reported, unless configured. */
const DEFAULT_SAMPLING = 100;

interface ExportDraft {
  stream: string | undefined;
  service: string | undefined;
  accounts: string[];
  accountTokenPosition: number;
  responseType: ResponseType;
  responseTypeAt: ConfigNode | undefined;
  threshold: number;
  thresholdAt: ConfigNode | undefined;
  latency: LatencyOptions | undefined;
  latencyAt: ConfigNode | undefined;
  allowTrace: boolean;
  allowTraceAt: ConfigNode | undefined;
}

const RESPONSE_TYPES: ReadonlyMap<string, ResponseType> = new Map([
  ["single", "singleton"],
  ["singleton", "singleton"],
  ["stream", "stream"],
  ["chunk", "chunked"],
  ["chunked", "chunked"],
]);

const EXPORT = schema<ExportDraft>({
  stream: (field, draft) => {
    if (draft.service !== undefined) {
      field.fail(
        `Detected stream ${quoteValue(field.value)} but already saw a service`,
      );
    }
    const serviceOnly: [ConfigNode | undefined, string][] = [
      [draft.responseTypeAt, "response"],
      [draft.latencyAt, "latency"],
      [draft.allowTraceAt, "allow_trace"],
    ];
    for (const [node, directive] of serviceOnly) {
      if (node !== undefined) {
        throw new FieldError(
          node,
          `Detected ${directive} directive on non-service`,
        );
      }
    }
    draft.stream = itemName(field, "stream");
  },
  service: (field, draft) => {
    if (draft.stream !== undefined) {
      field.fail(
        `Detected service ${quoteValue(field.value)} but already saw a stream`,
      );
    }
    draft.service = itemName(field, "service");
  },
  "response response_type": (field, draft) => {
    if (draft.responseTypeAt !== undefined) {
      field.fail("Duplicate response type definition");
    }
    draft.responseTypeAt = field.node;
    draft.responseType = responseType(field);
    refuseOnStream(field, draft, "response");
  },
  "threshold response_threshold response_max_time response_time": (
    field,
    draft,
  ) => {
    if (draft.thresholdAt !== undefined) {
      field.fail("Duplicate response threshold detected");
    }
    draft.thresholdAt = field.node;
    draft.threshold = threshold(field);
    refuseOnStream(field, draft, "response");
  },
  accounts: (field, draft) => {
    draft.accounts = strings(field);
  },
  latency: (field, draft) => {
    draft.latencyAt = field.node;
    draft.latency = latency(field);
    refuseOnStream(field, draft, "latency");
  },
  account_token_position: (field, draft) => {
    draft.accountTokenPosition = field.integer();
  },
  allow_trace: (field, draft) => {
    draft.allowTraceAt = field.node;
    draft.allowTrace = field.boolean();
    refuseOnStream(field, draft, "allow_trace");
  },
});

function itemName(field: Field, kind: string): string {
  if (typeof field.value === "string") return field.value;
  return field.fail(
    `Expected ${kind} name to be string, got ${field.typeName}`,
  );
}

function refuseOnStream(
  field: Field,
  draft: ExportDraft,
  directive: string,
): void {
  if (draft.stream !== undefined) {
    field.fail(`Detected ${directive} directive on non-service`);
  }
}

function responseType(field: Field): ResponseType {
  if (typeof field.value !== "string") {
    return field.fail(
      `Expected response type to be string, got ${field.typeName}`,
    );
  }
  return RESPONSE_TYPES.get(field.value.toLowerCase()) ??
    field.fail(`Unknown response type: ${quote(field.value)}`);
}

function threshold(field: Field): number {
  const expected =
    "Expected response threshold to be a parseable time duration, got";
  const { value } = field;
  if (typeof value !== "string") {
    return field.fail(`${expected} ${field.typeName}`);
  }
  return durationOf(field, value, () => `${expected} ${quote(value)}`);
}

/** Reads the exports of an account; bad items are reported and left out. */
export function exportList(field: Field): (StreamExport | ServiceExport)[] {
  if (!isList(field.value)) {
    return field.fail(`Exports should be an array, got ${field.typeName}`);
  }
  return field.value.flatMap((node) => {
    const item = field.at(node);
    return attempt(item, () => exportItem(item)) ?? [];
  });
}

function exportItem(field: Field): StreamExport | ServiceExport | undefined {
  if (!isMap(field.value)) {
    return field.fail(
      `Export Items should be a map with type entry, got ${field.typeName}`,
    );
  }
  const draft: ExportDraft = {
    stream: undefined,
    service: undefined,
    accounts: [],
    accountTokenPosition: 0,
    responseType: "singleton",
    responseTypeAt: undefined,
    threshold: 0,
    thresholdAt: undefined,
    latency: undefined,
    latencyAt: undefined,
    allowTrace: false,
    allowTraceAt: undefined,
  };
  readBlock(field, EXPORT, draft);
  const { accounts, accountTokenPosition, responseType, latency, allowTrace } =
    draft;
  if (draft.stream !== undefined) {
    return {
      kind: "stream",
      subject: draft.stream,
      accounts,
      accountTokenPosition,
    };
  }
  if (draft.service === undefined) return undefined;
  return {
    kind: "service",
    subject: draft.service,
    accounts,
    accountTokenPosition,
    responseType,
    responseThreshold: draft.threshold,
    latency,
    allowTrace,
  };
}

/** Reads a subject for latency reports, or a block that also tells how many. */
function latency(field: Field): LatencyOptions {
  if (typeof field.value === "string") {
    return { subject: field.value, sampling: DEFAULT_SAMPLING };
  }
  if (!isMap(field.value)) {
    return field.fail(
      `Expected latency entry to be a map/struct or string, got ${field.typeName}`,
    );
  }
  const samplingNode = field.value.get("sampling");
  const sampling = samplingNode === undefined
    ? DEFAULT_SAMPLING
    : latencySampling(field.at(samplingNode));
  const subjectNode = field.value.get("subject");
  if (subjectNode === undefined) {
    return field.fail("Latency subject required, but missing");
  }
  if (typeof subjectNode.value !== "string") {
    // Go prints the type of the empty result instead of what it found.
    return field.at(subjectNode).fail(
      "Expected latency subject to be a string, got string",
    );
  }
  return { subject: subjectNode.value, sampling };
}

function latencySampling(field: Field): number {
  const { value } = field;
  if (typeof value === "string" && value.trim().toLowerCase() === "headers") {
    return 0;
  }
  let percent: number;
  if (typeof value === "bigint") percent = Number(value);
  else if (typeof value === "string") {
    const digits = value.replace(/%$/, "");
    if (!/^[-+]?\d+$/.test(digits)) {
      return field.fail(
        `Failed to parse latency sample: strconv.Atoi: parsing ${
          quote(digits)
        }: invalid syntax`,
      );
    }
    percent = Number(digits);
  } else {
    return field.fail(
      `Expected latency sample to be a string or map/struct, got ${field.typeName}`,
    );
  }
  if (percent >= 1 && percent <= 100) return percent;
  return field.fail("bad sampling percentage, should be 1-100");
}

interface ImportDraft {
  stream: { account: string; subject: string } | undefined;
  service: { account: string; subject: string } | undefined;
  prefix: string;
  to: string;
  share: boolean;
  allowTrace: boolean;
  allowTraceAt: ConfigNode | undefined;
}

const IMPORT = schema<ImportDraft>({
  stream: (field, draft) => {
    if (draft.service !== undefined) {
      field.fail("Detected stream but already saw a service");
    }
    draft.stream = origin(field, "Stream");
  },
  service: (field, draft) => {
    if (draft.stream !== undefined) {
      field.fail("Detected service but already saw a stream");
    }
    if (draft.allowTraceAt !== undefined) {
      throw new FieldError(
        draft.allowTraceAt,
        "Detected allow_trace directive on a non-stream",
      );
    }
    draft.service = origin(field, "Service");
  },
  prefix: (field, draft) => {
    draft.prefix = string(field);
  },
  to: (field, draft) => {
    draft.to = string(field);
    if (draft.stream !== undefined && draft.prefix !== "") {
      field.fail("Stream import can not have a 'prefix' and a 'to' property");
    }
  },
  share: (field, draft) => {
    draft.share = field.boolean();
  },
  allow_trace: (field, draft) => {
    if (draft.service !== undefined) {
      field.fail("Detected allow_trace directive on a non-stream");
    }
    draft.allowTrace = field.boolean();
    draft.allowTraceAt = field.node;
  },
});

interface OriginDraft {
  account: string;
  subject: string;
}

const ORIGIN = schema<OriginDraft>({
  account: (field, draft) => {
    draft.account = string(field);
  },
  subject: (field, draft) => {
    draft.subject = string(field);
  },
});

/** Reads the account and the subject that an import refers to. */
function origin(field: Field, kind: string): OriginDraft {
  if (!isMap(field.value)) {
    return field.fail(
      `${kind} entry should be an account map, got ${field.typeName}`,
    );
  }
  const draft: OriginDraft = { account: "", subject: "" };
  readBlock(field, ORIGIN, draft);
  if (draft.account === "" || draft.subject === "") {
    field.fail("Expect an account name and a subject");
  }
  return draft;
}

/** Reads the imports of an account; bad items are reported and left out. */
export function importList(field: Field): (StreamImport | ServiceImport)[] {
  if (!isList(field.value)) {
    return field.fail(`Imports should be an array, got ${field.typeName}`);
  }
  const found: (StreamImport | ServiceImport)[] = [];
  for (const node of field.value) {
    const item = field.at(node);
    const read = attempt(item, () => importItem(item));
    if (read === undefined) continue;
    const same = read.kind === "service"
      ? found.find((one) =>
        one.kind === "service" && one.to === read.to &&
        one.account === read.account
      )
      : undefined;
    if (same === undefined) found.push(read);
    else {
      item.error(
        `Duplicate service import subject ${quote(read.to)}, ` +
          `previously used in import for account ${quote(same.account)}, ` +
          `subject ${quote(same.subject)}`,
      );
    }
  }
  return found;
}

function importItem(field: Field): StreamImport | ServiceImport | undefined {
  if (!isMap(field.value)) {
    return field.fail(
      `Import Items should be a map with type entry, got ${field.typeName}`,
    );
  }
  const draft: ImportDraft = {
    stream: undefined,
    service: undefined,
    prefix: "",
    to: "",
    share: false,
    allowTrace: false,
    allowTraceAt: undefined,
  };
  readBlock(field, IMPORT, draft);
  const { prefix, to, allowTrace, share } = draft;
  if (draft.stream !== undefined) {
    return { kind: "stream", ...draft.stream, to, prefix, allowTrace };
  }
  if (draft.service === undefined) return undefined;
  return {
    kind: "service",
    ...draft.service,
    to: to || draft.service.subject,
    share,
  };
}
