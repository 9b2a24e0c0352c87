import { differential } from "./harness/mod.ts";
import { CALLOUT } from "./scenarios/callout.ts";
import { CALLOUT_OPERATOR } from "./scenarios/callout_operator.ts";

differential(CALLOUT);
differential(CALLOUT_OPERATOR);
