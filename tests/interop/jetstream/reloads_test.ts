import { differential } from "../harness/mod.ts";
import { JETSTREAM_RELOADS } from "../scenarios/jetstream/reloads.ts";

differential(JETSTREAM_RELOADS);
