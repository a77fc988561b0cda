import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { apis, gateway } from './apis.ts';
import { documents, root } from './documents.ts';
import { ruleFor } from './gateway.ts';

const all = await documents();

describe('what is checked in', () => {
  it.each([...all.keys()])('is up to date in %s (npm run docs writes it anew)', async (path) => {
    expect(await readFile(join(root, path), 'utf8')).toBe(all.get(path));
  });
});

describe.each(apis)('the routes of $name', ({ name, routes }) => {
  it.each(routes)('are open to whom they say, at the gateway: $method $path', (route) => {
    const rule = ruleFor(gateway, route);
    const who = rule?.service !== name ? 'inside' : rule.needsSession ? 'signedIn' : route.who;
    expect(route.who).toBe(who);
  });
});
