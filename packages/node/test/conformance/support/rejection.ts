/** What a promise is rejected with; the caller looks at it. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new RangeError('this was expected to be refused, and was not');
}
