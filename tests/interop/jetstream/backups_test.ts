import { differential } from "../harness/mod.ts";
import { BACKUPS } from "../scenarios/jetstream/backups.ts";

differential(BACKUPS);
