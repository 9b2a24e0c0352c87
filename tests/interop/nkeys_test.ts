import { differential } from "./harness/mod.ts";
import { NKEYS } from "./scenarios/nkeys.ts";

differential(NKEYS);
