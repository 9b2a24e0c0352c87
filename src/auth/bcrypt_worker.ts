/**
 * Verifies bcrypt hashes in a thread of its own.
 *
 * @module
 */

import bcrypt from "bcryptjs";
import { answerRequests } from "../runtime/mod.ts";
import type { BcryptRequest } from "./password.ts";

answerRequests(({ password, hash }: BcryptRequest) => {
  try {
    // `x` marks hashes of a version that is `a` to the Go server.
    return bcrypt.compareSync(password, hash.replace(/^\$2x/, "$$2a"));
  } catch {
    // What is no hash matches nothing, and must not end the thread: other
    // users' passwords come after it.
    return false;
  }
});
