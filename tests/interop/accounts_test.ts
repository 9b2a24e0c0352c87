import { differential } from "./harness/mod.ts";
import { ACCOUNT_LATENCY } from "./scenarios/accounts_latency.ts";
import { ACCOUNT_MODEL } from "./scenarios/accounts_model.ts";
import { ACCOUNT_RELOADS } from "./scenarios/accounts_reloads.ts";
import {
  ACCOUNT_OPEN_BORDERS,
  ACCOUNT_REPLIES,
} from "./scenarios/accounts_replies.ts";
import { ACCOUNT_SERVICES } from "./scenarios/accounts_services.ts";
import { ACCOUNT_STREAMS } from "./scenarios/accounts_streams.ts";

differential(ACCOUNT_STREAMS);
differential(ACCOUNT_SERVICES);
differential(ACCOUNT_REPLIES);
differential(ACCOUNT_OPEN_BORDERS);
differential(ACCOUNT_LATENCY);
differential(ACCOUNT_RELOADS);
differential(ACCOUNT_MODEL);
