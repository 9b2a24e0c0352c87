import { differential } from "../harness/mod.ts";
import { REQUESTS } from "../scenarios/jetstream/requests.ts";

differential(REQUESTS);
