/**
 * Whose signatures under account JWTs count.
 *
 * @module
 */

import type { Options } from "../../config/mod.ts";

/** The options that name operators. */
export type TrustOptions = Pick<Options, "trustedKeys" | "trustedOperators">;

/** Keys of the trusted operators. */
export class Trust {
  readonly #keys: ReadonlySet<string>;
  readonly #strict: ReadonlySet<string>;

  constructor({ trustedKeys, trustedOperators }: TrustOptions) {
    const own = trustedOperators.filter((operator) =>
      !operator.strictSigningKeyUsage
    ).map(({ subject }) => subject);
    const signing = trustedOperators.flatMap(({ signingKeys }) => signingKeys);
    this.#keys = new Set([...trustedKeys, ...own, ...signing]);
    this.#strict = new Set(
      trustedOperators.filter((operator) => operator.strictSigningKeyUsage)
        .flatMap(({ signingKeys }) => signingKeys),
    );
  }

  /** Whether users and accounts are known by JWTs at all. */
  get any(): boolean {
    return this.#keys.size > 0;
  }

  includes(key: string): boolean {
    return this.#keys.has(key);
  }

  /** Whether accounts signed by `key` must have signing keys sign for them. */
  isStrict(key: string): boolean {
    return this.#strict.has(key);
  }
}
