import { differential } from "./harness/mod.ts";
import { STREAM_BATCHES } from "./scenarios/jetstream_batches.ts";
import { onDisk } from "./scenarios/jetstream_pieces.ts";
import { STREAM_PUBLISHING } from "./scenarios/jetstream_publishing.ts";
import { STREAM_READING } from "./scenarios/jetstream_reading.ts";
import { STREAM_CONFIGS } from "./scenarios/jetstream_stream_configs.ts";

differential(STREAM_CONFIGS);
differential(STREAM_PUBLISHING);
differential(STREAM_READING);
differential(STREAM_BATCHES);
differential(
  onDisk([...STREAM_PUBLISHING, ...STREAM_READING, ...STREAM_BATCHES]),
);
