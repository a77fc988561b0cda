/**
 * Stands in for what a list of routes or listeners would work with, where only the list is wanted. Whoever uses it
 * after all is told so, but for what `used` has of it.
 */
export function neverUsed<T>(used: object = {}): T {
  const complain = () => {
    throw new Error('this stands in for something that is not there');
  };
  const get = (_target: unknown, key: string | symbol) =>
    Reflect.has(used, key) ? Reflect.get(used, key) : complain();
  // Whatever T is, nothing else of it is ever looked at.
  return new Proxy(() => undefined, { get, apply: complain }) as T;
}
