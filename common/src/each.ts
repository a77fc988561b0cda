/**
 * Runs a task for each item in turn, also after failures.
 *
 * @throws AggregateError at the end when some of them failed
 */
export async function forEach<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  task: (item: Item) => Promise<unknown>,
): Promise<void> {
  const errors: unknown[] = [];
  for await (const item of items) {
    try {
      await task(item);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, `failed for ${errors.length} of them: ${errors[0]}`);
}
