import { differential } from "../harness/mod.ts";
import { EDGES } from "../scenarios/jetstream/edges.ts";

differential(EDGES);
