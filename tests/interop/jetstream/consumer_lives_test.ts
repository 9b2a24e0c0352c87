import { compareAll } from "./compare.ts";
import { CONSUMER_LIVES } from "../scenarios/jetstream/consumer_lives.ts";

compareAll(CONSUMER_LIVES);
