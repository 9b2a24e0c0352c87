import { differential } from "./harness/mod.ts";
import { PROXY_PROTOCOL } from "./scenarios/proxy_protocol.ts";

differential(PROXY_PROTOCOL);
