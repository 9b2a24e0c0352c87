import { differential } from "../harness/mod.ts";
import { RECOVERED } from "../scenarios/jetstream/recovered.ts";

differential(RECOVERED);
