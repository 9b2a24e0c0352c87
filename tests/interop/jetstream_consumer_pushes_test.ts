import { compareAll } from "./jetstream/compare.ts";
import { CONSUMER_PUSHES } from "./jetstream/scenarios/consumer_pushes.ts";

compareAll(CONSUMER_PUSHES);
