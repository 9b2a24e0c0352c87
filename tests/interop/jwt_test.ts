import { differential } from "./harness/mod.ts";
import { JWT } from "./scenarios/jwt.ts";
import { JWT_LINKS } from "./scenarios/jwt_links.ts";

differential(JWT);
differential(JWT_LINKS);
