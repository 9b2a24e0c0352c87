export { Expiry, type WaitingMessages } from "./expiry.ts";
export { MessageLog } from "./message_log.ts";
export { MessageSet } from "./message_set.ts";
export { MessageStore, type StoreSurroundings } from "./message_store.ts";
