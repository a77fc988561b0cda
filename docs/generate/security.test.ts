import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chapters } from './asvs/chapters.ts';
import { listed } from './asvs/levels.ts';
import { atLeast, percentOf, said, shareOf } from './asvs/shares.ts';
import { root } from './documents.ts';
import { titlesIn } from './test-titles.ts';

const named = [...said].flatMap(([id, it]) => ('tests' in it ? it.tests.map((test) => ({ id, ...test })) : []));

describe('what is said about the requirements of OWASP ASVS', () => {
  it('is about each of level 1 and 2, once and in order', () => {
    const ids = chapters.flatMap(({ requirements }) => Object.keys(requirements));
    expect(ids).toEqual(listed.map(({ id }) => id));
  });

  it('is in the chapter that they belong to', () => {
    for (const [index, { requirements }] of chapters.entries()) {
      expect(Object.keys(requirements).filter((id) => !id.startsWith(`V${index + 1}.`))).toEqual([]);
    }
  });

  it('names only tests that there are', async () => {
    const texts = new Map<string, string>();
    for (const { file } of named) texts.set(file, await readFile(join(root, file), 'utf8').catch(() => ''));
    const gone = named.filter(
      ({ file, title }) => !titlesIn(texts.get(file) ?? '').some((found) => found.title === title),
    );
    expect(gone.map(({ id, file, title }) => `${id}: ${file}: ${title}`)).toEqual([]);
  });

  it('names a test for each that it calls covered', () => {
    expect([...said].filter(([, it]) => 'tests' in it && it.tests.length === 0)).toEqual([]);
  });

  it.each([1, 2] as const)('covers as much of level %d by tests as it did', (level) => {
    expect(percentOf(shareOf(level))).toBeGreaterThanOrEqual(atLeast[level]);
  });
});

describe('the titles in a file', () => {
  it('are those of tests and of what is around them, however they are written', () => {
    const text = [
      "describe('a ticket', () => {",
      "  it('is sold once', async () => {",
      '  it.each([',
      "    ['no', 'title'],",
      "  ])('is %s', () => {});",
      '  it(',
      "    'is long',",
      '    async () => {',
      "it.each([1, 2])('alone %d', () => {",
      "  it.skip('is not run', () => {",
    ].join('\n');
    expect(titlesIn(text)).toEqual([
      { title: 'a ticket', within: [] },
      { title: 'is sold once', within: ['a ticket'] },
      { title: 'is %s', within: ['a ticket'] },
      { title: 'is long', within: ['a ticket'] },
      { title: 'alone %d', within: [] },
    ]);
  });
});
