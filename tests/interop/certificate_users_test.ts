import { differential } from "./harness/mod.ts";
import { CERTIFICATE_USERS } from "./scenarios/certificate_users.ts";

differential(CERTIFICATE_USERS);
