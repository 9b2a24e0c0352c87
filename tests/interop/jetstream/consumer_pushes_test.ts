import { compareAll } from "./compare.ts";
import { CONSUMER_PUSHES } from "../scenarios/jetstream/consumer_pushes.ts";

compareAll(CONSUMER_PUSHES);
