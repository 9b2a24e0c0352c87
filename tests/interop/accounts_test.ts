import { differential } from "./harness/mod.ts";
import {
  ACCOUNT_RELOADS,
  ACCOUNT_SERVICES,
} from "./scenarios/accounts_services.ts";
import { ACCOUNT_STREAMS } from "./scenarios/accounts_streams.ts";

differential(ACCOUNT_STREAMS);
differential(ACCOUNT_SERVICES);
differential(ACCOUNT_RELOADS);
