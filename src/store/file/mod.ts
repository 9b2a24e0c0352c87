export { FileAccountStores, type FileStoreSettings } from "./file_stores.ts";
