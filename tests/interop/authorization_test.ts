import { differential } from "./harness/mod.ts";
import { AUTHORIZATION } from "./scenarios/authorization.ts";
import { PERMISSIONS } from "./scenarios/permissions.ts";

differential([...AUTHORIZATION, ...PERMISSIONS]);
