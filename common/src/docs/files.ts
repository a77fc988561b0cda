import { join } from 'node:path';
import { eventsPage } from './events-page.ts';

/** The repository, from which the paths below are counted. */
export const root = join(import.meta.dirname, '../../..');

/** Everything that is generated, by path: what `npm run docs` writes and what the test compares. */
export function files(): ReadonlyMap<string, string> {
  return new Map([['docs/events.md', eventsPage()]]);
}
