import { attacks } from './attacks.ts';
import { holes, parseHole } from './holes.ts';

describe('the planted holes', () => {
  it('are 12 or more, each with the attack that must find it', async () => {
    const all = await holes();
    expect(all.length).toBeGreaterThanOrEqual(12);
    for (const { weakness, foundBy } of all) {
      expect(weakness.length).toBeGreaterThan(20);
      expect(attacks.map(({ name }) => name)).toContain(foundBy);
    }
  });

  it('leave no attack without one that it must find', async () => {
    const found = new Set((await holes()).map(({ foundBy }) => foundBy));
    expect(attacks.map(({ name }) => name).filter((name) => !found.has(name))).toEqual([]);
  });

  it('are refused without a description', () => {
    expect(() => parseHole('x.patch', 'weakness: none\n\ndiff --git a b')).toThrow(
      'x.patch does not say its "found by"',
    );
  });
});
