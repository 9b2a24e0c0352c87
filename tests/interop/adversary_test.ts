import { differential } from "./harness/mod.ts";
import { ADVERSARY } from "./scenarios/adversary.ts";

differential(ADVERSARY);
