import { differential } from "./harness/mod.ts";
import { STREAM_COPIES } from "./scenarios/jetstream_copies.ts";

differential(STREAM_COPIES);
