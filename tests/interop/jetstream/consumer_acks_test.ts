import { compareAll } from "./compare.ts";
import { CONSUMER_ACKS } from "../scenarios/jetstream/consumer_acks.ts";

compareAll(CONSUMER_ACKS);
