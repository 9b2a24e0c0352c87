export { FileAccountStores, type FileStoreSettings } from "./file_stores.ts";
export type { EncryptionSettings } from "./key_ring.ts";
