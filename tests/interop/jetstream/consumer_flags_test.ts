import { compareAll } from "./compare.ts";
import {
  CONSUMER_FLAGS,
  CONSUMER_FLAGS_CONFIG,
} from "../scenarios/jetstream/consumer_flags.ts";

compareAll(CONSUMER_FLAGS, CONSUMER_FLAGS_CONFIG);
