/**
 * Ties tests to the capabilities of `docs/parity/*.toml` that they prove.
 *
 * The claims travel in the test's name, so the JUnit report carries them to
 * the parity gate: `name [+area/row !area/other-row]` means: a positive test
 * of `area/row`, an edge or failure test of `area/other-row`.
 *
 * @module
 */

/** Which capabilities a test proves, by registry id. */
export interface Claims {
  /** Rows whose normal behaviour the test pins. */
  readonly positive?: readonly string[];
  /** Rows of which the test pins an edge or a failure. */
  readonly edge?: readonly string[];
}

/** Registers a test that proves capabilities. */
export function capability(
  name: string,
  claims: Claims,
  fn: (t: Deno.TestContext) => void | Promise<void>,
  options: Omit<Deno.TestDefinition, "name" | "fn"> = {},
): void {
  Deno.test({ ...options, name: claimedName(name, claims), fn });
}

/** The name under which a test appears in reports. */
export function claimedName(name: string, claims: Claims): string {
  const marks = [
    ...(claims.positive ?? []).map((id) => `+${id}`),
    ...(claims.edge ?? []).map((id) => `!${id}`),
  ];
  return marks.length === 0 ? name : `${name} [${marks.join(" ")}]`;
}
