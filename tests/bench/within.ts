/**
 * A bound for waiting.
 *
 * @module
 */

/** Settles as `promise` does. @throws Error `what` when that takes over `limit` ms */
export async function within<T>(
  promise: Promise<T>,
  limit: number,
  what: string,
): Promise<T> {
  const { promise: expired, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`${what} within ${limit} ms`)),
    limit,
  );
  try {
    return await Promise.race([promise, expired]);
  } finally {
    clearTimeout(timer);
  }
}
