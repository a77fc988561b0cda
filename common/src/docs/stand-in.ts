/**
 * Takes the place of something that a function wants but, called for the list it returns, never uses.
 * It may be taken apart; calling it or any part of it throws, so that a list which depends on more than its code is noticed.
 */
export function standIn<Part>(): Part {
  const refuse = () => {
    throw new Error('a stand-in was called: this list depends on more than its code');
  };
  // The only thing it does is refuse, so it may pass for anything.
  return new Proxy(refuse, { get: () => standIn(), apply: refuse, construct: refuse }) as unknown as Part;
}

/** Calls a function for what it returns, with stand-ins for everything it wants. */
export function withStandIns<Result>(listing: (...parts: never[]) => Result): Result {
  return listing(...Array.from({ length: listing.length }, () => standIn<never>()));
}
