import { differential } from "./harness/mod.ts";
import { STREAM_CONFIGS } from "./scenarios/jetstream_stream_configs.ts";

differential(STREAM_CONFIGS);
