/**
 * Which server this is.
 *
 * @module
 */

/**
 * Version of the Go server whose behaviour this one has. Clients, tools and
 * peers gate features on it, so it stands wherever a version is told.
 */
export const VERSION = "2.15.2";

/** Commit this server was built from; a release build writes it here. */
const GIT_COMMIT: string = "";

/**
 * Public keys of the operators that this server trusts whatever its
 * configuration says, with blanks between; a release build writes them here.
 */
const TRUSTED_KEYS: string = "";

/** The trusted keys as the build has them; empty: the configuration tells. */
export function stampedKeys(): string {
  return TRUSTED_KEYS;
}

/** The commit in short form; empty when unknown. */
export function gitCommit(): string {
  return shortRevision(GIT_COMMIT);
}

/** The first seven characters of a revision, as they are shown everywhere. */
export function shortRevision(revision: string): string {
  return revision.slice(0, 7);
}
