import { differential } from "./harness/mod.ts";
import { CLAIM_REQUESTS } from "./scenarios/claim_requests.ts";

differential(CLAIM_REQUESTS);
