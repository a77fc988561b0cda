import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { attacks } from './attacks.ts';
import { holes } from './holes.ts';

/** The rows of the table under a heading. */
async function rowsOf(heading: string): Promise<string[]> {
  const page = await readFile(join(import.meta.dirname, '../../docs/attack.md'), 'utf8');
  const section = page.split(/^## /m).find((it) => it.startsWith(`${heading}\n`)) ?? '';
  return section.split('\n').filter((line) => /^\| `/.test(line));
}

describe('the page of the attacks', () => {
  it('has each attack and its promise, in the order in which they are carried out', async () => {
    const named = (await rowsOf('What it tries')).map((row) => row.split(' | ').slice(0, 2));
    expect(named).toEqual(attacks.map(({ name, promise }) => [`| \`${name}\``, promise]));
  });

  it('has each planted hole, and the attack that finds it', async () => {
    const rows = (await holes()).map(
      ({ name, weakness, foundBy, takesLong }) =>
        `| \`${name}\` | ${weakness} | \`${foundBy}\`${takesLong ? ', in its long form' : ''} |`,
    );
    expect(await rowsOf('Planted holes')).toEqual(rows);
  });
});
