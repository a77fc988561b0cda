/** Keeps the latest hundred. */
export function remember<T>(some: T[], one: T): void {
  some.push(one);
  if (some.length > 100) some.shift();
}

/** Starts visits, and keeps those that are not over yet. */
export const startIn = (some: Set<Promise<void>>) => (what: () => Promise<void>) => {
  const doing = what().finally(() => some.delete(doing));
  some.add(doing);
};
