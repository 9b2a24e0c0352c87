export { MemoryAccountStores } from "./memory_stores.ts";
