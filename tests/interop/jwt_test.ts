import { differential } from "./harness/mod.ts";
import { JWT } from "./scenarios/jwt.ts";
import { JWT_LINK_CHANGES } from "./scenarios/jwt_link_changes.ts";
import { JWT_LINKS } from "./scenarios/jwt_links.ts";

differential(JWT);
differential(JWT_LINKS);
differential(JWT_LINK_CHANGES);
