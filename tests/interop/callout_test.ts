import { differential } from "./harness/mod.ts";
import { CALLOUT } from "./scenarios/callout.ts";
import { CALLOUT_OPERATOR } from "./scenarios/callout_operator.ts";
import { CALLOUT_TLS } from "./scenarios/callout_tls.ts";

differential(CALLOUT);
differential(CALLOUT_OPERATOR);
differential(CALLOUT_TLS);
