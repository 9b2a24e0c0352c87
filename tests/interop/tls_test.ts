import { differential } from "./harness/mod.ts";
import { TLS } from "./scenarios/tls.ts";
import { FIRST_OR_NOT } from "./scenarios/tls_first.ts";
import { VERIFICATION } from "./scenarios/tls_verification.ts";

differential([...TLS, ...VERIFICATION, ...FIRST_OR_NOT]);
