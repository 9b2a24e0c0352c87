import { differential } from "./harness/mod.ts";
import { MAPPINGS } from "./scenarios/mappings.ts";

differential(MAPPINGS);
