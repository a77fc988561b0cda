import { type ProblemCode, problemStatus } from '@box-office/common/contracts/problem';
import { isRaw, type Route } from '@box-office/common/http/route';

const ofBodies: readonly ProblemCode[] = ['incomplete', 'too-slow', 'too-large', 'unsupported-media-type', 'too-busy'];

/** Every problem that a route can give, by status: its own, and those that follow from how it is declared. */
export function problemsOf(route: Route): ReadonlyMap<number, readonly ProblemCode[]> {
  const codes = new Set([...followingFrom(route), ...route.problems]);
  const byStatus = Map.groupBy(codes, (code) => problemStatus[code]);
  return new Map([...byStatus].sort(([a], [b]) => a - b));
}

function followingFrom({ who, method, path, query, body, headers, keys, limits }: Route): ProblemCode[] {
  const found: ProblemCode[] = ['internal', 'unavailable'];
  const isJson = body !== undefined && !isRaw(body);
  if (query || isJson || keys || Object.keys(headers).length > 0) found.push('invalid-request');
  if (body) found.push(...ofBodies);
  if (isJson) found.push('invalid-json', 'invalid-encoding');
  if (path.includes(':')) found.push('not-found');
  if (who === 'signedIn') found.push('not-signed-in', 'identity-unavailable');
  if (who === 'signedIn' && method !== 'GET') found.push('cross-origin', 'too-many-requests');
  if (limits.length > 0) found.push('too-many-requests');
  if (keys) found.push('idempotency-key-in-use', 'idempotency-key-reused');
  return found;
}
