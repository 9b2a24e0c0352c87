import { differential } from "./harness/mod.ts";
import { DELIVERY } from "./scenarios/delivery.ts";
import { KEEPALIVE } from "./scenarios/keepalive.ts";
import { LIFECYCLE } from "./scenarios/lifecycle.ts";
import { LIMITS } from "./scenarios/limits.ts";
import { PARSER } from "./scenarios/parser.ts";

differential([...LIFECYCLE, ...PARSER, ...DELIVERY, ...LIMITS, ...KEEPALIVE]);
