import { differential } from "../harness/mod.ts";
import { STREAMS } from "../scenarios/jetstream/streams.ts";

differential(STREAMS);
