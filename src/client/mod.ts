/**
 * Client sessions: from accept and greeting over the verbs to the close.
 *
 * Contract: speaks the client protocol over a connection; asks its server,
 * through `ClientContext`, for everything that is shared.
 *
 * @module
 */

export * from "./context.ts";
export { serve } from "./greeting.ts";
export { formatEndpoint } from "./label.ts";
export { ClientSession } from "./session.ts";
export { pruneSubscriptions, reauthenticate } from "./reauthenticate.ts";
export { appear, type Judge, summon } from "./judgement.ts";
export { dropSubscriptions } from "./removal.ts";
export { isPinned } from "./tls.ts";
export type { WebAddress, WebOrigin } from "./web.ts";
