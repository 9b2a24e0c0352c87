import { differential } from "../harness/mod.ts";
import { EVENTS } from "../scenarios/jetstream/events.ts";

differential(EVENTS);
