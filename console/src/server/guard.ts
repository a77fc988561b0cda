import type { IncomingMessage } from 'node:http';
import { Refused } from '../refused.ts';

/** Names of this machine; whatever resolves to it from elsewhere has another. */
const ownNames = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Paths that programs post to. They send no Origin, and a body of a type that pages of others may not send. */
const forPrograms = new Set(['/v1/traces']);

/**
 * Lets requests of this machine's own pages and programs through.
 *
 * A page of a foreign site could reach the console by a name of its own that resolves to 127.0.0.1, so the name is
 * checked; and it could send a form here, so whatever changes something must come from a page of the console itself.
 *
 * @throws Refused 403, 421
 */
export function mustBeOwn({ method = 'GET', headers }: IncomingMessage, path: string): void {
  const { host = '', origin, 'sec-fetch-site': site } = headers;
  if (!isOwnHost(host)) throw new Refused(421, 'foreign-host', 'The console answers to localhost only.');
  // A link from elsewhere to a page of the console is fine, a request for its data is not.
  const isData = path.startsWith('/api/') || path.startsWith('/v1/');
  if (isData && (site === 'cross-site' || site === 'same-site')) throw foreign();
  if (method === 'GET' || method === 'HEAD') return;
  const isOwn = origin === `http://${host}`;
  if (origin !== undefined && !isOwn) throw foreign();
  if (!isOwn) mustBeProgram({ headers }, path);
}

/** @throws Refused 403 for what a page of another site could send */
export function mustBeProgram({ headers }: Pick<IncomingMessage, 'headers'>, path: string): void {
  const type = headers['content-type'] ?? '';
  if (!forPrograms.has(path) || !/^application\/(json|x-protobuf)\b/.test(type)) throw foreign();
}

const foreign = () => new Refused(403, 'foreign-origin', 'Only the console’s own pages may ask for this.');

function isOwnHost(host: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  return ownNames.has(name);
}
