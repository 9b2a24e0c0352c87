import { differential } from "../harness/mod.ts";
import { CONSUMERS } from "../scenarios/jetstream/consumers.ts";

differential(CONSUMERS);
