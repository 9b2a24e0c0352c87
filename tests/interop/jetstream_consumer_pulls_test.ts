import { compareAll } from "./jetstream/compare.ts";
import { CONSUMER_PULLS } from "./jetstream/scenarios/consumer_pulls.ts";

compareAll(CONSUMER_PULLS);
