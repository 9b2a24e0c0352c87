import { differential } from "./harness/mod.ts";
import { TLS } from "./scenarios/tls.ts";

differential(TLS);
