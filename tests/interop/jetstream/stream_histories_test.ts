import { differential } from "../harness/mod.ts";
import { STREAM_BATCHES } from "../scenarios/jetstream/batches.ts";
import { onDisk } from "../scenarios/jetstream/pieces.ts";
import { STREAM_PUBLISHING } from "../scenarios/jetstream/publishing.ts";
import { STREAM_READING } from "../scenarios/jetstream/reading.ts";
import { STREAM_CONFIGS } from "../scenarios/jetstream/stream_configs.ts";

differential(STREAM_CONFIGS);
differential(STREAM_PUBLISHING);
differential(STREAM_READING);
differential(STREAM_BATCHES);
differential(
  onDisk([...STREAM_PUBLISHING, ...STREAM_READING, ...STREAM_BATCHES]),
);
