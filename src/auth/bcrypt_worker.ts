/**
 * Verifies bcrypt hashes in a thread of its own.
 *
 * @module
 */

import bcrypt from "bcryptjs";
import { answerRequests } from "../runtime/mod.ts";
import type { BcryptRequest } from "./password.ts";

answerRequests((request: BcryptRequest) =>
  bcrypt.compareSync(request.password, request.hash)
);
