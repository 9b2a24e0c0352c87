import { differential } from "./harness/mod.ts";
import { ARGUMENTS } from "./scenarios/arguments.ts";
import { CONNECT } from "./scenarios/connect.ts";
import { DELIVERY } from "./scenarios/delivery.ts";
import { KEEPALIVE } from "./scenarios/keepalive.ts";
import { LIFECYCLE } from "./scenarios/lifecycle.ts";
import { LIMITS } from "./scenarios/limits.ts";
import { SUBSCRIPTIONS } from "./scenarios/subscriptions.ts";
import { PIECES } from "./scenarios/pieces.ts";
import { VERBS } from "./scenarios/verbs.ts";

differential([
  ...LIFECYCLE,
  ...CONNECT,
  ...VERBS,
  ...ARGUMENTS,
  ...PIECES,
  ...SUBSCRIPTIONS,
  ...DELIVERY,
  ...LIMITS,
  ...KEEPALIVE,
]);
