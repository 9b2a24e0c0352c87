import { differential } from "../harness/mod.ts";
import { STREAM_COPIES } from "../scenarios/jetstream/copies.ts";

differential(STREAM_COPIES);
