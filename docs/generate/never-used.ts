/**
 * A placeholder for the dependencies of routes or listeners when only the list of them is needed. Any use of it throws,
 * except for the members in `used`.
 */
export function neverUsed<T>(used: object = {}): T {
  const complain = () => {
    throw new Error('this is a placeholder that must not be used');
  };
  const get = (_target: unknown, key: string | symbol) =>
    Reflect.has(used, key) ? Reflect.get(used, key) : complain();
  // No other member of T is ever used.
  return new Proxy(() => undefined, { get, apply: complain }) as T;
}
