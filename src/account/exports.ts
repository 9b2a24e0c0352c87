/**
 * What an account lets others import.
 *
 * @module
 */

import type {
  LatencyOptions,
  ResponseType,
  ServiceExport as ServiceExportOptions,
  StreamExport as StreamExportOptions,
} from "../config/mod.ts";
import { isSubsetMatch, subjectFromText, tokenAt } from "../subject/mod.ts";
import type { Account } from "./account.ts";
import {
  type ActivationTerms,
  type Applicant,
  type Grantor,
  isActivated,
} from "./activation.ts";

/** How long responses are waited for unless the export says otherwise, milliseconds. */
const DEFAULT_RESPONSE_THRESHOLD = 120_000;

/** An export and what it demands of tokens. */
export type ExportTerms =
  & (StreamExportOptions | ServiceExportOptions)
  & ActivationTerms;

/** Who may import. */
interface Exported {
  /** Byte string. */
  readonly subject: string;
  readonly options: ExportTerms;
}

/** A service; keeps its identity while it is exported. */
export class ServiceExport implements Exported {
  constructor(
    readonly account: Account,
    readonly subject: string,
    public options: ServiceExportOptions & ActivationTerms,
  ) {}

  get responseType(): ResponseType {
    return this.options.responseType;
  }

  /** Milliseconds. */
  get responseThreshold(): number {
    return this.options.responseThreshold || DEFAULT_RESPONSE_THRESHOLD;
  }

  /** Whether requestors may follow their messages in this account. */
  get allowsTrace(): boolean {
    return this.options.allowTrace;
  }

  get latency(): LatencyOptions | undefined {
    return this.options.latency;
  }
}

/** The exports of one account. */
export class Exports {
  readonly #account: Account;
  #streams = new Map<string, Exported>();
  #services = new Map<string, ServiceExport>();
  #grantor: Grantor;

  constructor(account: Account) {
    this.#account = account;
    this.#grantor = { name: account.name, signers: [] };
  }

  /** Services, in order. */
  get services(): Iterable<ServiceExport> {
    return this.#services.values();
  }

  /**
   * Replaces everything; services of the same subject stay who they are.
   * @param signers keys that sign tokens for the account
   */
  configure(
    wanted: readonly ExportTerms[],
    signers: readonly string[] = [],
  ): void {
    this.#grantor = { name: this.#account.name, signers };
    const services = new Map<string, ServiceExport>();
    this.#streams = new Map();
    for (const options of wanted) {
      const subject = subjectFromText(options.subject);
      if (options.kind === "stream") {
        this.#streams.set(subject, { subject, options });
        continue;
      }
      const service = this.#services.get(subject) ??
        new ServiceExport(this.#account, subject, options);
      service.options = options;
      services.set(subject, service);
    }
    this.#services = services;
  }

  /** Whether somebody may import a stream. */
  allowsStream(subject: string, applicant: Applicant): boolean {
    const found = find(this.#streams, subject);
    return found !== undefined &&
      isApproved(found, subject, applicant, this.#grantor);
  }

  /** The service that covers a subject, if the applicant may import it. */
  service(subject: string, applicant: Applicant): ServiceExport | null {
    const found = find(this.#services, subject);
    return found !== undefined &&
        isApproved(found, subject, applicant, this.#grantor)
      ? found
      : null;
  }

  /** Whether a stream export covers a subject. */
  coversStream(subject: string): boolean {
    return find(this.#streams, subject) !== undefined;
  }
}

/** The export of exactly this subject, else the first that covers it. */
function find<E extends Exported>(
  exports: ReadonlyMap<string, E>,
  subject: string,
): E | undefined {
  const exact = exports.get(subject);
  if (exact !== undefined) return exact;
  for (const exported of exports.values()) {
    if (isSubsetMatch(subject, exported.subject)) return exported;
  }
  return undefined;
}

function isApproved(
  { subject, options }: Exported,
  wanted: string,
  applicant: Applicant,
  grantor: Grantor,
): boolean {
  const { accountTokenPosition: position, accounts, tokenRequired } = options;
  if (position > 0) {
    // The wildcard itself would stand for every account.
    return subject !== wanted &&
      tokenAt(wanted, position) === subjectFromText(applicant.account);
  }
  if (tokenRequired === true) return isActivated(applicant, options, grantor);
  return accounts.length === 0 || accounts.includes(applicant.account);
}
