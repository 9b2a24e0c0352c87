export { BlockSupply } from "./block_supply.ts";
export { MemoryAccountStores } from "./memory_stores.ts";
