/**
 * Like `Promise.all`, but waits for all of them also when one fails: whoever closes what was started then finds
 * nothing that is still starting.
 * @throws the first failure in the order of the arguments
 */
export async function startTogether<T extends readonly unknown[]>(
  ...starting: { [I in keyof T]: Promise<T[I]> }
): Promise<T> {
  const results = await Promise.allSettled(starting);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  }) as unknown as T;
}
