import { differential } from "./harness/mod.ts";
import { MONITOR_IDENTITIES } from "./scenarios/monitor_identities.ts";

differential(MONITOR_IDENTITIES);
