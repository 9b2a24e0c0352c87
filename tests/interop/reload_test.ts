import { differential } from "./harness/mod.ts";
import { RELOAD_CLIENTS } from "./scenarios/reload_clients.ts";
import { RELOAD_JWT } from "./scenarios/reload_jwt.ts";
import { RELOAD_OPTIONS } from "./scenarios/reload_options.ts";

differential(RELOAD_OPTIONS);
differential(RELOAD_CLIENTS);
differential(RELOAD_JWT);
