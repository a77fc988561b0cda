import { setImmediate as idle } from 'node:timers/promises';
import { createFairQueue } from './fair-queue.ts';

/** Tasks that end when the test says so, and the order in which they were begun. */
function controlled(options: { atOnce: number; waitingAtMost: number }) {
  const { run, mustHaveRoom } = createFairQueue({ ...options, why: 'Too many.' });
  const begun: string[] = [];
  const refused: string[] = [];
  const running: (() => void)[] = [];
  return {
    begun,
    refused,
    /** Whether somebody who comes now would be refused at once. */
    isFullFor(name: string) {
      try {
        mustHaveRoom({ account: name, address: name });
        return false;
      } catch (error) {
        expect(error).toMatchObject({ code: 'too-busy', retryAfterSeconds: 5 });
        return true;
      }
    },
    come(name: string, account = name, address = name) {
      run(
        { account, address },
        () =>
          new Promise<void>((resolve) => {
            begun.push(name);
            running.push(resolve);
          }),
      ).catch(({ code }) => refused.push(`${name} ${code}`));
    },
    /** Lets the task that runs longest end, and whoever is next begin. */
    async endOne() {
      running.shift()?.();
      await idle();
    },
  };
}

/** How many others begin between somebody's coming and their turn. */
async function turnsBefore(name: string, queue: ReturnType<typeof controlled>, again: () => void) {
  const before = queue.begun.length;
  for (let turns = 0; turns < 1_000; turns++) {
    if (queue.begun.includes(name)) return queue.begun.indexOf(name) - before;
    await queue.endOne();
    again();
  }
  throw new Error(`${name} never had a turn`);
}

describe('a fair queue', () => {
  it.each([
    ['one account from one address', () => ['mallory', '198.51.100.1']],
    ['one account from 90 addresses', (i: number) => ['mallory', `198.51.100.${i % 90}`]],
    ['90 accounts from one address', (i: number) => [`mallory-${i % 90}`, '198.51.100.1']],
  ])('serves somebody new next, though 90 wait for %s and come again', async (_, flood) => {
    const queue = controlled({ atOnce: 4, waitingAtMost: 100 });
    let came = 0;
    const again = () => {
      const [account = '', address = ''] = flood(came);
      queue.come(`flood ${came++}`, account, address);
    };
    for (let i = 0; i < 90; i++) again();
    for (let i = 0; i < 40; i++) {
      await queue.endOne();
      again();
    }
    queue.come('anna');
    expect(await turnsBefore('anna', queue, again)).toBeLessThanOrEqual(1);
  });

  it('serves another account at the same address long before a flood of one account is through', async () => {
    const queue = controlled({ atOnce: 4, waitingAtMost: 100 });
    for (let i = 0; i < 90; i++) queue.come(`flood ${i}`, 'mallory', 'office');
    queue.come('anna', 'anna', 'office');
    expect(await turnsBefore('anna', queue, () => undefined)).toBeLessThanOrEqual(12);
  });

  it('refuses the flood and not somebody new when all places are taken', async () => {
    const queue = controlled({ atOnce: 1, waitingAtMost: 3 });
    for (let i = 0; i < 10; i++) queue.come(`flood ${i}`, 'mallory', '198.51.100.1');
    await idle();
    expect(queue.refused).toHaveLength(6);
    queue.come('anna');
    await idle();
    expect(queue.refused).toHaveLength(7);
    expect(queue.refused.join()).not.toContain('anna');
    expect(await turnsBefore('anna', queue, () => undefined)).toBeLessThanOrEqual(1);
  });

  it('holds nothing against an account whose flood was refused', async () => {
    const queue = controlled({ atOnce: 1, waitingAtMost: 3 });
    for (let i = 0; i < 1_000; i++) queue.come(`flood ${i}`, 'anna', `198.51.100.${i}`);
    for (let i = 0; i < 4; i++) await queue.endOne();
    queue.come('somebody');
    queue.come('anna');
    queue.come('somebody else');
    expect(await turnsBefore('anna', queue, () => undefined)).toBeLessThanOrEqual(3);
  });

  it('holds nothing against an account whose tasks had to make room', async () => {
    const queue = controlled({ atOnce: 1, waitingAtMost: 12 });
    for (let round = 0; round < 5; round++) {
      queue.come(`occupant ${round}`);
      for (let i = 0; i < 12; i++) queue.come(`flood ${i}`, 'anna', '198.51.100.1');
      for (let i = 0; i < 12; i++) queue.come(`stranger ${round}.${i}`);
      for (let i = 0; i < 13; i++) await queue.endOne();
    }
    expect(queue.refused.length).toBeGreaterThan(50);
    for (let i = 0; i < 10; i++) queue.come(`other flood ${i}`, 'mallory', '198.51.100.2');
    queue.come('anna', 'anna', '198.51.100.1');
    expect(await turnsBefore('anna', queue, () => undefined)).toBeLessThanOrEqual(2);
  });

  it('refuses the one whose turn is the latest, and of equals the newcomer', async () => {
    const queue = controlled({ atOnce: 1, waitingAtMost: 3 });
    queue.come('running');
    queue.come('anna 1', 'anna', 'a');
    queue.come('anna 2', 'anna', 'a');
    queue.come('ben', 'ben', 'b');
    queue.come('cleo', 'cleo', 'c');
    await idle();
    expect(queue.refused).toEqual(['anna 2 too-busy']);
    queue.come('dora', 'dora', 'd');
    await idle();
    expect(queue.refused).toEqual(['anna 2 too-busy', 'dora too-busy']);
    for (let i = 0; i < 4; i++) await queue.endOne();
    expect(queue.begun).toEqual(['running', 'anna 1', 'ben', 'cleo']);
  });

  it('of those whose turn is equally late refuses the one that came last', async () => {
    const queue = controlled({ atOnce: 1, waitingAtMost: 4 });
    queue.come('running');
    for (const name of ['anna', 'ben']) for (const nth of [1, 2]) queue.come(`${name} ${nth}`, name, name);
    queue.come('cleo');
    await idle();
    expect(queue.refused).toEqual(['ben 2 too-busy']);
  });

  it.each([
    ['waited for their turns', true],
    ['never had to wait', false],
  ])('gives nobody the turns that they did not use while others %s', async (_, waiting) => {
    const queue = controlled({ atOnce: 1, waitingAtMost: 100 });
    for (let i = 1; i <= 6; i++) {
      queue.come(`anna ${i}`, 'anna', 'a');
      if (!waiting && i < 6) await queue.endOne();
    }
    if (waiting) for (let i = 1; i < 6; i++) await queue.endOne();
    for (const nth of [1, 2, 3]) queue.come(`ben ${nth}`, 'ben', 'b');
    queue.come('anna 7', 'anna', 'a');
    for (let i = 0; i < 5; i++) await queue.endOne();
    expect(queue.begun.slice(5)).toEqual(['anna 6', 'ben 1', 'ben 2', 'anna 7', 'ben 3']);
  });

  it('tells beforehand whom it would refuse, and changes nothing by that', async () => {
    const queue = controlled({ atOnce: 1, waitingAtMost: 2 });
    expect(queue.isFullFor('anna')).toBe(false);
    queue.come('running');
    for (const nth of [1, 2]) {
      expect(queue.isFullFor('anna')).toBe(false);
      queue.come(`anna ${nth}`, 'anna', 'anna');
    }
    expect(queue.isFullFor('anna')).toBe(true);
    // Somebody new would take the place of the second.
    expect(queue.isFullFor('ben')).toBe(false);
    expect(queue.refused).toEqual([]);
    await queue.endOne();
    expect(queue.isFullFor('anna')).toBe(false);
    expect(queue.begun).toEqual(['running', 'anna 1']);
  });

  it('says that it is busy, and when to come again', async () => {
    const { run, mustHaveRoom } = createFairQueue({ atOnce: 1, waitingAtMost: 0, why: 'Too many.' });
    const anna = { account: 'anna', address: 'a' };
    expect(() => mustHaveRoom(anna)).not.toThrow();
    const { promise, resolve } = Promise.withResolvers<void>();
    const first = run(anna, () => promise);
    await expect(run(anna, async () => undefined)).rejects.toMatchObject({
      code: 'too-busy',
      message: 'Too many. Try again in a few seconds.',
      retryAfterSeconds: 5,
    });
    resolve();
    await first;
  });

  it('keeps the order of those who have had equally many turns', async () => {
    const queue = controlled({ atOnce: 1, waitingAtMost: 10 });
    for (const name of ['a', 'b', 'c', 'd']) queue.come(name);
    for (let i = 0; i < 4; i++) await queue.endOne();
    expect(queue.begun).toEqual(['a', 'b', 'c', 'd']);
  });

  it('goes on after a task that fails', async () => {
    const { run } = createFairQueue({ atOnce: 1, waitingAtMost: 1, why: 'Too many.' });
    const anna = { account: 'anna', address: 'a' };
    const failing = run(anna, () => Promise.reject(new Error('no memory')));
    const next = run(anna, async () => 'served');
    await expect(failing).rejects.toThrow('no memory');
    await expect(next).resolves.toBe('served');
  });
});
