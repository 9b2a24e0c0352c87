import { differential } from "./harness/mod.ts";
import { ADVISORIES } from "./scenarios/advisories.ts";

differential(ADVISORIES);
