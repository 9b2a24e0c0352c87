/**
 * `$SYS.SERVER.<id>.OCSP.PEER.CONN.REJECT` and `….LINK.INVALID`: a peer's
 * certificate, or one above it, is no longer good.
 *
 * @module
 */

import { certificateFields, fingerprint } from "../../auth/mod.ts";
import { encodeBase64 } from "../../config/mod.ts";
import type { Publisher } from "../publisher.ts";

const SCHEMA = "io.nats.server.advisory.v1.ocsp_peer";

/** @param peer DER of the certificate, as are others */
export function adviseOcspRejection(
  publisher: Publisher,
  id: string,
  kind: string,
  peer: Uint8Array,
  reason: string,
): void {
  publisher.publish(`$SYS.SERVER.${id}.OCSP.PEER.CONN.REJECT`, () => ({
    ...publisher.typed(`${SCHEMA}_reject`),
    kind,
    peer: facts(peer),
    server: publisher.header(),
    reason,
  }));
}

export function adviseOcspLinkInvalid(
  publisher: Publisher,
  id: string,
  peer: Uint8Array,
  link: Uint8Array,
  reason: string,
): void {
  publisher.publish(`$SYS.SERVER.${id}.OCSP.PEER.LINK.INVALID`, () => ({
    ...publisher.typed(`${SCHEMA}_link_invalid`),
    link: facts(link),
    peer: facts(peer),
    server: publisher.header(),
    reason,
  }));
}

function facts(certificate: Uint8Array): object {
  const { subject, issuer } = certificateFields(certificate);
  return {
    subject,
    issuer,
    fingerprint: fingerprint(certificate),
    raw: encodeBase64(certificate),
  };
}
