/**
 * Reading what routes, gateways and leafnodes have in common.
 *
 * @module
 */

import { durationOf, type Field, readBlock, schema, strings } from "./field.ts";
import { isMap } from "./field.ts";
import { quote } from "./go_text.ts";
import type { CompressionOptions, LinkOptions } from "./options_network.ts";
import { tlsBlock } from "./tls_fields.ts";

/**
 * Reads compression: a mode, a switch, or a block with thresholds. Modes are
 * checked at start.
 * @param modeForOn what `true` stands for
 */
export function compression(
  modeForOn: string,
): (field: Field, target: { compression: CompressionOptions }) => void {
  return (field, target) => {
    const { value } = field;
    const { compression } = target;
    if (typeof value === "string") compression.mode = value;
    else if (typeof value === "boolean") {
      compression.mode = value ? modeForOn : "off";
    } else if (isMap(value)) {
      readBlock(field, COMPRESSION, compression, { stopAtError: true });
    } else {
      field.fail(
        `field ${
          quote(field.key)
        } should be a boolean or a structure, got ${field.typeName}`,
      );
    }
  };
}

const COMPRESSION = schema<CompressionOptions>({
  mode: (field, options) => {
    options.mode = field.string();
  },
  "rtt_thresholds thresholds rtts rtt": (field, options) => {
    const texts = strings(field);
    options.rttThresholds = texts.map((text) => durationOf(field, text));
  },
});

/** Reads the `tls` block of a listener for links. */
export function linkTls(
  context: "listener" | "link",
): (field: Field, link: LinkOptions) => void {
  return (field, link) => {
    const tls = tlsBlock(field, context);
    link.tls = tls;
    link.tlsTimeout = tls.timeout;
    link.tlsMap = tls.map;
    link.tlsPinnedCerts = tls.pinnedCerts;
  };
}
