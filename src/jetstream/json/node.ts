/**
 * JSON that was understood, but not yet as what.
 *
 * @module
 */

/** One value; `raw` is how it was written. */
export type JsonNode =
  & { readonly raw: string }
  & (
    | { readonly type: "null" | "number" }
    | { readonly type: "bool"; readonly value: boolean }
    | { readonly type: "string"; readonly value: string }
    | { readonly type: "array"; readonly items: readonly JsonNode[] }
    | {
      readonly type: "object";
      readonly entries: readonly (readonly [string, JsonNode])[];
    }
  );
