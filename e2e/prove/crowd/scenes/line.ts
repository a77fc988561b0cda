import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Person } from '../../../support/shop.ts';
import { comesTrue, type Scene } from './stage.ts';

/** So much later that it is certain who came first, or was served first: see I18. */
const certainlyLaterMs = 2_500;
const impatientEveryMs = 100;
/** Nobody may be served at all. */
const soonLooks = 30;

const Joined = z.object({ id: z.string() });

/**
 * Two wait for one ticket each and somebody for two. One ticket comes free, while others try to get it, and later as
 * many as the rest wait for. The tickets are free, so nothing but the line decides who gets them.
 */
export const line: Scene = async ({ asking, look, cast, organiser, announce, order }) => {
  const [holder, early, late, couple, ...others] = cast;
  const show = await announce([{ name: 'Standing', price: 0, quantity: 2 }]);
  const kindId = show?.kinds[0]?.id;
  if (!holder || !early || !late || !couple || !show || kindId === undefined) return;
  if (!(await order(holder, show, [2]))) return;

  const isServed = async (who: Person, id: string) => (await look.entry(who, id))?.state === 'served';
  const join = async (who: Person, quantity: number) => {
    const { answer } = await asking.command(who, 'POST', '/api/waiting-list', { showId: show.id, kindId, quantity });
    return Joined.safeParse(answer?.body).data?.id;
  };
  const body = { showId: show.id, lines: [{ kindId, quantity: 1 }] };
  const makeThere = (quantity: number) =>
    asking.command(organiser, 'PUT', `/api/shows/${show.id}`, { kinds: [{ id: kindId, quantity }] });

  const first = await join(early, 1);
  await sleep(certainlyLaterMs);
  const second = await join(late, 1);
  await join(couple, 2);
  if (first === undefined || second === undefined) return;
  await sleep(certainlyLaterMs);

  const oneIsServed = async () => (await isServed(early, first)) || (await isServed(late, second));
  const served = makeThere(3).then(() => comesTrue(oneIsServed, soonLooks));
  await Promise.all(others.slice(0, 2).map((it) => tryUntil(it, served)));
  await sleep(certainlyLaterMs);
  await makeThere(6);

  /** Tries to get a ticket until somebody has it. */
  async function tryUntil(who: Person, over: Promise<unknown>): Promise<void> {
    let isOver = false;
    void over.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      const { answer } = await asking.command(who, 'POST', '/api/orders', body);
      if (answer?.status === 201) return;
      await sleep(impatientEveryMs);
    }
  }
};
