import { differential } from "./harness/mod.ts";
import { JWT } from "./scenarios/jwt.ts";

differential(JWT);
