import { compareAll } from "./jetstream/compare.ts";
import {
  CONSUMER_FLAGS,
  CONSUMER_FLAGS_CONFIG,
} from "./jetstream/scenarios/consumer_flags.ts";

compareAll(CONSUMER_FLAGS, CONSUMER_FLAGS_CONFIG);
