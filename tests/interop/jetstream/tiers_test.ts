import { differential } from "../harness/mod.ts";
import { TIERS } from "../scenarios/jetstream/tiers.ts";

differential(TIERS);
