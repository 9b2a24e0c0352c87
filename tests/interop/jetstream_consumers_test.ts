import { compareAll } from "./jetstream/compare.ts";
import { CONSUMER_ACKS } from "./jetstream/scenarios/consumer_acks.ts";
import { CONSUMER_CONFIGS } from "./jetstream/scenarios/consumer_configs.ts";
import { CONSUMER_PULLS } from "./jetstream/scenarios/consumer_pulls.ts";

compareAll([...CONSUMER_CONFIGS, ...CONSUMER_PULLS, ...CONSUMER_ACKS]);
