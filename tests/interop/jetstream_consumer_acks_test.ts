import { compareAll } from "./jetstream/compare.ts";
import { CONSUMER_ACKS } from "./jetstream/scenarios/consumer_acks.ts";

compareAll(CONSUMER_ACKS);
