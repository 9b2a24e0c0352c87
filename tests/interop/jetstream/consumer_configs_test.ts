import { compareAll } from "./compare.ts";
import { CONSUMER_CONFIGS } from "../scenarios/jetstream/consumer_configs.ts";

compareAll(CONSUMER_CONFIGS);
