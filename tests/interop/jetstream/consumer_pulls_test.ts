import { compareAll } from "./compare.ts";
import { CONSUMER_PULLS } from "../scenarios/jetstream/consumer_pulls.ts";

compareAll(CONSUMER_PULLS);
