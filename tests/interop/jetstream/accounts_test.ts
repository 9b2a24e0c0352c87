import { differential } from "../harness/mod.ts";
import { JETSTREAM_ACCOUNTS } from "../scenarios/jetstream/accounts.ts";

differential(JETSTREAM_ACCOUNTS);
