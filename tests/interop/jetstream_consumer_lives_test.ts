import { compareAll } from "./jetstream/compare.ts";
import { CONSUMER_LIVES } from "./jetstream/scenarios/consumer_lives.ts";

compareAll(CONSUMER_LIVES);
