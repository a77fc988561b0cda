import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@box-office/common/testing/eventually';
import type { Person } from '../../support/shop.ts';
import type { Command } from '../history.ts';
import { type ScenesOptions, scenes } from './scenes.ts';

const organiser = { id: 'organiser' } as Person;
const untouched = null as never;

it('plays a scene again, but not before it has ended', async () => {
  const over = new AbortController();
  /** Ends each scene that has begun: a show that could not be announced is no scene. */
  const endings: (() => void)[] = [];
  const options: ScenesOptions = {
    ...{ seed: 1, random: Math.random, organisers: [organiser], buyers: [], calm: true },
    ...{ look: untouched, pay: untouched, platform: { stripe: {}, operator: {} } as never },
    asking: {
      command: () => new Promise((resolve) => endings.push(() => resolve({} as Command))),
      onceHeard: (ask) => ask(),
    },
    names: ['cancelling', 'cancelling'],
    againAfterMs: 1,
    signal: over.signal,
    linger: (what) => void what(),
  };
  const { play, done } = scenes(options);
  const played = play();
  await eventually(() => expect(endings).toHaveLength(2));
  await sleep(50);
  expect(endings).toHaveLength(2);

  endings[0]?.();
  await eventually(() => expect(endings).toHaveLength(3));
  await sleep(50);
  expect(endings).toHaveLength(3);
  expect(done.scenes).toBe(3);
  over.abort();
  await played;
});
