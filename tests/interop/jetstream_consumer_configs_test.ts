import { compareAll } from "./jetstream/compare.ts";
import { CONSUMER_CONFIGS } from "./jetstream/scenarios/consumer_configs.ts";

compareAll(CONSUMER_CONFIGS);
