export { MessageStore, type StoreSurroundings } from "./message_store.ts";
