/** Stands in for what a list of routes or listeners would work with, where only the list is wanted. Whoever uses it after all is told so. */
export function neverUsed<T>(): T {
  const complain = () => {
    throw new Error('this stands in for something that is not there');
  };
  // Whatever T is, nothing of it is ever looked at.
  return new Proxy(() => undefined, { get: complain, apply: complain }) as T;
}
