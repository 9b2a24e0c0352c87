import { compareAll } from "./jetstream/compare.ts";
import { CONSUMER_ACKS } from "./jetstream/scenarios/consumer_acks.ts";
import { CONSUMER_CONFIGS } from "./jetstream/scenarios/consumer_configs.ts";
import { CONSUMER_LIVES } from "./jetstream/scenarios/consumer_lives.ts";
import { CONSUMER_PULLS } from "./jetstream/scenarios/consumer_pulls.ts";
import { CONSUMER_PUSHES } from "./jetstream/scenarios/consumer_pushes.ts";

compareAll([
  ...CONSUMER_CONFIGS,
  ...CONSUMER_PULLS,
  ...CONSUMER_ACKS,
  ...CONSUMER_PUSHES,
  ...CONSUMER_LIVES,
]);
